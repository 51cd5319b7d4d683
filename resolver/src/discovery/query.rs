//! The input of discovery: a library's entry with its conditions answered for one target.

use std::path::PathBuf;

use inert_manifest_spec::{Condition, Guarded, Item, Library, LinkKind, Truth, VersionRange};

use crate::pkgconf;
use crate::request::{LibrarySource, Request};
use crate::world::World;

/// A library to look for.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    /// The library's key in the `library` table.
    pub name: &'a str,
    /// The library's entry in the declaration.
    pub library: &'a Library,
    /// Target, host and policy.
    pub request: &'a Request,
    /// The modules to ask pkg-config for, in order.
    pub modules: Vec<String>,
    /// The accepted versions.
    pub version: VersionRange,
    /// The names of vcpkg's ports, in order.
    pub ports: Vec<String>,
    /// The names of its files, as after `-l`.
    pub libs: Vec<String>,
    /// The names of its files for a folder that the user names: `libs`, else that of the archive that is built in its
    /// stead, since an archive that stands in for a library has the library's name.
    pub files: Vec<String>,
    /// The names of Apple frameworks.
    pub frameworks: Vec<String>,
    /// The kind of linking that the declaration requests.
    pub kind: Option<LinkKind>,
    /// The modifiers of the libraries that `libs` names.
    pub modifiers: Vec<String>,
    /// The kind of linking that the policy sets.
    pub policy_kind: Option<LinkKind>,
    /// The folder that the policy sets for the library.
    pub prefix: Option<PathBuf>,
    /// The folders of `.pc` files that a variable of the crate names, searched before all others.
    pub pc_folders: Vec<PathBuf>,
    /// True if the prefix is set for all libraries, so that this one may simply be missing from it.
    pub prefix_of_all: bool,
}

/// The role of a variable of the caller's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the schema's roles")]
pub enum EnvRole {
    Dir,
    LibDir,
    PkgConfigDir,
    IncludeDir,
    Libs,
    Static,
    Dynamic,
    Version,
    NoPkgConfig,
    NoVcpkg,
    UseSystem,
    BuildSource,
}

/// The roles: the key in `env`, and the ending after `env-prefix`, if the prefix applies to the role.
const ROLES: &[(EnvRole, &str, Option<&str>)] = &[
    (EnvRole::Dir, "dir", Some("_DIR")),
    (EnvRole::LibDir, "lib-dir", Some("_LIB_DIR")),
    (EnvRole::PkgConfigDir, "pkg-config-dir", None),
    (EnvRole::IncludeDir, "include-dir", Some("_INCLUDE_DIR")),
    (EnvRole::Libs, "libs", Some("_LIBS")),
    (EnvRole::Static, "static", Some("_STATIC")),
    (EnvRole::Dynamic, "dynamic", None),
    (EnvRole::Version, "version", None),
    (EnvRole::NoPkgConfig, "no-pkg-config", Some("_NO_PKG_CONFIG")),
    (EnvRole::NoVcpkg, "no-vcpkg", Some("_NO_VCPKG")),
    (EnvRole::UseSystem, "use-system", None),
    (EnvRole::BuildSource, "build-source", None),
];

/// The origin of a requested kind of linking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindReason {
    /// `[library-kind]` in inert.toml; if that kind is not available, it is an error.
    Policy,
    /// `kind` in the declaration.
    Declared,
    /// A variable, by its name.
    Variable(String),
}

impl KindReason {
    /// Returns the beginning of a sentence about the request.
    #[must_use]
    pub fn describe(&self, kind: LinkKind) -> String {
        let (linking, declared) = match kind {
            LinkKind::Static => ("static linking", "static"),
            _ => ("shared linking", "dylib"),
        };
        match self {
            Self::Policy => format!("inert.toml asks for {linking}"),
            Self::Declared => {
                format!("the package's declaration asks for {linking} (`kind = \"{declared}\"`)")
            }
            Self::Variable(name) => format!("{name} asks for {linking}"),
        }
    }
}

