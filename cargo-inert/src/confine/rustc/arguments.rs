//! Rewrites rustc's arguments: folders that it would share with other units are replaced by private ones.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use inert_sandbox::{Access, Grants};

use super::Call;
use super::private::Private;
use crate::artifacts::build_dir::BuildDir;
use crate::confine::grants;

/// Returns the arguments with private folders in the place of those that are shared with other units.
pub(super) fn rewritten(
    call: &Call<'_>,
    private: &mut Private,
    dir: &BuildDir,
    grants: &mut Grants,
) -> Result<Vec<OsString>, String> {
    let mut changed = Vec::new();
    let mut rest = call.arguments.iter().cloned();
    let mut unpacked = false;
    while let Some(argument) = rest.next() {
        let text = argument.to_str().unwrap_or_default();
        if text == "--out-dir" {
            let _ = rest.next();
            continue;
        }
        if text.starts_with("--out-dir=") {
            continue;
        }
        if let Some(path) = text.strip_prefix("--print=link-args=") {
            let mut word = OsString::from("--print=link-args=");
            word.push(private.link_words(Path::new(path)));
            changed.push(word);
            continue;
        }
        unpacked |= text.ends_with("split-debuginfo=unpacked");
        // `-C incremental=…` as two arguments, which Cargo writes, or as one.
        let (before, value) = match text.split_once("incremental=") {
            Some((before, value)) if ["", "-C", "--codegen="].contains(&before) => (before, value),
            _ => {
                changed.push(argument);
                continue;
            }
        };
        let shared = PathBuf::from(value);
        let own = incremental(call);
        forget_others(&own.unit, &shared, &own.name);
        let own = shared.join(own.name);
        std::fs::create_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
        let inner = grants::real(&own);
        if inner.starts_with(grants::real(&dir.root)) {
            grants.add(&own, Access::Write);
        }
        let mut word = OsString::from(before);
        word.push("incremental=");
        word.push(own);
        changed.push(word);
    }
    changed.extend(["--out-dir".into(), private.out().into_os_string()]);
    if unpacked {
        // The paths of these files become part of the program.
        let mut map = private.out().into_os_string();
        map.push("=");
        map.push(call.out_dir);
        changed.extend(["--remap-path-prefix".into(), map]);
    }
    let length: usize = changed.iter().map(|argument| argument.len() + 1).sum();
    if length <= 100_000 {
        return Ok(changed);
    }
    // Cargo uses an argument file for a long command line as well.
    let file = private.tmp().join("arguments");
    let from =
        changed.iter().position(|argument| argument.to_str().is_some_and(|text| text.starts_with('-')));
    let mut text = String::new();
    for argument in changed.split_off(from.unwrap_or(1)) {
        text.push_str(argument.to_str().ok_or("an argument for rustc is no Unicode")?);
        text.push('\n');
    }
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut at = OsString::from("@");
    at.push(&file);
    changed.push(at);
    Ok(changed)
}

/// Returns a key of the unit's macros: the incremental data of a unit depends on them, so other macros must not find
/// it.
fn macros_key(call: &Call<'_>) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let names = &call.macros;
    let mut found = std::collections::BTreeSet::new();
    for folder in libraries(&call.arguments).iter().filter(|_| !names.is_empty()) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let of = |name: &String| {
                file.strip_prefix("lib")
                    .and_then(|rest| rest.strip_prefix(name.as_str()))
                    .is_some_and(|rest| rest.starts_with(['-', '.']) && rest.ends_with(".so"))
            };
            if names.iter().any(of)
                && let Ok(metadata) = entry.metadata()
            {
                let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.ino(), metadata.len());
                found.insert(format!("{file} {times:?}"));
            }
        }
    }
    crate::digest::text(&found.into_iter().collect::<Vec<_>>().join("\n"))[..8].to_owned()
}

/// The names of a unit's incremental data.
struct Incremental {
    /// The beginning of the name, the unit's own: no other unit's name begins with it.
    unit: String,
    name: String,
}

