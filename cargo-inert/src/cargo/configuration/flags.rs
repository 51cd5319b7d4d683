//! Flags for rustc that configuration of the tree may not give: those that load code into the compiler or the linker, have
//! them start a program, or write a file of the flag's choice.
//!
//! Not a list of what may stand, as for declarations: what a workspace's owners tell their compiler is theirs to
//! decide, as long as it compiles and links. So what is listed here is all in rustc and the common linkers that does more.

use std::path::Path;

use super::{objections, within};
use crate::cargo::package::path_from;

/// What is wrong with a list of flags, if something is. Paths in it begin at `base`.
#[must_use]
pub fn objection(words: &[String], base: &Path, tree: &Path) -> Option<String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut next = || rest.next().cloned().unwrap_or_default();
        let (name, value) = match word.as_str() {
            "-C" | "--codegen" => ("-C", next()),
            "-Z" => ("-Z", next()),
            "-L" => ("-L", next()),
            "-o"
            | "--out-dir"
            | "--emit"
            | "--sysroot"
            | "--extern"
            | "--output"
            | "--test-runtool"
            | "--html-in-header"
            | "--html-before-content"
            | "--html-after-content" => (word.as_str(), next()),
            text if text.starts_with("-C") => ("-C", text[2..].to_owned()),
            text if text.starts_with("-Z") => ("-Z", text[2..].to_owned()),
            text if text.starts_with("-L") => ("-L", text[2..].to_owned()),
            text if text.starts_with("-o") => ("-o", text[2..].to_owned()),
            text if text.starts_with('@') => ("@", text[1..].to_owned()),
            text => match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, value.to_owned()),
                _ => continue,
            },
        };
        let why = match name {
            "-C" => codegen(&value, base, tree),
            "-Z" => unstable(&value),
            "-L" => search(&value, base, tree),
            "@" => Some("reads more flags from a file; write them here".to_owned()),
            "-o" | "--out-dir" | "--output" => Some("says where the compiler writes".to_owned()),
            "--emit" => value.contains('=').then(|| "says where the compiler writes".to_owned()),
            "--sysroot" => Some("replaces the standard library".to_owned()),
            "--extern" => value
                .split_once('=')
                .filter(|(_, path)| within(&path_from(base, *path), tree))
                .map(|_| "has a compiled library of the tree loaded into the compiler".to_owned()),
            "--test-runtool" => Some("names a program that is started".to_owned()),
            _ => None,
        };
        if let Some(why) = why {
            let shown = if word == name { format!("{word} {value}") } else { word.clone() };
            return Some(format!("`{shown}` {why}"));
        }
    }
    None
}

/// Whether a word names a file rather than something by its name.
#[must_use]
pub fn is_path(word: &str) -> bool {
    word.contains(['/', '\\']) || [".so", ".dll", ".dylib"].iter().any(|end| word.ends_with(end))
}

/// `-C <option>` (the rustc book, "Codegen Options").
fn codegen(option: &str, base: &Path, tree: &Path) -> Option<String> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name.replace('_', "-").as_str() {
        "linker" => objections::linker(value, base, tree),
        "dlltool" | "ar" => within(&path_from(base, value), tree)
            .then(|| "names a program of the tree itself".to_owned())
            .filter(|_| is_path(value)),
        "link-arg" => link_arguments(std::iter::once(value)),
        "link-args" => link_arguments(value.split_whitespace()),
        "linker-plugin-lto" if is_path(value) => Some("loads code into the linker".to_owned()),
        "llvm-args" if value.contains("-load") || value.contains("plugin") => {
            Some("loads code into the compiler".to_owned())
        }
        _ => None,
    }
}

/// `-Z <option>`: stable rustc takes none, unless `RUSTC_BOOTSTRAP` is set.
fn unstable(option: &str) -> Option<String> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name.replace('_', "-").as_str() {
        "codegen-backend" | "llvm-plugins" if is_path(value) => {
            Some("loads code into the compiler".to_owned())
        }
        "pre-link-arg" | "post-link-arg" => link_arguments(std::iter::once(value)),
        "pre-link-args" | "post-link-args" => link_arguments(value.split_whitespace()),
        _ if is_path(value) => Some("names a file that the compiler reads or writes".to_owned()),
        _ => None,
    }
}

/// `-L [<kind>=]<folder>`: libraries of the tree for the linker are code that is built; those for the compiler are loaded.
fn search(value: &str, base: &Path, tree: &Path) -> Option<String> {
    let (kind, path) = match value.split_once('=') {
        Some((kind @ ("native" | "framework" | "dependency" | "crate" | "all"), path)) => (kind, path),
        _ => ("all", value),
    };
    (!matches!(kind, "native" | "framework") && within(&path_from(base, path), tree))
        .then(|| "has the compiler look for compiled libraries in the tree; write `-L native=…`".to_owned())
}

/// What the compiler that links, or the linker itself, reads.
fn link_arguments<'a>(arguments: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut tokens = Vec::new();
    for argument in arguments {
        match argument.strip_prefix("-Wl,") {
            Some(passed) => tokens.extend(passed.split(',').map(|token| (token, true))),
            None => tokens.push((argument, false)),
        }
    }
    let next = |at: usize| tokens.get(at + 1).map_or("", |(token, _)| token);
    let mut all = tokens.iter().enumerate();
    all.find_map(|(at, (token, passed))| link_argument(token, next(at), *passed).map(str::to_owned))
}