/// Returns the names of the variables of a role, most specific first.
fn variables(library: &Library, request: &Request, role: EnvRole) -> Vec<String> {
    let Some((_, key, suffix)) = ROLES.iter().find(|(known, ..)| *known == role) else {
        return Vec::new();
    };
    let listed = library.env.get(*key).into_iter().flatten().cloned();
    let prefixed = library.env_prefix.iter().zip(*suffix).map(|(prefix, suffix)| format!("{prefix}{suffix}"));
    let shout = request.target.triple.to_uppercase().replace('-', "_");
    let mut names = Vec::new();
    for name in listed.chain(prefixed) {
        // openssl-sys puts the target before the name, most other crates after it.
        names.push(format!("{shout}_{name}"));
        names.push(format!("{name}_{}", request.target.triple));
        names.push(format!("{name}_{}", request.target.triple.replace('-', "_")));
        names.push(name);
    }
    names
}

/// Returns the library's source that the crate's own variables select, with the variable: `build-source` or
/// `use-system`, if set and not `0`.
///
/// # Errors
/// Both variables are set.
pub fn source_by_variable(
    library: &Library,
    request: &Request,
    world: &mut World,
) -> Result<Option<(LibrarySource, String)>, String> {
    let mut on = |role| {
        let names = variables(library, request, role);
        let set = names.into_iter().find_map(|name| world.env_text(&name).map(|value| (name, value)));
        set.filter(|(_, value)| value != "0").map(|(name, _)| name)
    };
    match (on(EnvRole::BuildSource), on(EnvRole::UseSystem)) {
        (Some(build), Some(system)) => Err(format!(
            "{build} asks for a build from source, and {system} for the system's: unset one of them"
        )),
        (Some(build), None) => Ok(Some((LibrarySource::SourceOnly, build))),
        (None, Some(system)) => Ok(Some((LibrarySource::SystemOnly, system))),
        (None, None) => Ok(None),
    }
}

impl<'a> Query<'a> {
    /// Lowers an entry. A condition whose value is not known is an error, since nothing uncertain is accepted.
    pub(super) fn new(
        library: &'a Library,
        name: &'a str,
        request: &'a Request,
        world: &mut World,
        truth: &mut dyn FnMut(&Condition, &mut World) -> Truth,
    ) -> Result<Self, String> {
        let mut lower = Lower { name, truth, world };
        let (modules, libs) = (lower.list(&library.pkg_config)?, lower.list(&library.libs)?);
        let names: Vec<&str> =
            std::iter::once(name).chain(modules.iter().chain(&libs).map(String::as_str)).collect();
        Ok(Self {
            name,
            library,
            request,
            policy_kind: request.libraries.kind(&names),
            prefix: request.libraries.prefix(&names).cloned(),
            pc_folders: Vec::new(),
            prefix_of_all: !request.libraries.names_prefix(&names),
            version: lower.value(library.version.as_ref())?.unwrap_or_default(),
            ports: lower.list(&library.vcpkg)?,
            modules: modules.clone(),
            files: if libs.is_empty() { library.fallback.iter().cloned().collect() } else { libs.clone() },
            libs: libs.clone(),
            frameworks: lower.list(&library.frameworks)?,
            kind: lower.value(library.kind.as_ref())?,
            modifiers: lower.list(&library.modifiers)?,
        })
    }

    /// Returns the names of the variables of a role, most specific first.
    #[must_use]
    pub fn variables(&self, role: EnvRole) -> Vec<String> {
        variables(self.library, self.request, role)
    }

    /// Returns the value of a role's variable, with the name that it was found under.
    pub fn variable(&self, role: EnvRole, world: &mut World) -> Option<(String, String)> {
        self.variables(role).into_iter().find_map(|name| world.env_text(&name).map(|value| (name, value)))
    }

    /// Returns whether a role's switch is on, that is set and not `0`, with the variable's name.
    pub fn switch(&self, role: EnvRole, world: &mut World) -> Option<(String, bool)> {
        self.variable(role, world).map(|(name, value)| (name, value != "0"))
    }

    /// Returns the folders in a role's variable, separated as on the host. A variable without folders counts as
    /// unset.
    pub fn folders(&self, role: EnvRole, world: &mut World) -> Option<(String, Vec<PathBuf>)> {
        let (name, value) = self.variable(role, world)?;
        let separator = if self.host_is_windows() { ';' } else { ':' };
        let folders: Vec<PathBuf> =
            value.split(separator).filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        (!folders.is_empty()).then_some((name, folders))
    }

