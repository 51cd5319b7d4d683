//! The output of `cargo inert sbom`: a software bill of materials with the native part of a build.

pub mod cyclonedx;
mod licence;
pub mod spdx;

use crate::digest;
use crate::inventory::{Inventory, Native, Part, Provider};
use crate::policy::Date;

/// The data about the document itself.
#[derive(Debug)]
pub struct Document<'a> {
    /// The parts of the build.
    pub inventory: &'a Inventory,
    /// The name of the workspace, for a build with several roots.
    pub name: String,
    /// The time of the document, `2026-01-31T12:00:00Z`.
    pub created: String,
}

/// The last second whose year has four digits, as both formats want it.
pub const LATEST: u64 = 253_402_300_799;

/// Returns the time as both formats write it, from the seconds since 1970.
#[must_use]
pub fn time(seconds: u64) -> String {
    let (date, rest) = (Date::from_days(seconds / 86_400), seconds % 86_400);
    format!("{date}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Returns the parts of which something is compiled.
fn compiled(inventory: &Inventory) -> impl Iterator<Item = &Part> {
    inventory.parts.iter().filter(|part| !part.is_skipped || part.is_root)
}

/// Returns a name for a package that is unique in the document, in characters that both formats accept.
fn key(part: &Part) -> String {
    let id = &part.id;
    format!("{}-{}-{}", plain(&id.name), plain(&id.version), &digest::text(&id.source)[..8])
}

fn key_of_native(native: &Native) -> String {
    let from = native.provider.word();
    let text = format!("{} {} {:?} {from}", native.name, native.target, native.used_by);
    format!("native-{}-{}", plain(&native.name), &digest::text(&text)[..8])
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

/// Returns what is said of native code in words that both formats use: pairs of a name and a value.
fn facts(native: &Native) -> Vec<(&'static str, String)> {
    let mut found = vec![("target", native.target.clone())];
    match &native.provider {
        Provider::System { pc_file, development, shared_object, runtime, .. } => {
            found.push(("provider", "system".to_owned()));
            found.extend(pc_file.iter().map(|path| ("pc-file", path.display().to_string())));
            found.extend(shared_object.iter().map(|path| ("shared-object", path.display().to_string())));
            let owner =
                |owner: &crate::inventory::distribution::Owner| format!("{} {}", owner.name, owner.version);
            found.extend(development.iter().map(|one| ("development-package", owner(one))));
            found.extend(runtime.iter().map(|one| ("runtime-package", owner(one))));
        }
        Provider::Bundled { package, version_from, files, lines, licence_files, certain, .. } => {
            found.push(("provider", "bundled".to_owned()));
            found.push(("bundled-in", package.clone()));
            found.extend(version_from.iter().map(|from| ("version-from", (*from).to_owned())));
            found.extend(files.iter().map(|count| ("compiled-files", count.to_string())));
            found.extend(lines.iter().map(|count| ("compiled-lines", count.to_string())));
            found.extend(
                licence_files
                    .iter()
                    .map(|file| ("licence-file", format!("{} sha256:{}", file.path, file.sha256))),
            );
            if !certain {
                found.push(("decided-by", "a condition that is known only during the build".to_owned()));
            }
        }
        Provider::Prebuilt { package, files } => {
            found.push(("provider", "prebuilt".to_owned()));
            found.push(("shipped-in", package.clone()));
            found.extend(
                files.iter().map(|file| ("prebuilt-file", format!("{} sha256:{}", file.path, file.sha256))),
            );
        }
        Provider::Missing => found.push(("provider", "missing".to_owned())),
        Provider::Script { package } => {
            found.push(("provider", "unknown".to_owned()));
            found.push(("linked-by-script-of", package.clone()));
        }
    }
    found
}

/// Returns what is said of a package in words that both formats use.
fn facts_of_part(part: &Part) -> Vec<(&'static str, String)> {
    let mut found = vec![("source", part.source.clone())];
    let linked = if part.is_linked { "linked" } else { "build" };
    found.push(("used", linked.to_owned()));
    if part.is_macro {
        found.push(("runs", "in the compiler".to_owned()));
    }
    if let Some(script) = &part.script {
        let word = |value: &dyn erased::Word| value.word();
        found.push(("build-script", format!("{} {}", word(&script.action), word(&script.origin))));
    }
    found.extend(
        part.licence_files
            .iter()
            .map(|file| ("licence-file", format!("{} sha256:{}", file.path, file.sha256))),
    );
    found
}

/// The words of actions and origins, as the audit's JSON has them.
mod erased {
    pub(super) trait Word {
        fn word(&self) -> String;
    }

    impl<T: serde::Serialize> Word for T {
        fn word(&self) -> String {
            let value = serde_json::to_value(self).unwrap_or_default();
            value.as_str().unwrap_or_default().to_owned()
        }
    }
}

/// Returns the edges between packages of the document.
fn edges<'a>(inventory: &'a Inventory, part: &'a Part) -> impl Iterator<Item = &'a Part> {
    compiled(inventory).filter(|other| part.dependencies.contains(&other.id))
}

/// Returns the native code that a package asks for or ships.
fn natives_of<'a>(inventory: &'a Inventory, part: &'a Part) -> impl Iterator<Item = &'a Native> {
    let name = part.id.to_string();
    inventory.natives.iter().filter(move |native| native.used_by.contains(&name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn times() {
        assert_eq!(super::time(0), "1970-01-01T00:00:00Z");
        assert_eq!(super::time(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(super::time(1_798_761_599), "2026-12-31T23:59:59Z");
        assert_eq!(super::time(super::LATEST), "9999-12-31T23:59:59Z");
    }
}