/// Arguments that have a compiler or linker start a program or load code, by how they begin (GCC's manual, "Overall
/// Options", "Directory Options", "Link Options"; ld's, "Options"; clang's and lld's and mold's alike).
const STARTS: &[&str] = &[
    "-B",
    "-wrapper",
    "--wrapper",
    "-specs",
    "--specs",
    "-fplugin",
    "-plugin",
    "--plugin",
    "-iplugindir",
    "--ld-path",
    "-ld-path",
    "-Xclang",
    "-load",
    "-run",
    "--run",
    "-Wp",
    "-Wa",
    "/PLUGIN",
    "--load-pass-plugin",
    "-gcc-toolchain",
    "--gcc-toolchain",
    "-gcc-install-dir",
    "--gcc-install-dir",
    "--config",
    "-ccc-",
    "--driver-mode",
    "-fload",
];

/// Arguments that have them write a file; with a value in them, or in the next argument.
const WRITES: &[&str] = &[
    "-o",
    "--output",
    "-Map",
    "--Map",
    "-map",
    "--dependency-file",
    "-dependency_info",
    "--reproduce",
    "-reproduce",
    "--out-implib",
    "-out-implib",
    "--time-trace",
    "--print-archive-stats",
    "--why-extract",
    "--cref-file",
    "-MF",
    "-MD",
    "-aux-info",
    "-dumpdir",
    "-dumpbase",
    "-fdump",
    "-time=",
    "-save-temps=",
    "-object_path_lto",
    "--lto-obj-path",
    "/OUT:",
    "/PDB:",
    "/MAP:",
    "/IMPLIB:",
    "/REPRODUCE:",
    "/LINKREPRO:",
    "/PGD:",
    "/MANIFESTFILE:",
    "/ILK:",
];

/// `passed`: after `-Wl,`, where `-B` is the linker's, and looks for nothing.
fn link_argument(argument: &str, next: &str, passed: bool) -> Option<&'static str> {
    let upper = if argument.starts_with('/') { argument.to_ascii_uppercase() } else { argument.to_owned() };
    if argument.starts_with('@') {
        return Some("reads more arguments from a file; write them here");
    }
    let starts = STARTS.iter().any(|known| upper.starts_with(known) && !(passed && *known == "-B"));
    if starts || argument.strip_prefix("-fuse-ld=").is_some_and(is_path) {
        return Some("has the linker start a program, or load code");
    }
    let written =
        WRITES.iter().find(|known| upper.starts_with(**known)).map(|known| &argument[known.len()..])?;
    let file = if written.is_empty() { next } else { written.trim_start_matches('=') };
    // A map beside the tree's own build is nobody's harm.
    let inside = !file.is_empty()
        && !file.starts_with(['/', '\\', '~', '-'])
        && !file.contains("..")
        && !file.contains(':');
    (!inside).then_some("has the linker write a file outside of the tree")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(flags: &str) -> Option<String> {
        let words: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
        objection(&words, Path::new("/t"), Path::new("/t"))
    }

    #[test]
    fn what_compiles_and_links_passes() {
        for flags in [
            "-C target-cpu=native -C link-arg=-fuse-ld=lld",
            "-Clinker=clang -Clink-arg=-fuse-ld=mold -Zshare-generics=y",
            "-C link-args=-Wl,-rpath,$ORIGIN/../lib -L native=vendor/lib",
            "-C link-arg=-Tlink.x -C link-arg=--nmagic -C link-arg=-Wl,-Map=target/app.map",
            "-C linker=rust-lld -C force-frame-pointers=yes --cfg tokio_unstable",
            "-C link-arg=/STACK:8000000 -Zcodegen-backend=cranelift -Zthreads=8",
            "-C link-arg=-undefined -C link-arg=dynamic_lookup",
            "-Clinker-plugin-lto -Clink-arg=-Wl,-Bstatic --remap-path-prefix=/home=x --emit=llvm-ir",
            "-L /usr/lib/x",
        ] {
            assert_eq!(of(flags), None, "{flags}");
        }
    }

    #[test]
    fn what_does_more_is_refused() {
        for flags in [
            "-Zcodegen-backend=./x.so",
            "-Cllvm-args=-load=x",
            "-C linker=./x",
            "-Clinker=sh",
            "-C linker=/bin/sh",
            "-Clink-arg=-B/t/x",
            "-C link-args=-wrapper\u{20}./x",
            "-Clink-arg=-fuse-ld=/t/x",
            "-Clink-arg=-fuse-ld=./x",
            "-Clink-arg=-Wl,--plugin,x.so",
            "-Clink-arg=@x",
            "-Clink-arg=-Wl,--as-needed,@x",
            "-Clink-arg=-specs=x",
            "-Clink-arg=-Wl,-Map=/home/x",
            "-Clink-arg=-o -Clink-arg=../x",
            "-Zpre-link-args=-c\u{20}x -Clink-arg=-fplugin=x",
            "@flags",
            "-o x",
            "--emit=asm=/home/x",
            "--emit asm=x",
            "--sysroot=x",
            "--extern x=x.so",
            "-Lx",
            "-L dependency=x",
            "-Zdump-mir-dir=/x",
            "-Cdlltool=./x",
            "-Clinker-plugin-lto=./x.so",
        ] {
            assert!(of(flags).is_some(), "{flags}");
        }
    }
}
