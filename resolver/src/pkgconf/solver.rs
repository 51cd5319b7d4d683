//! The graph of modules: checks that every requirement is met, and gathers flags in a walk.

use std::rc::Rc;

use super::config::Config;
use super::dependency::Dependency;
use super::file::Package;
use super::fragment::{self, Fragment};
use super::packages::{Found, Packages};
use super::problem::{Conflict, Problem, VersionMismatch};
use super::source::{PackageId, PcSource};
use super::variables::single_slashes;

/// The greatest number of visits: modules are visited once for each path to them, and a graph may have too many
/// paths.
const MOST_VISITS: usize = 2_000_000;

/// Reads modules and answers queries; modules that were read are kept.
pub struct Client<'a> {
    config: Config,
    packages: Packages<'a>,
    edges: Vec<Edges>,
}

/// The result of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The requested modules, in order.
    pub modules: Vec<PackageId>,
    /// The flags of `--cflags`.
    pub cflags: Vec<Fragment>,
    /// The flags of `--libs`.
    pub libs: Vec<Fragment>,
}

/// The flags that a query is for. `--cflags` needs the private requirements to exist, `--libs` alone does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// True if the query includes `--cflags`.
    pub cflags: bool,
    /// True if the query includes `--libs`.
    pub libs: bool,
}

/// The modules that a module's requirements lead to, once they were looked up.
#[derive(Clone, Default)]
struct Edges {
    public: Vec<Option<Result<PackageId, Problem>>>,
    private: Vec<Option<Result<PackageId, Problem>>>,
    seen: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Public,
    Private,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gather {
    Nothing,
    Cflags,
    PrivateCflags,
    Libs,
}

impl<'a> Client<'a> {
    /// Makes a reader with that configuration.
    pub fn new(source: &'a mut dyn PcSource, config: Config) -> Self {
        let packages = Packages::new(source, &config);
        Self { config, packages, edges: Vec::new() }
    }

    /// Returns the configuration of the reader.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns a module that was read.
    #[must_use]
    pub fn package(&self, id: PackageId) -> &Package {
        &self.packages.all[id]
    }

    /// Returns a variable of a module, as `--variable` does; a definition from outside has priority over the
    /// file's.
    #[must_use]
    pub fn variable(&self, id: PackageId, name: &str) -> Option<&str> {
        self.packages.globals.get(name).or_else(|| self.packages.all[id].variable(name))
    }

    /// Returns the files that were skipped, and peculiarities of others.
    #[must_use]
    pub fn passed_over(&self) -> &[Problem] {
        &self.packages.passed_over
    }

    /// Queries modules together, as `pkgconf --cflags --libs a b` does.
    ///
    /// # Errors
    /// Everything that is missing or not accepted, at once.
    pub fn query(&mut self, modules: &[Dependency], want: Want) -> Result<Answer, Vec<Problem>> {
        let root: Rc<[Dependency]> = modules.into();
        // pkgconf checks the graph first, with private requirements only if it links statically.
        let found = self.walk(&root, Gather::Nothing, self.config.is_static)?.roots;
        let mut answer = Answer { modules: found, ..Answer::default() };
        if want.cflags {
            let walk = self.walk(&root, Gather::Cflags, true)?;
            let mut cflags = walk.list;
            if walk.passed_internal {
                // The flags of internal requirements are not for users, but the modules must exist.
                self.walk(&root, Gather::Nothing, true)?;
            }
            if self.merges_private() {
                cflags = self.walk_into(&root, Gather::PrivateCflags, true, cflags)?.list;
            }
            cflags.retain(|fragment| self.config.keep_system_cflags || !self.is_system(fragment));
            answer.cflags = cflags;
        }
        if want.libs {
            let mut libs = self.walk(&root, Gather::Libs, self.config.is_static)?.list;
            libs.retain(|fragment| self.config.keep_system_libs || !self.is_system(fragment));
            answer.libs = libs;
        }
        Ok(answer)
    }