/// Returns the names of a unit's incremental data for its macros. The name begins as rustc's own, so that `cargo clean -p`
/// removes it; the number of names is bounded, since [`forget_others`] removes those for other macros.
fn incremental(call: &Call<'_>) -> Incremental {
    let unit = format!("{}-inert-{}-", call.crate_name, unit_key(&call.arguments));
    Incremental { name: format!("{unit}{}", macros_key(call)), unit }
}

/// Returns a key of the unit, which differs for any two units of a build: names of outputs do not, where Cargo gives them
/// no hash (in the new layout of build dirs, or for some kinds of crates).
pub(super) fn unit_key(arguments: &[OsString]) -> String {
    let mut parts = Vec::new();
    let mut rest = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = rest.next() {
        match argument {
            "--test" => parts.push(argument),
            "--crate-type" | "--emit" | "--target" => {
                parts.extend([argument, rest.next().unwrap_or_default()])
            }
            "-C" | "--codegen" => parts.extend(rest.next().filter(|value| value.starts_with("metadata="))),
            _ if argument.starts_with("-Cmetadata=") => parts.push(argument),
            _ if ["--crate-type=", "--emit=", "--target=", "--codegen=metadata="]
                .iter()
                .any(|name| argument.starts_with(name)) =>
            {
                parts.push(argument);
            }
            _ => {}
        }
    }
    crate::digest::text(&parts.join("\n"))[..16].to_owned()
}

/// Removes the incremental data of the unit for other macros.
fn forget_others(unit: &str, shared: &Path, own: &str) {
    for entry in std::fs::read_dir(shared).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(unit) && name != own {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Returns the folders in which libraries are searched for.
pub(super) fn libraries(arguments: &[OsString]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    for (at, argument) in arguments.iter().enumerate() {
        let next = || arguments.get(at + 1).copied().unwrap_or_default();
        if let Some(text) = argument.strip_prefix("-L") {
            let text = if text.is_empty() { next() } else { text };
            found.push(PathBuf::from(text.split_once('=').map_or(text, |(_, path)| path)));
        } else if *argument == "--extern" || argument.starts_with("--extern=") {
            let text = argument.strip_prefix("--extern=").unwrap_or_else(next);
            if let Some((_, path)) = text.split_once('=') {
                found.extend(Path::new(path).parent().map(Path::to_path_buf));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod incremental_tests {
    use super::*;

    fn key(line: &str) -> String {
        unit_key(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn units_with_the_same_names_have_keys_of_their_own() {
        let lib =
            "rustc --crate-name app src/lib.rs --crate-type lib --emit=dep-info,metadata -C metadata=1f";
        let binary =
            "rustc --crate-name app src/main.rs --crate-type bin --emit=dep-info,metadata -C metadata=1f";
        let keys = [
            key(lib),
            key(binary),
            key(&lib.replace("1f", "2f")),
            key(&format!("{lib} --test")),
            key(&lib.replace(",metadata ", ",metadata,link ")),
        ];
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len(), "{keys:?}");
        assert_eq!(key(lib), key(&format!("{lib} -C debuginfo=2 -L dependency=/x")));
        assert_eq!(keys[0].len(), 16);
    }

    #[test]
    fn only_a_units_own_data_is_forgotten() {
        let shared = tempfile::tempdir().unwrap();
        let names =
            ["app-inert-1-aaaa", "app-inert-1-bbbb", "app-inert-2-aaaa", "app_x-inert-1-aaaa", "app-3abc"];
        for name in names {
            std::fs::create_dir(shared.path().join(name)).unwrap();
        }
        forget_others("app-inert-1-", shared.path(), "app-inert-1-aaaa");
        let left: Vec<&str> = names.into_iter().filter(|name| shared.path().join(name).exists()).collect();
        assert_eq!(left, ["app-inert-1-aaaa", "app-inert-2-aaaa", "app_x-inert-1-aaaa", "app-3abc"]);
    }
}
