//! The environment of a script: variables that Cargo sets, and variables of the caller.

use std::rc::Rc;

use inert_manifest_spec::Fact;
use inert_manifest_spec::rules::names;

use super::Call;
use crate::interp::Interp;
use crate::logic::{Guard, targets};
use crate::semantics::SANITIZERS;
use crate::value::{Cases, Sym, Text, TextType, Value};

/// The variables of the package's version and name, with the schema's name for each.
const VERSION_PARTS: &[(&str, &str)] = &[
    ("CARGO_PKG_VERSION", "package.version"),
    ("CARGO_PKG_VERSION_MAJOR", "package.version.major"),
    ("CARGO_PKG_VERSION_MINOR", "package.version.minor"),
    ("CARGO_PKG_VERSION_PATCH", "package.version.patch"),
    ("CARGO_PKG_VERSION_PRE", "package.version.pre"),
    ("CARGO_PKG_NAME", "package.name"),
];

/// Returns a constant of `std::env::consts`. It is about the host, which the script is compiled for.
pub(super) fn constant(interp: &mut Interp<'_>, path: &str) -> Option<Cases> {
    let name = path.strip_prefix("std::env::consts::")?;
    let of: fn(&targets::Target) -> &'static str = match name {
        "OS" => |host| if matches!(host.os, "none" | "unknown") { "" } else { host.os },
        "ARCH" => |host| host.arch,
        "FAMILY" => {
            |host| ["unix", "windows", "wasm"].into_iter().find(|f| host.families.contains(f)).unwrap_or("")
        }
        "EXE_SUFFIX" => |host| if host.os == "windows" { ".exe" } else { "" },
        "EXE_EXTENSION" => |host| if host.os == "windows" { "exe" } else { "" },
        "DLL_PREFIX" => |host| if host.families.contains(&"unix") { "lib" } else { "" },
        "DLL_SUFFIX" => |host| match (host.os, host.vendor) {
            ("windows", _) => ".dll",
            (_, "apple") => ".dylib",
            _ => ".so",
        },
        "DLL_EXTENSION" => |host| match (host.os, host.vendor) {
            ("windows", _) => "dll",
            (_, "apple") => "dylib",
            _ => "so",
        },
        _ => return None,
    };
    let mut texts: Vec<&str> = targets::all().iter().map(of).collect();
    texts.sort_unstable();
    texts.dedup();
    let parts = texts
        .into_iter()
        .map(|text| (interp.host_where(&|host| of(host) == text), Cases::str(text)))
        .collect();
    Some(interp.inputs.join(parts))
}

/// Models `env::var`, `env::var_os`, `env::vars` and the other functions of `std::env`.
pub(super) fn call(interp: &mut Interp<'_>, call: &Call<'_>) -> Option<Cases> {
    let name = call.path.strip_prefix("std::env::")?;
    Some(match name {
        "var" | "var_os" => {
            let wanted = interp.deref_all(&call.arg(0));
            let found = interp.each(&wanted, |interp, wanted| {
                let Value::Text(wanted) = wanted else {
                    return interp.unknown("a variable's name is not known");
                };
                interp.ask(wanted, "a variable's name", &mut |interp, flat| {
                    let text = Text::from_flat(flat.iter().cloned());
                    let wanted = match text.as_lit() {
                        Some(text) => text.to_owned(),
                        None => return None,
                    };
                    Some(interp.variable_of(&wanted))
                })
            });
            if name == "var_os" {
                return Some(found);
            }
            let absent = Cases::of(Value::Enum(Rc::new(crate::value::EnumValue {
                name: "VarError".into(),
                variant: "NotPresent".into(),
                fields: vec![],
            })));
            interp.each(&found, |_, found| match found {
                Value::Enum(found) if &*found.variant == "Some" => Cases::ok(found.fields[0].1.clone()),
                _ => Cases::err(absent.clone()),
            })
        }
        "set_var" => {
            let (wanted, value) = (call.arg(0), interp.deref_all(&call.arg(1)));
            let wanted = wanted.literal()?.to_owned();
            set(interp, &wanted, Cases::some(value));
            Cases::unit()
        }
        "remove_var" => {
            let wanted = call.arg(0).literal()?.to_owned();
            set(interp, &wanted, Cases::none());
            Cases::unit()
        }
        "current_dir" => Cases::ok(interp.sym(Sym::ManifestDir)),
        "vars" | "vars_os" => all_variables(interp),
        "split_paths" => {
            let paths = interp.deref_all(&call.arg(0));
            match paths.single() {
                Some(Value::Text(text)) if text.as_lit().is_some() => {
                    Cases::list(text.as_lit().unwrap_or_default().split(':').map(Cases::str))
                }
                Some(Value::Text(text)) => return super::path_list::of(interp, text),
                _ => return None,
            }
        }
        "join_paths" => {
            let items = interp.items_of(&call.arg(0));
            let list = Cases::seq(items);
            let joined = interp.call_method(&list, "join", &[Cases::str(":")], None, &[]);
            Cases::ok(joined)
        }
        "args" => Cases::list([Cases::text(Text::sym(Sym::Opaque("the script's own path".into())))]),
        "current_exe" => Cases::ok(Cases::text(Text::sym(Sym::Opaque("the script's own path".into())))),
        // rustc may put output here that is not used.
        "temp_dir" => Cases::text(Text::sym(Sym::Opaque("the folder for temporary files".into()))),
        _ => return None,
    })
}