    fn merges_private(&self) -> bool {
        self.config.is_static && !self.config.pure
    }

    fn is_system(&self, fragment: &Fragment) -> bool {
        let folders = match fragment.kind {
            Some('L') => &self.config.system_library_paths,
            Some('I') => &self.config.system_include_paths,
            _ => return false,
        };
        let path = single_slashes(&fragment.text);
        folders.contains(&path)
    }

    fn walk(&mut self, root: &Rc<[Dependency]>, gather: Gather, private: bool) -> Result<Walk, Vec<Problem>> {
        self.walk_into(root, gather, private, Vec::new())
    }

    fn walk_into(
        &mut self,
        root: &Rc<[Dependency]>,
        gather: Gather,
        search_private: bool,
        list: Vec<Fragment>,
    ) -> Result<Walk, Vec<Problem>> {
        let mut walk = Walk {
            gather,
            search_private,
            in_private: false,
            list,
            roots: Vec::new(),
            problems: Vec::new(),
            passed_internal: false,
            visits: 0,
        };
        for dependency in root.iter().filter(|dependency| !dependency.module.is_empty()) {
            match self.resolve(dependency, None) {
                Ok(id) => {
                    walk.roots.push(id);
                    self.descend(&mut walk, id, dependency, self.config.maximum_depth - 1);
                }
                Err(problem) => walk.report(problem),
            }
        }
        if walk.roots.is_empty() && walk.problems.is_empty() {
            walk.problems.push(Problem::NotFound { module: String::new(), required_by: None });
        }
        if walk.problems.is_empty() { Ok(walk) } else { Err(walk.problems) }
    }

    /// Visits a module unless it is being visited already. Returns false if there was a problem.
    fn descend(&mut self, walk: &mut Walk, id: PackageId, dependency: &Dependency, depth: usize) -> bool {
        let internal = matches!(walk.gather, Gather::Cflags | Gather::PrivateCflags) && dependency.internal;
        self.edges.resize_with(self.edges.len().max(id + 1), Edges::default);
        if self.edges[id].seen || internal {
            walk.passed_internal |= internal;
            return true;
        }
        self.edges[id].seen = true;
        let fine = self.visit(walk, id, depth);
        self.edges[id].seen = false;
        fine
    }

    fn visit(&mut self, walk: &mut Walk, id: PackageId, depth: usize) -> bool {
        walk.visits += 1;
        if walk.visits > MOST_VISITS {
            let module = self.packages.all[id].id.clone();
            walk.report(Problem::TooLarge { module, visits: MOST_VISITS });
            return false;
        }
        if depth == 0 {
            return true;
        }
        self.gather(walk, id);
        if !self.config.ignore_conflicts
            && let Some(conflict) = self.conflict(id)
        {
            walk.report(conflict);
            return false;
        }
        if !self.walk_list(walk, id, List::Public, depth) {
            return false;
        }
        if !walk.search_private {
            return true;
        }
        // As in pkgconf, entries after a nested private list no longer count as private.
        walk.in_private = true;
        let fine = self.walk_list(walk, id, List::Private, depth);
        walk.in_private = false;
        fine
    }

    fn walk_list(&mut self, walk: &mut Walk, id: PackageId, list: List, depth: usize) -> bool {
        let mut fine = true;
        for at in 0..self.list(id, list).len() {
            if self.list(id, list)[at].module.is_empty() {
                continue;
            }
            match self.edge(id, list, at) {
                Ok(next) => {
                    let internal = self.list(id, list)[at].internal;
                    let dependency = Dependency {
                        module: String::new(),
                        operator: super::dependency::Operator::Any,
                        version: None,
                        internal,
                    };
                    fine &= self.descend(walk, next, &dependency, depth - 1);
                }
                Err(problem) => {
                    walk.report(problem);
                    fine = false;
                }
            }
            if walk.visits > MOST_VISITS {
                return false;
            }
        }
        fine
    }

