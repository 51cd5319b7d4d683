//! Compares discovery by pkg-config with the `pkg-config` crate, on every module of this machine: the directives
//! and their order must be equal, except for the differences in `docs/reference/differences-pkg-config-crate.md`.

#![expect(clippy::print_stdout, reason = "an oracle says how much it compared")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::{Request, Target};
use inert_resolver::{Dialect, World, directives, discovery};

const HOST: &str = "x86_64-unknown-linux-gnu";

/// The environments of the queries.
const CASES: &[&[(&str, &str)]] = &[
    &[],
    &[("PKG_CONFIG_ALL_STATIC", "1")],
    // If the library's folders are not the system's, archives are linked.
    &[("PKG_CONFIG_ALL_STATIC", "1"), ("PKG_CONFIG_SYSROOT_DIR", "/nowhere")],
    &[("PKG_CONFIG", "pkgconf")],
];

#[test]
fn every_module_of_this_machine() {
    let modules = modules();
    // Running the program gives the same answers as reading files, so a part of the modules is enough for that
    // case.
    let step =
        |case: &[(&str, &str)]| if case.iter().any(|(name, _)| *name == "PKG_CONFIG") { 10 } else { 1 };
    let work: Vec<_> = CASES
        .iter()
        .flat_map(|case| modules.iter().step_by(step(case)).map(move |module| (*case, module)))
        .collect();
    let answered = AtomicUsize::new(0);
    let unequal = Mutex::new(Vec::new());
    inert_tests::parallel::each(work.len(), |at| {
        let (case, module) = &work[at];
        let theirs = theirs(case, module);
        let ours = ours(case, module);
        answered.fetch_add(usize::from(theirs.is_ok()), Ordering::Relaxed);
        // An intended difference: what may name a library and cannot be said is an error, and not dropped.
        let unsaid = ours.as_ref().is_err_and(|error| error.contains("it names a file by a relative path"));
        // An intended difference: a library in a region keeps its place, and pkgconf merges it with those of other modules.
        let set = |said: &Result<Vec<String>, String>| {
            said.as_ref().ok().map(|lines| lines.iter().cloned().collect::<BTreeSet<String>>())
        };
        let region =
            ours.as_ref().is_ok_and(|lines| lines.iter().any(|line| line.ends_with("=-Wl,--as-needed")));
        let equal =
            if region { set(&theirs) == set(&ours) } else { theirs.as_ref().ok() == ours.as_ref().ok() };
        if !unsaid && !equal {
            unequal
                .lock()
                .unwrap()
                .push(format!("{module} {case:?}\n  crate: {theirs:#?}\n  ours:  {ours:#?}"));
        }
    });
    let unequal = unequal.into_inner().unwrap();
    println!("{} questions, {} answered by the crate", work.len(), answered.into_inner());
    assert!(unequal.is_empty(), "{} unequal:\n{}", unequal.len(), unequal.join("\n"));
}

fn modules() -> BTreeSet<String> {
    ["/usr/lib/x86_64-linux-gnu/pkgconfig", "/usr/lib/pkgconfig", "/usr/share/pkgconfig"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".pc")?.to_owned()))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
fn theirs(case: &[(&str, &str)], module: &str) -> Result<Vec<String>, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_pkg_config_probe"))
        .arg(module)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs([("TARGET", HOST), ("HOST", HOST)])
        .envs(case.iter().copied())
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !line.starts_with("cargo:rerun-if"));
    // An intended difference: parts of the C library are linked in the same way as the C library. rustc cannot read
    // `libm.a`, a text.
    let shared = |line: &str| match line.strip_prefix("cargo:rustc-link-lib=static=") {
        Some(name @ ("m" | "rt" | "dl" | "pthread")) => format!("cargo:rustc-link-lib={name}"),
        _ => line.to_owned(),
    };
    // An intended difference: a shared library with a versioned file name is linked as that file; the crate finds
    // no name in it, and warns.
    let by_file = |line: String| {
        let path = line
            .strip_prefix("cargo:warning=File path ")
            .and_then(|rest| rest.split_once(" found in pkg-config file"));
        let Some((path, _)) = path.filter(|(path, _)| path.contains(".so.")) else { return vec![line] };
        let (folder, file) = path.rsplit_once('/').unwrap_or_default();
        vec![
            format!("cargo:rustc-link-search={folder}"),
            format!("cargo:rustc-link-lib=dylib:+verbatim={file}"),
        ]
    };
    // An intended difference: a region of the linker's line is a property of the libraries in it, and `--as-needed`, which is
    // none, is all that is left of it.
    let of_region = |line: &String| !line.starts_with("cargo:rustc-link-arg=-Wl,--pop-state");
    let lines = lines.map(|line| line.replace("=-Wl,--push-state,--as-needed", "=-Wl,--as-needed"));
    Ok(lines.filter(of_region).map(|line| shared(&line)).flat_map(by_file).collect())
}

fn ours(case: &[(&str, &str)], module: &str) -> Result<Vec<String>, String> {
    let library = Library { pkg_config: vec![Item::always(module.to_owned())], ..Library::default() };
    let request = Request {
        target: Target { triple: HOST.to_owned(), ..Target::default() },
        host: HOST.to_owned(),
        ..Request::default()
    };
    let environment = case
        .iter()
        .chain([&("PATH", "/usr/bin:/bin")])
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    let mut world = World::new(environment, scratch());
    match discovery::find(&library, "x", &request, &mut world) {
        Ok(found) => {
            let text =
                directives::print(&found.link, Dialect::SingleColon).map_err(|error| error.to_string())?;
            Ok(text.lines().map(str::to_owned).collect())
        }
        Err(not_found) => Err(format!("{not_found:#?}")),
    }
}

fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pkg-config-crate-oracle")
}