fn set(interp: &mut Interp<'_>, name: &str, value: Cases) {
    if interp.dead() {
        return;
    }
    let old = interp.variable_of(name);
    let elsewhere = interp.inputs.not(interp.pc);
    // The old value is read on all paths, since it remains on the others.
    let path = interp.pc;
    interp.pc = Guard::TRUE;
    let old_everywhere = if elsewhere.is_false() { old } else { interp.variable_of(name) };
    interp.pc = path;
    let joined = interp.inputs.join(vec![(elsewhere, old_everywhere), (path, value)]);
    interp.env_overlay.insert(name.to_owned(), joined);
    let changed = interp.env_changed.get(name).copied().unwrap_or(Guard::FALSE);
    let changed = interp.inputs.or(changed, path);
    interp.env_changed.insert(name.to_owned(), changed);
}

/// A tool that reads variables which a script sets for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// Compilers of C, pkg-config and the other tools for native code, with their own variables and Cargo's.
    Native,
    /// rustc, and helper crates that run it.
    Rustc,
}

/// Parts of the names of variables that compilers of C, archivers, pkg-config, vcpkg, system-deps and the helpers that
/// start them read. The list is deliberately too long.
const NATIVE: &[&str] = &[
    "AR",
    "CC",
    "CLANG",
    "CXX",
    "FLAGS",
    "LD",
    "PATH",
    "INCLUDE",
    "LIB",
    "PKG_CONFIG",
    "VCPKG",
    "SYSTEM_DEPS",
    "STATIC",
    "DYNAMIC",
    "CARGO",
    "TARGET",
    "HOST",
    "OUT_DIR",
    "OPT_LEVEL",
    "DEBUG",
    "PROFILE",
    "NUM_JOBS",
    "SDK",
    "TMP",
    "TEMP",
    "VC",
    "WINDOWS",
    "LANG",
    "LC_",
];

/// Records residue where the script has changed a variable that the tool reads, since a stand-in's tools see the
/// caller's value.
pub(super) fn seen_by(interp: &mut Interp<'_>, tool: Tool) {
    let rusts = |name: &str| name.starts_with("RUST");
    let loaders = |name: &str| name == "PATH" || name.starts_with("LD_") || name.starts_with("DYLD_");
    let seen: Vec<(String, Guard)> = interp
        .env_changed
        .iter()
        .filter(|(name, _)| match tool {
            Tool::Native => NATIVE.iter().any(|word| name.contains(word)),
            Tool::Rustc => rusts(name) || loaders(name) || name.starts_with("CARGO_"),
        })
        .map(|(name, guard)| (name.clone(), *guard))
        .collect();
    for (name, guard) in seen {
        interp.unknown_where(
            guard,
            &format!("what ${name}, which the script sets, does to a tool is not understood"),
        );
    }
}

