//! A library to look for: its names, its variables, the accepted versions.

use super::{Found, Link, Query, What, advice, modify, pkg_config};
use crate::condition;
use crate::script::{Script, joined, underscored, variable};
use crate::toml::Value;

impl<'d> Query<'d> {
    /// Returns the first variable of a role that is set, most specific first; `suffix` is the ending after
    /// `env-prefix`, if the prefix applies.
    pub(super) fn variable(
        &self,
        script: &mut Script<'_>,
        role: &str,
        suffix: &str,
    ) -> Option<(String, String)> {
        let mut names = Vec::new();
        if let Some(listed) = self.table.get("env").and_then(Value::table).and_then(|env| env.get(role)) {
            for name in listed.items() {
                names.push(name.text().unwrap_or_default().to_owned());
            }
        }
        if let (Some(prefix), false) = (self.table.get("env-prefix").and_then(Value::text), suffix.is_empty())
        {
            names.push(prefix.to_owned() + suffix);
        }
        let target = script.target.clone();
        let underscored = underscored(&target);
        for name in names {
            for name in &[
                format!("{}_{}", underscored.to_uppercase(), name),
                format!("{}_{}", name, target),
                format!("{}_{}", name, underscored),
                name,
            ] {
                if let Some(value) = script.env(name) {
                    return Some((name.clone(), value.to_owned()));
                }
            }
        }
        None
    }

    /// Returns `static` or `dylib`, and the origin of that request; empty if there is none.
    pub(super) fn wants(&self, script: &mut Script<'_>, module: &str) -> (&'static str, String) {
        if let Some((name, value)) = self.variable(script, "static", "_STATIC") {
            return (if value == "0" { "dylib" } else { "static" }, name + " asks for");
        }
        match self.variable(script, "dynamic", "") {
            Some((name, value)) if value != "0" => return ("dylib", name + " asks for"),
            _ => {}
        }
        match self.kind {
            "static" => return ("static", "the package's declaration asks for".to_owned()),
            "dylib" => return ("dylib", "the package's declaration asks for".to_owned()),
            _ => {}
        }
        if module.is_empty() {
            return ("", String::new());
        }
        let module = underscored(&module.to_ascii_uppercase());
        for (name, kind) in &[
            (module.clone() + "_STATIC", "static"),
            (module + "_DYNAMIC", "dylib"),
            ("PKG_CONFIG_ALL_STATIC".to_owned(), "static"),
            ("PKG_CONFIG_ALL_DYNAMIC".to_owned(), "dylib"),
        ] {
            if script.env(name).is_some() {
                return (kind, name.clone() + " asks for");
            }
        }
        ("", String::new())
    }

    /// Returns the reason why a version is not accepted.
    pub(super) fn rejects(&self, version: &str) -> Option<String> {
        for bound in self.bounds() {
            let (operator, wanted) = condition::operator(bound);
            if !condition::holds(pkg_config::compare(version, wanted), operator) {
                return Some(format!("its version is {}, and {} is needed", version, bound));
            }
        }
        None
    }