    /// Returns whether the host, where the build runs, is Windows.
    #[must_use]
    pub fn host_is_windows(&self) -> bool {
        self.request.host.contains("windows")
    }

    /// Returns the requested kind of linking and its origin: the policy, the crate's own variable, the declaration,
    /// or the variables of the `pkg-config` crate for `module`, in the crate's order.
    pub fn wants(&self, module: Option<&str>, world: &mut World) -> Option<(LinkKind, KindReason)> {
        let kind = |is_static: bool| if is_static { LinkKind::Static } else { LinkKind::Dylib };
        if let Some(kind) = self.policy_kind {
            return Some((kind, KindReason::Policy));
        }
        if let Some((name, on)) = self.switch(EnvRole::Static, world) {
            return Some((kind(on), KindReason::Variable(name)));
        }
        if let Some((name, true)) = self.switch(EnvRole::Dynamic, world) {
            return Some((LinkKind::Dylib, KindReason::Variable(name)));
        }
        if let Some(kind) = self.kind {
            return Some((kind, KindReason::Declared));
        }
        let module = module?.to_ascii_uppercase().replace('-', "_");
        [
            (format!("{module}_STATIC"), true),
            (format!("{module}_DYNAMIC"), false),
            ("PKG_CONFIG_ALL_STATIC".to_owned(), true),
            ("PKG_CONFIG_ALL_DYNAMIC".to_owned(), false),
        ]
        .into_iter()
        .find(|(name, _)| world.env(name).is_some())
        .map(|(name, on)| (kind(on), KindReason::Variable(name)))
    }

    /// Returns the origin of a request for static linking, if that is the kind that counts.
    pub fn wants_static(&self, module: Option<&str>, world: &mut World) -> Option<KindReason> {
        self.wants(module, world).filter(|(kind, _)| *kind == LinkKind::Static).map(|(_, reason)| reason)
    }

    /// Returns whether `libs` are names of files.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.modifiers.iter().any(|modifier| modifier == "+verbatim")
    }

    /// Returns the reason why a version is not accepted; `None` if it is.
    #[must_use]
    pub fn rejects(&self, version: &str) -> Option<String> {
        let wanted =
            self.version.comparisons.iter().find(|test| {
                !pkgconf::Operator::parse(&test.operator.to_string()).holds(version, &test.value)
            })?;
        Some(format!("its version is {version}, and {} {} is needed", wanted.operator, wanted.value))
    }

    /// Returns the range as written, for messages.
    #[must_use]
    pub fn range(&self) -> String {
        let parts: Vec<_> =
            self.version.comparisons.iter().map(|test| format!("{}{}", test.operator, test.value)).collect();
        parts.join(", ")
    }
}

/// Answers the conditions of an entry's values.
struct Lower<'w, 't> {
    name: &'w str,
    truth: &'t mut dyn FnMut(&Condition, &mut World) -> Truth,
    world: &'w mut World,
}

impl Lower<'_, '_> {
    fn stands(&mut self, when: Option<&Condition>) -> Result<bool, String> {
        match when.map_or(Truth::Yes, |condition| (self.truth)(condition, self.world)) {
            Truth::Yes => Ok(true),
            Truth::No => Ok(false),
            Truth::Unknown => {
                Err(format!("a condition in `library.{}` depends on what is not known here", self.name))
            }
        }
    }

    fn list<T: Clone>(&mut self, items: &[Item<T>]) -> Result<Vec<T>, String> {
        let mut list = Vec::new();
        for item in items {
            if !item.otherwise && self.stands(item.when.as_ref())? {
                list.push(item.value.clone());
            }
        }
        if list.is_empty() {
            list.extend(items.iter().filter(|item| item.otherwise).map(|item| item.value.clone()));
        }
        Ok(list)
    }

    fn value<T: Clone>(&mut self, guarded: Option<&Guarded<T>>) -> Result<Option<T>, String> {
        let Some(guarded) = guarded else { return Ok(None) };
        let mut list = self.list(&guarded.alternatives)?;
        if list.len() > 1 {
            return Err(format!("two alternatives of one value in `library.{}` hold at once", self.name));
        }
        Ok(list.pop())
    }
}