/// Returns whether Cargo sets a variable when a script runs. While the script is compiled, the variable has the
/// caller's value.
fn set_for_runs(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "TARGET",
        "HOST",
        "OUT_DIR",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "NUM_JOBS",
        "RUSTC",
        "RUSTDOC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_LINKER",
    ];
    name.starts_with("CARGO") || name.starts_with("DEP_") || NAMES.contains(&name)
}

/// Models `env!` and `option_env!`: the variables that Cargo sets when it compiles the script.
pub(crate) fn compile_time_env(interp: &mut Interp<'_>, name: &str, option: bool) -> Cases {
    let known = name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR";
    if !known && option && !set_for_runs(name) {
        // The script's compilation sees the caller's environment, but not the variables that the script sets when it
        // runs.
        let set = interp.env_overlay.remove(name);
        let found = interp.variable_of(name);
        if let Some(set) = set {
            interp.env_overlay.insert(name.to_owned(), set);
        }
        return found;
    }
    if !known {
        return interp.unknown(&format!("`{name}` while the script is compiled is not known"));
    }
    let found = interp.cargo_variable(name);
    match (found, option) {
        (Some(value), true) => Cases::some(value),
        (Some(value), false) => value,
        (None, true) => Cases::none(),
        (None, false) => interp.unknown(&format!("`{name}` while the script is compiled is not known")),
    }
}

/// Returns a list whose elements are known only during the build.
pub(super) fn unknown_list(interp: &mut Interp<'_>, name: &str) -> Cases {
    let list = interp.new_object("unknown list");
    let element = Cases::text(Text::sym(Sym::Each(name.into())).typed(TextType::Str));
    if let Some(Value::Object(object)) = list.single() {
        interp.objects[*object].calls.push((Guard::TRUE, "element".into(), vec![element]));
    }
    list
}

/// Returns the list that `CARGO_CFG_FEATURE` split at commas gives.
pub(super) fn feature_list(interp: &mut Interp<'_>) -> Cases {
    let features = interp.source.features.clone();
    let items: crate::value::Items =
        features.iter().map(|feature| (interp.feature(feature), Cases::str(feature))).collect();
    Cases::seq(items)
}

/// The name of any variable other than the known ones.
pub(super) const ANOTHER_VARIABLE: &str = "another variable";

/// Returns the pairs of `env::vars()`: those of the package's features, and one that represents all other variables.
fn all_variables(interp: &mut Interp<'_>) -> Cases {
    let mut features = interp.source.features.clone();
    // The variables are in the order of their names, as the process that starts the script passes them.
    features.sort_by_key(|feature| feature_variable(feature));
    let mut items = Vec::new();
    for feature in &features {
        let guard = interp.feature(feature);
        let name = format!("CARGO_FEATURE_{}", feature_variable(feature));
        items.push((guard, Cases::of(Value::Tuple(Rc::from([Cases::str(&name), Cases::str("1")])))));
    }
    let other = interp.sym(Sym::Opaque(ANOTHER_VARIABLE.into()));
    items.push((
        Guard::TRUE,
        Cases::of(Value::Tuple(Rc::from([
            other.clone(),
            Cases::text(Text::sym(Sym::Opaque("a variable".into()))),
        ]))),
    ));
    Cases::seq(items)
}

/// Returns whether a list has exactly the package's features, each where it is on, in the order of their variables.
pub(crate) fn is_feature_list(interp: &mut Interp<'_>, items: &crate::value::Items) -> bool {
    let mut features = interp.source.features.clone();
    features.sort_by_key(|feature| feature_variable(feature));
    let path = interp.pc;
    items.len() == features.len()
        && items.iter().zip(&features).all(|((guard, item), feature)| {
            let on = interp.feature(feature);
            let (wanted, here) = (interp.inputs.and(path, on), interp.inputs.and(path, *guard));
            wanted == here && item.literal() == Some(feature)
        })
}

fn feature_variable(feature: &str) -> String {
    feature.to_uppercase().replace('-', "_")
}