    pub(super) fn bounds(&self) -> Vec<&'d str> {
        let mut bounds = Vec::new();
        for bound in self.version.split(',') {
            if !bound.trim().is_empty() {
                bounds.push(bound.trim());
            }
        }
        bounds
    }

    pub(super) fn is_verbatim(&self) -> bool {
        self.modifiers.contains(&"+verbatim")
    }

    /// Returns the name of the file that is an archive.
    pub(super) fn archives(&self, script: &Script<'_>, lib: &str) -> String {
        if self.is_verbatim() {
            lib.to_owned()
        } else if script.target.contains("msvc") {
            lib.to_owned() + ".lib"
        } else {
            format!("lib{}.a", lib)
        }
    }

    pub(super) fn apply_modifiers(&self, found: &mut Found) {
        for link in &mut found.link {
            let verbatim =
                link.name.strip_prefix("-l:").filter(|_| link.what == What::Arg && self.is_verbatim());
            if let Some(name) = verbatim.map(str::to_owned) {
                if self.libs.contains(&name.as_str()) {
                    // The library is declared an archive only if other modifiers require it.
                    let is_static = self.modifiers.len() > 1;
                    *link = Link::lib(&name, if is_static { "static" } else { "" });
                    for modifier in &self.modifiers {
                        link.modifiers.push((*modifier).to_owned());
                    }
                }
            } else if link.what == What::Lib && self.libs.contains(&link.name.as_str()) {
                for modifier in &self.modifiers {
                    if modifier.ends_with("verbatim") || link.kind == "static" {
                        modify(&mut link.modifiers, modifier);
                    }
                }
            }
        }
    }

    /// Returns the message about a missing library, with the commands to type: the same as `cargo inert`'s.
    pub(super) fn not_found(&self, script: &mut Script<'_>) -> String {
        let mut lines = vec![format!("the library `{}` was not found on this system", self.name)];
        let tried = script.tried.get(self.tried_before..).unwrap_or_default();
        let started = |text: &String| text.ends_with("succeeded") || text.ends_with("failed");
        let starts = |text: &String| text.contains("cannot be started");
        let unstarted = tried.iter().any(starts) && !tried.iter().any(started);
        let said = joined(tried, "\n");
        let lacking = advice::required(&said);
        let own = self.modules.first().copied();
        let family = family(script);
        let cross = script.host != script.target;
        if let (Some(lacking), Some(own)) = (lacking, own) {
            lines[0] += &format!(": its module `{}` requires `{}`, which is missing", own, lacking);
        }
        if unstarted {
            lines.push(format!(
                "{}: pkg-config is not on this system, and plain cargo asks it (PKG_CONFIG=<its path>, where it lies elsewhere)",
                advice::install_pkg_config(family)
            ));
        }
        let module = lacking.or(own).filter(|module| advice::is_typeable(module));
        if let Some(module) = module {
            let command = match cross {
                true => advice::cross_install(family, module, &script.target),
                false => advice::install(family, module),
            };
            let has = advice::has(&said).filter(|_| lacking.is_none());
            let but = has.map_or(String::new(), |has| format!(", if it brings another version than {}", has));
            match command {
                Some(command) => lines.push(command + &but),
                None if cross => lines.push(format!(
                    "install it into a sysroot of {}, and name that: PKG_CONFIG_SYSROOT_DIR_{}=<its folder>",
                    script.target,
                    underscored(&script.target)
                )),
                None => {
                    lines.push(format!("install the package that holds {}.pc{}", module, but));
                    for (name, family) in
                        &[("Debian", "debian"), ("Fedora", "fedora"), ("Homebrew", "homebrew")]
                    {
                        lines.extend(
                            advice::install(family, module).map(|way| name.to_string() + ": " + &way),
                        );
                    }
                }
            }
            if let (true, Some(formula)) = (family == "homebrew" && !cross, advice::formula(module)) {
                lines.push(format!(
                    "where brew keeps it apart (keg-only): PKG_CONFIG_PATH=\"$(brew --prefix {})/lib/pkgconfig\"",
                    formula
                ));
            }
        } else if let (Some(file), false) = (self.file(), cross) {
            lines.extend(advice::find_file(family, &file));
        }
        if let (Some(port), true) = (self.ports.first(), script.host.contains("windows")) {
            lines.push(format!("vcpkg install {}, and VCPKG_ROOT=<the folder of vcpkg>", port));
        }
        if let Some(module) = own {
            let target = if cross { "_".to_owned() + &underscored(&script.target) } else { String::new() };
            lines.push(format!(
                "if it is installed elsewhere: PKG_CONFIG_PATH{}=<the folder of {}.pc>",
                target, module
            ));
        }
        if let Some(prefix) = self.table.get("env-prefix").and_then(Value::text) {
            lines.push(format!("or name its folder: {}_DIR=<folder>", prefix));
        }
        joined(&lines, "\n  ")
    }

    /// Returns a file that every package of the library has, by its name on Linux.
    fn file(&self) -> Option<String> {
        let header = self.table.get("header").and_then(Value::text).map(str::to_owned);
        let file = header.or_else(|| self.libs.first().map(|lib| format!("lib{}.so", lib)))?;
        if advice::is_typeable(&file) { Some(file) } else { None }
    }
}

/// Returns the family of systems that the build runs on; empty if it is unknown. What is read is no input of the build.
fn family(script: &Script<'_>) -> &'static str {
    if variable(script.environment, "IN_NIX_SHELL").is_some() {
        return "nix";
    }
    if script.host.contains("apple") {
        return "homebrew";
    }
    if script.host.contains("windows") {
        return "vcpkg";
    }
    for path in &["/etc/os-release", "/usr/lib/os-release"] {
        if let Ok(text) = std::fs::read_to_string(path) {
            return advice::of_os_release(&text);
        }
    }
    ""
}