    fn list(&self, id: PackageId, list: List) -> &[Dependency] {
        let package = &self.packages.all[id];
        match list {
            List::Public => &package.requires,
            List::Private => &package.requires_private,
        }
    }

    fn edge(&mut self, id: PackageId, list: List, at: usize) -> Result<PackageId, Problem> {
        let known = match list {
            List::Public => self.edges[id].public.get(at),
            List::Private => self.edges[id].private.get(at),
        };
        if let Some(Some(known)) = known {
            return known.clone();
        }
        let dependency = self.list(id, list)[at].clone();
        let found = self.resolve(&dependency, Some(id));
        let edges = match list {
            List::Public => &mut self.edges[id].public,
            List::Private => &mut self.edges[id].private,
        };
        edges.resize(edges.len().max(at + 1), None);
        edges[at] = Some(found.clone());
        found
    }

    fn resolve(&mut self, wanted: &Dependency, parent: Option<PackageId>) -> Result<PackageId, Problem> {
        let found = self.packages.find(&self.config, wanted);
        let required_by = parent.map(|parent| self.packages.all[parent].id.clone());
        let (id, provided) = match found {
            Some(Found::Named(id)) => (id, false),
            Some(Found::Provider(id)) => (id, true),
            None => return Err(Problem::NotFound { module: wanted.module.clone(), required_by }),
        };
        let package = &self.packages.all[id];
        // A provider was chosen by its `Provides`; its own version is not that of the requirement.
        if provided || wanted.accepts(&package.version) {
            return Ok(id);
        }
        Err(Problem::Version(Box::new(VersionMismatch {
            module: wanted.module.clone(),
            found: package.version.clone(),
            operator: wanted.operator.as_str(),
            wanted: wanted.version.clone().unwrap_or_default(),
            path: package.path.clone(),
            required_by,
        })))
    }

    /// Returns a conflict between the module and a module that it requires itself.
    fn conflict(&mut self, id: PackageId) -> Option<Problem> {
        if self.packages.all[id].conflicts.is_empty() {
            return None;
        }
        let package = self.packages.all[id].clone();
        for rule in package.conflicts.iter().filter(|rule| !rule.module.is_empty()) {
            if !package.requires.iter().any(|required| required.module == rule.module) {
                continue;
            }
            if let Ok(other) = self.resolve(rule, Some(id)) {
                let other = &self.packages.all[other];
                let mut text = rule.module.clone();
                if let Some(version) = &rule.version {
                    text = format!("{text} {} {version}", rule.operator.as_str());
                }
                return Some(Problem::Conflict(Box::new(Conflict {
                    module: package.id,
                    path: package.path,
                    other: other.id.clone(),
                    found: other.version.clone(),
                    rule: text,
                })));
            }
        }
        None
    }

    fn gather(&self, walk: &mut Walk, id: PackageId) {
        let package = &self.packages.all[id];
        let (first, second): (&[Fragment], &[Fragment]) = match walk.gather {
            Gather::Nothing => return,
            Gather::Cflags => (&package.cflags, &[]),
            Gather::PrivateCflags => (&[], &package.cflags_private),
            Gather::Libs => (&package.libs, if self.merges_private() { &package.libs_private } else { &[] }),
        };
        let private = walk.gather == Gather::Libs && walk.in_private;
        first.iter().for_each(|fragment| fragment::copy(&mut walk.list, fragment, private));
        second.iter().for_each(|fragment| fragment::copy(&mut walk.list, fragment, true));
    }
}

struct Walk {
    gather: Gather,
    search_private: bool,
    in_private: bool,
    list: Vec<Fragment>,
    roots: Vec<PackageId>,
    problems: Vec<Problem>,
    /// True if a requirement was skipped because its flags are not for users.
    passed_internal: bool,
    visits: usize,
}

impl Walk {
    fn report(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