impl Interp<'_> {
    /// Returns a variable, as an `Option` of text.
    pub(crate) fn variable_of(&mut self, name: &str) -> Cases {
        if let Some(set) = self.env_overlay.get(name) {
            let set = set.clone();
            return self.narrow(set);
        }
        if let Some(fixed) = self.overlay.get(name) {
            let fixed = fixed.clone();
            return Cases::some(Cases::str(&fixed));
        }
        if let Some(value) = self.cargo_variable(name) {
            return Cases::some(value);
        }
        if let Some(feature) = name.strip_prefix("CARGO_FEATURE_") {
            let features = self.source.features.clone();
            let mut guard = Guard::FALSE;
            for known in features.iter().filter(|known| feature_variable(known) == feature) {
                let on = self.feature(known);
                guard = self.inputs.or(guard, on);
            }
            return self.option(guard, Cases::str("1"));
        }
        if let Some(key) = name.strip_prefix("CARGO_CFG_") {
            return self.cfg_variable(key);
        }
        if let Some(rest) = name.strip_prefix("DEP_") {
            return self.dependency_variable(rest);
        }
        match name {
            "RUSTC_WRAPPER" | "RUSTC_WORKSPACE_WRAPPER" => {
                // An empty value, which Cargo ignores, is a fact of the environment. Any other value may also come from
                // configuration.
                let empty = self.inputs.env_is(name, "");
                let wrapped = self.inputs.fact(Fact::Probe { name: format!("!{name}"), test: None });
                let wrapper = self.sym(Sym::RustcWrapper);
                let rest = self.option(wrapped, wrapper);
                return self.choose(empty, Cases::some(Cases::str("")), rest);
            }
            // A package's build must not depend on whether it is the package that the user builds.
            "CARGO_PRIMARY_PACKAGE" => {
                let primary = self.inputs.fact(Fact::Probe { name: format!("!{name}"), test: None });
                let value = self.sym(Sym::Opaque(name.into()));
                return self.option(primary, value);
            }
            "CARGO_MANIFEST_LINKS" | "CARGO_BIN_NAME" | "RUSTC_LINKER" | "CARGO_MAKEFLAGS" => {
                if name == "CARGO_MANIFEST_LINKS" {
                    let links = self.source.links.clone();
                    return links.map_or_else(Cases::none, |links| Cases::some(Cases::str(&links)));
                }
                return self.unknown(&format!("${name} is not known before the build"));
            }
            _ => {}
        }
        self.env.insert(name.to_owned());
        let set = self.inputs.env_set(name);
        let value = self.sym(Sym::Env(name.into()));
        self.option(set, value)
    }

    /// Returns a variable that Cargo always sets.
    pub(crate) fn cargo_variable(&mut self, name: &str) -> Option<Cases> {
        if let Some((_, variable)) = VERSION_PARTS.iter().find(|(known, _)| *known == name) {
            let value = self.version_part(variable);
            return Some(self.sym(Sym::Package(variable, Rc::from(value))));
        }
        if let Some(value) = self.source.metadata.get(name) {
            return Some(Cases::str(&value.clone()));
        }
        if name == "CARGO_ENCODED_RUSTFLAGS" {
            self.env.insert(name.to_owned());
        }
        Some(self.sym(match name {
            "TARGET" => Sym::Target,
            "HOST" => Sym::Host,
            "PROFILE" => Sym::Profile,
            "OPT_LEVEL" => Sym::OptLevel,
            "DEBUG" => Sym::Debug,
            "OUT_DIR" => Sym::OutDir,
            "CARGO_MANIFEST_DIR" => Sym::ManifestDir,
            "RUSTC" => Sym::Rustc,
            "CARGO" => Sym::Cargo,
            "NUM_JOBS" => Sym::NumJobs,
            "CARGO_ENCODED_RUSTFLAGS" => Sym::Env(name.into()),
            "CARGO_MANIFEST_PATH" => {
                return Some(Cases::text(Text::sym(Sym::ManifestDir).concat(&Text::lit("/Cargo.toml"))));
            }
            _ => return None,
        }))
    }

    /// Returns a part of the package's version, or its name.
    pub(crate) fn version_part(&self, variable: &str) -> String {
        let version = self.source.version.split('+').next().unwrap_or_default();
        let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
        let mut parts = numbers.split('.');
        let mut part = |at: usize| parts.nth(at).unwrap_or("0").to_owned();
        match variable {
            "package.version" => self.source.version.clone(),
            "package.version.major" => part(0),
            "package.version.minor" => part(1),
            "package.version.patch" => part(2),
            "package.version.pre" => pre.to_owned(),
            _ => self.source.name.clone(),
        }
    }

    fn cfg_variable(&mut self, key: &str) -> Cases {
        let cfg = key.to_lowercase();
        match cfg.as_str() {
            "unix" | "windows" => {
                let members: Vec<bool> =
                    targets::all().iter().map(|target| target.families.contains(&cfg.as_str())).collect();
                let guard = self.inputs.domain(crate::logic::Domain::Target, &|index| members[index]);
                self.option(guard, Cases::str(""))
            }
            "target_os"
            | "target_arch"
            | "target_env"
            | "target_vendor"
            | "target_endian"
            | "target_pointer_width"
            | "target_abi" => {
                let value = self.sym(Sym::Cfg(cfg.into()));
                Cases::some(value)
            }
            "target_family" | "target_has_atomic" => {
                // The variable is set where the key has a value.
                let members: Vec<bool> = targets::all()
                    .iter()
                    .map(|target| target.values(&cfg).is_some_and(|values| !values.is_empty()))
                    .collect();
                let guard = self.inputs.domain(crate::logic::Domain::Target, &|index| members[index]);
                let value = self.sym(Sym::Cfg(cfg.into()));
                self.option(guard, value)
            }
            // Cargo sets the variable only if a feature is on, which depends on the target and the user's flags.
            "target_feature" => {
                let any = self.inputs.fact(Fact::TargetOption(cfg.clone()));
                let value = self.sym(Sym::Cfg(cfg.into()));
                self.option(any, value)
            }
            "panic" => {
                let value = self.sym(Sym::Cfg(cfg.into()));
                Cases::some(value)
            }
            "sanitize" => {
                let mut any = Guard::FALSE;
                for sanitizer in SANITIZERS {
                    let one = self.target_key("sanitize", sanitizer);
                    any = self.inputs.or(any, one);
                }
                let value = self.sym(Sym::Cfg(cfg.into()));
                self.option(any, value)
            }
            "feature" => {
                let value = self.sym(Sym::Features);
                Cases::some(value)
            }
            "debug_assertions" | "overflow_checks" | "ub_checks" | "proc_macro" => {
                self.unknown(&format!("CARGO_CFG_{key} is not known before the build"))
            }
            _ if inert_manifest_spec::condition::names::TARGET_OPTIONS.contains(&cfg.as_str()) => {
                let guard = self.inputs.fact(Fact::TargetOption(cfg));
                self.option(guard, Cases::str(""))
            }
            _ => {
                let fact = Fact::CustomCfg { name: cfg.clone(), value: None };
                let guard = self.inputs.fact(fact);
                let value = self.sym(Sym::Cfg(cfg.into()));
                self.option(guard, value)
            }
        }
    }

    fn dependency_variable(&mut self, rest: &str) -> Cases {
        // A `links` value may contain underscores. The first part is passed to the schema, as most have only one part.
        let Some((links, key)) = split_dep(rest) else { return Cases::none() };
        let fact = Fact::Dep { links: links.clone(), key: key.clone(), test: None };
        let guard = self.inputs.fact(fact);
        let value = self.sym(Sym::Dep(links.into(), key.into()));
        self.option(guard, value)
    }
}

/// Splits `OPENSSL_VERSION_NUMBER` into `openssl` and `version_number`.
fn split_dep(rest: &str) -> Option<(String, String)> {
    let keys = [
        "INCLUDE",
        "ROOT",
        "VERSION_NUMBER",
        "VERSION",
        "LIB",
        "CONF",
        "LIBRESSL_VERSION_NUMBER",
        "LIBRESSL",
        "CFLAGS",
        "CC_ARGS",
    ];
    for key in keys {
        if let Some(links) = rest.strip_suffix(key).and_then(|links| links.strip_suffix('_')) {
            return Some((links.to_lowercase(), key.to_lowercase()));
        }
    }
    // A `links` value may contain dots (`usb-1.0`), and a key may not.
    let mut splits = rest.match_indices('_').map(|(at, _)| (&rest[..at], &rest[at + 1..]));
    let (links, key) = splits.find(|(_, key)| names::is_metadata_key(key))?;
    Some((links.to_lowercase(), key.to_lowercase()))
}
