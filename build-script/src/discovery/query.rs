//! A library to look for: its names, its variables, the accepted versions.

use super::{Found, Link, Query, What, modify, pkg_config};
use crate::condition;
use crate::script::{Script, underscored};
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

    /// Returns the message about a missing library, with the commands to type.
    pub(super) fn not_found(&self, script: &mut Script<'_>) -> String {
        let mut message = format!("the library `{}` was not found on this system", self.name);
        if let Some(module) = self.modules.first() {
            let ways = [
                ("/usr/bin/apt", "apt-file search M.pc, and apt install the package that it names"),
                ("/usr/bin/dnf", "dnf install 'pkgconfig(M)'"),
                ("/usr/bin/zypper", "zypper install 'pkgconfig(M)'"),
                ("/sbin/apk", "apk add pc:M"),
                ("/usr/bin/pacman", "pacman -F M.pc, and pacman -S the package that it names"),
                ("/opt/homebrew/bin/brew", "brew install the formula that holds M.pc"),
            ];
            for (program, way) in &ways {
                if std::path::Path::new(program).exists() && script.host == script.target {
                    message = message + "\n  " + &way.replace("M", module);
                }
            }
            let scope = if script.host == script.target { "" } else { "_" };
            let target = if scope.is_empty() { String::new() } else { underscored(&script.target) };
            message = message
                + &format!(
                    "\n  if it is installed elsewhere: PKG_CONFIG_PATH{}{}=<the folder of {}.pc>",
                    scope, target, module
                );
        }
        if let (Some(port), true) = (self.ports.first(), script.host.contains("windows")) {
            message = message + "\n  vcpkg install " + port + ", and VCPKG_ROOT=<the folder of vcpkg>";
        }
        if let Some(prefix) = self.table.get("env-prefix").and_then(Value::text) {
            message = message + &format!("\n  or name its folder: {}_DIR=<folder>", prefix);
        }
        message
    }
}
