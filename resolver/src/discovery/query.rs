//! What is looked for: a library's entry with its conditions answered for one target.

use std::path::PathBuf;

use inert_manifest_spec::{Condition, Guarded, Item, Library, LinkKind, Truth, VersionRange};

use crate::pkgconf;
use crate::request::{LibrarySource, Request};
use crate::world::World;

/// A library to be looked for.
#[derive(Debug)]
pub struct Query<'a> {
    /// Its key in the `library` table.
    pub name: &'a str,
    /// The entry.
    pub library: &'a Library,
    /// Target, host and policy.
    pub request: &'a Request,
    /// Modules to ask pkg-config for, in order.
    pub modules: Vec<String>,
    /// Versions that will do.
    pub version: VersionRange,
    /// vcpkg's ports, in order.
    pub ports: Vec<String>,
    /// Names as after `-l`.
    pub libs: Vec<String>,
    /// Frameworks.
    pub frameworks: Vec<String>,
    /// How it is to be linked, as the declaration says.
    pub kind: Option<LinkKind>,
    /// Modifiers of what `libs` names.
    pub modifiers: Vec<String>,
    /// How it is to be linked, by the user's word.
    pub policy_kind: Option<LinkKind>,
    /// Where it lies, by the user's word.
    pub prefix: Option<PathBuf>,
    /// The prefix is for all libraries: that this one is not there says no more than that it is missing.
    pub prefix_of_all: bool,
}

/// What a variable of the caller's environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the schema's roles")]
pub enum EnvRole {
    Dir,
    LibDir,
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

/// Roles: the key in `env`, and what follows `env-prefix`, if the prefix gives it.
const ROLES: &[(EnvRole, &str, Option<&str>)] = &[
    (EnvRole::Dir, "dir", Some("_DIR")),
    (EnvRole::LibDir, "lib-dir", Some("_LIB_DIR")),
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

/// Who says how a library is to be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindReason {
    /// `[library-kind]` in inert.toml: where it cannot be had, that is an error.
    Policy,
    /// `kind` in the declaration.
    Declared,
    /// A variable, by its name.
    Variable(String),
}

impl KindReason {
    /// For a sentence that begins with it.
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

/// The names of the variables of a role, most specific first.
fn variables(library: &Library, request: &Request, role: EnvRole) -> Vec<String> {
    let Some((_, key, suffix)) = ROLES.iter().find(|(known, ..)| *known == role) else {
        return Vec::new();
    };
    let listed = library.env.get(*key).into_iter().flatten().cloned();
    let prefixed = library.env_prefix.iter().zip(*suffix).map(|(prefix, suffix)| format!("{prefix}{suffix}"));
    let shout = request.target.triple.to_uppercase().replace('-', "_");
    let mut names = Vec::new();
    for name in listed.chain(prefixed) {
        // openssl-sys puts the target before the name, most others behind it.
        names.push(format!("{shout}_{name}"));
        names.push(format!("{name}_{}", request.target.triple));
        names.push(format!("{name}_{}", request.target.triple.replace('-', "_")));
        names.push(name);
    }
    names
}

/// Where the crate's own variables say that the library comes from, with the variable that says so: `build-source` and
/// `use-system`, set and not `0`.
///
/// # Errors
/// Both are set.
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
    /// Lowers an entry. A condition that cannot be known is an error: what is not certain is refused.
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
            prefix_of_all: !request.libraries.names_prefix(&names),
            version: lower.value(library.version.as_ref())?.unwrap_or_default(),
            ports: lower.list(&library.vcpkg)?,
            modules: modules.clone(),
            libs: libs.clone(),
            frameworks: lower.list(&library.frameworks)?,
            kind: lower.value(library.kind.as_ref())?,
            modifiers: lower.list(&library.modifiers)?,
        })
    }

    /// The names of the variables of a role, most specific first.
    #[must_use]
    pub fn variables(&self, role: EnvRole) -> Vec<String> {
        variables(self.library, self.request, role)
    }

    /// The value of a role's variable, with the name it was found under.
    pub fn variable(&self, role: EnvRole, world: &mut World) -> Option<(String, String)> {
        self.variables(role).into_iter().find_map(|name| world.env_text(&name).map(|value| (name, value)))
    }

    /// Whether a role's switch is on: set, and not `0`.
    pub fn switch(&self, role: EnvRole, world: &mut World) -> Option<(String, bool)> {
        self.variable(role, world).map(|(name, value)| (name, value != "0"))
    }

    /// Folders in a role's variable, as the host separates them. A variable that names none is as good as unset.
    pub fn folders(&self, role: EnvRole, world: &mut World) -> Option<(String, Vec<PathBuf>)> {
        let (name, value) = self.variable(role, world)?;
        let separator = if self.host_is_windows() { ';' } else { ':' };
        let folders: Vec<PathBuf> =
            value.split(separator).filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        (!folders.is_empty()).then_some((name, folders))
    }

    /// Whether the build runs on Windows.
    #[must_use]
    pub fn host_is_windows(&self) -> bool {
        self.request.host.contains("windows")
    }

    /// How it is asked to be linked, and by whom: the user, the crate's own variable, the declaration, or the
    /// variables of the `pkg-config` crate for `module`, in its order.
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

    /// Who asks for static linking, if anyone does who is heeded.
    pub fn wants_static(&self, module: Option<&str>, world: &mut World) -> Option<KindReason> {
        self.wants(module, world).filter(|(kind, _)| *kind == LinkKind::Static).map(|(_, reason)| reason)
    }

    /// Whether `libs` are names of files.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.modifiers.iter().any(|modifier| modifier == "+verbatim")
    }

    /// Why a version does not do; `None` where it does.
    #[must_use]
    pub fn rejects(&self, version: &str) -> Option<String> {
        let wanted =
            self.version.comparisons.iter().find(|test| {
                !pkgconf::Operator::parse(&test.operator.to_string()).holds(version, &test.value)
            })?;
        Some(format!("its version is {version}, and {} {} is needed", wanted.operator, wanted.value))
    }

    /// The range as written, for messages.
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
