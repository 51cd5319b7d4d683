//! Judges the linker arguments that a script prints by the rules for the tree's configuration, all arguments of one
//! target together. A script may also print arguments, with its paths, that a declaration may have without review.

use inert_build_output::{Instruction, Line, Scope as Targets};
use inert_manifest_spec::rules::flags::{LinkArgument, Reader, link_argument, link_argument_reader};

use super::Folders;
use crate::cargo::configuration::link_arguments;
use crate::cargo::configuration::places::{Places, real};
use crate::cargo::configuration::programs::Programs;
use crate::cargo::configuration::scope::{Only, Scope};

/// The targets of a package that get arguments in addition to those for all targets.
const TARGETS: &[Targets] =
    &[Targets::All, Targets::Cdylib, Targets::Bins, Targets::Tests, Targets::Benches, Targets::Examples];

/// Replaces an argument that was judged by itself, so that the argument before it does not take another one as its
/// value.
const JUDGED: &str = "-Wl,--as-needed";

/// Returns what is wrong with the arguments among some lines; `listed` accepts the lines that the entry lists.
pub(super) fn objections(
    lines: &[Line<'_>],
    listed: impl Fn(&Line<'_>) -> bool,
    folders: &Folders<'_>,
) -> Vec<String> {
    let mut all = Vec::new();
    for line in lines {
        if let Ok(Instruction::LinkArg { scope, bin, arg }) = &line.says {
            all.push((*scope, *bin, if listed(line) || common(arg, folders) { JUDGED } else { *arg }));
        }
    }
    let bins = all.iter().filter_map(|(_, bin, _)| *bin).map(|bin| (Targets::Bins, Some(bin)));
    let targets: Vec<_> = TARGETS.iter().map(|scope| (*scope, None)).chain(bins).collect();
    let places = Places {
        tree: [folders.package, folders.out_dir].map(real).to_vec(),
        fetched: Vec::new(),
        ..folders.places.clone()
    };
    let programs = Programs { environment: folders.environment, places: folders.places };
    let scope = Scope {
        places: &places,
        programs: &programs,
        base: folders.package,
        only: Only::of_triple(folders.target),
        lld: false,
        is_manifest: false,
    };
    let mut found = Vec::new();
    for (target, of_bin) in targets {
        let gets = |scope: Targets, bin: Option<&str>| {
            scope == Targets::All || (scope == target && bin.is_none()) || (bin.is_some() && bin == of_bin)
        };
        let words: Vec<String> = all
            .iter()
            .filter(|(scope, bin, _)| gets(*scope, *bin))
            .map(|(.., arg)| (*arg).to_owned())
            .collect();
        if let Some(why) = link_arguments::objection(&words, &scope) {
            // The reason begins with the argument that it is about.
            let of = |line: &&Line<'_>| matches!(&line.says, Ok(Instruction::LinkArg { arg, .. }) if why.starts_with(&format!("`{arg}`")));
            let text = lines.iter().find(of).map_or("cargo:rustc-link-arg", |line| line.text);
            let why = format!("`{}`: {}", text.escape_debug(), crate::file::one_line(&why));
            if !found.contains(&why) {
                found.push(why);
            }
        }
    }
    found
}

/// Returns whether a declaration may have the argument without review, for this target.
fn common(argument: &str, folders: &Folders<'_>) -> bool {
    // The two folders are replaced by the variables that a declaration uses; a script has no variables.
    if argument.contains("${") {
        return false;
    }
    let mut written = argument.to_owned();
    for (folder, name) in [(folders.out_dir, "${out-dir}"), (folders.package, "${manifest-dir}")] {
        written = written.replace(&*folder.to_string_lossy(), name);
    }
    let of_target = match link_argument_reader(&written) {
        Reader::All => true,
        Reader::Apple => folders.target.contains("-apple-"),
        Reader::Windows => folders.target.contains("-windows-"),
    };
    of_target && link_argument(&written) == Ok(LinkArgument::Common)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::environment::Environment;
    use crate::policy::Outputs;

    fn said(target: &str, lines: &[&str]) -> Vec<String> {
        let mut environment = Environment::default();
        environment.variables.insert("PATH".into(), "/usr/bin:/bin".into());
        let places = Places { tree: vec![PathBuf::from("/t"), PathBuf::from("/p")], ..Places::default() };
        let folders = Folders {
            out_dir: Path::new("/t/out"),
            package: Path::new("/p"),
            name: "x",
            roots: &[],
            target,
            environment: &environment,
            places: &places,
        };
        let text: String = lines.iter().map(|line| format!("cargo:{line}\n")).collect();
        Outputs::default().objections(text.as_bytes(), &folders)
    }

    const LINUX: &str = "x86_64-unknown-linux-gnu";
    const MAC: &str = "aarch64-apple-darwin";
    const BARE: &str = "thumbv7em-none-eabihf";

    #[test]
    fn as_configuration_may() {
        for (target, lines) in [
            (LINUX, &["rustc-link-arg=-Wl,--gc-sections", "rustc-cdylib-link-arg=-Wl,-soname,libx.so"][..]),
            (LINUX, &["rustc-link-arg=-Wl,--version-script=/t/out/x.map"]),
            (LINUX, &["rustc-link-arg-bins=-Wl,-rpath,$ORIGIN/../lib"]),
            (MAC, &["rustc-link-arg=-undefined", "rustc-link-arg=dynamic_lookup"]),
            (MAC, &["rustc-link-arg-bins=-undefined", "rustc-link-arg-bins=dynamic_lookup"]),
            (BARE, &["rustc-link-arg=-Tlink.x", "rustc-link-arg=--nmagic"]),
        ] {
            assert_eq!(said(target, lines), Vec::<String>::new(), "{lines:?}");
        }
    }

    #[test]
    fn nothing_else() {
        for (target, lines) in [
            (LINUX, &["rustc-link-arg=-Wl,-exported_symbol,payload"][..]),
            (LINUX, &["rustc-link-arg=-undefined", "rustc-link-arg=dynamic_lookup"]),
            (LINUX, &["rustc-link-arg=-Tlink.x"]),
            (LINUX, &["rustc-link-arg=payload"]),
            (LINUX, &["rustc-link-arg=-Wl,--version-script=/etc/x.map"]),
            (LINUX, &["rustc-link-arg=-L/t/out"]),
            (LINUX, &["rustc-link-arg=-fuse-ld=/p/ld"]),
            (LINUX, &["rustc-link-arg=@args"]),
            (BARE, &["rustc-link-arg=-T../link.x"]),
            // The second argument is the value of the first, and the third is a file.
            (
                MAC,
                &[
                    "rustc-link-arg=-undefined",
                    "rustc-link-arg=-Wl,-dead_strip",
                    "rustc-link-arg=dynamic_lookup",
                ],
            ),
            // Each target gets the arguments for all targets and its own, in this order.
            (MAC, &["rustc-link-arg=-framework", "rustc-link-arg-bins=Security"]),
            (MAC, &["rustc-link-arg-bin=a=-framework", "rustc-link-arg-bin=b=Security"]),
            (
                MAC,
                &[
                    "rustc-link-arg-bin=a=-framework",
                    "rustc-link-arg=-L/usr/lib",
                    "rustc-link-arg-bin=a=Security",
                ],
            ),
        ] {
            assert!(!said(target, lines).is_empty(), "{lines:?}");
        }
    }
}
