//! rustc, gcc and the linkers of this machine as oracles: flags are taken apart as rustc takes them apart, and no argument
//! that is accepted makes a linker open a file that it was not given.
//!
//! `INERT_FLAGS=<number>` tries as many lists as that.

#![expect(clippy::disallowed_methods, reason = "the compilers are what is tested against")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_inert::cargo::configuration::places::Places;
use cargo_inert::cargo::configuration::programs::Programs;
use cargo_inert::cargo::configuration::scope::{Only, Scope};
use cargo_inert::cargo::configuration::{flags, getopts};
use cargo_inert::environment::Environment;

fn count(default: usize) -> usize {
    std::env::var("INERT_FLAGS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A generator with a seed, so that a failure comes again.
struct Random(fastrand::Rng);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0.usize(..bound)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What rustc is given: options in every form, values, and `marker`, which it names in what it answers.
const WORDS: &[&str] = &[
    "-g",
    "-O",
    "-C",
    "-Cdebuginfo=1",
    "--codegen",
    "--codegen=opt-level=1",
    "--C=opt-level=1",
    "-gC",
    "-gO",
    "-Og",
    "-gCopt-level=2",
    "-A",
    "-Aunused",
    "--allow",
    "--allow=unused",
    "-gAunused",
    "-OgWunused",
    "-W",
    "--warn",
    "--cfg",
    "--cfg=a",
    "--cfg=zzmarker",
    "zzmarker",
    "zzmarker",
    "-L",
    "-Lx",
    "-l",
    "-lfoo",
    "--g",
    "--test=1",
    "-Czzmarker",
    "-gOCzzmarker",
    "-C=zzmarker",
    "--codegen=zzmarker",
    "--nonsense",
    "--codege=x",
    "-x",
    "-gx",
    "--check-cfg",
    "-v",
    "--verbose",
    "--verbose=1",
    "--remap-path-prefix",
    "a=b",
    "--cap-lints",
    "--cap-lints=allow",
    "-D",
    "-F",
    "--color",
    "--color=never",
    "--C",
    "--cf=a",
    "-CC",
    "--=x",
];

#[test]
fn flags_are_taken_apart_as_rustc_does() {
    let mut random = Random(fastrand::Rng::with_seed(1));
    let (mut agreed, mut refused) = (0, 0);
    for _ in 0..count(120) {
        let words: Vec<String> = (0..=random.below(5)).map(|_| random.one(WORDS).to_owned()).collect();
        let output = Command::new("rustc").arg("--print=cfg").args(&words).output().expect("rustc starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let misread = ["Unrecognized option", "Argument to option", "does not take an argument"];
        let rustc_misreads = misread.iter().any(|text| stderr.contains(text));
        match getopts::parse(&words, getopts::RUSTC) {
            Ok(given) => {
                assert!(!rustc_misreads, "{words:?}: {given:?}\n{stderr}");
                let codegen = given.iter().any(|one| one.name == "codegen" && one.value == "zzmarker");
                let other = given.iter().find(|one| {
                    one.name == "codegen"
                        && !one.value.contains("opt-level")
                        && !one.value.contains("debuginfo")
                });
                if stderr.contains("unknown codegen option: `zzmarker`") {
                    assert!(codegen, "{words:?}: {given:?}\n{stderr}");
                } else if codegen {
                    // Another option is wrong, and rustc stops at the first.
                    assert!(
                        !output.status.success() && (other.is_some() || !stderr.is_empty()),
                        "{words:?}\n{stderr}"
                    );
                }
                if output.status.success() {
                    let cfg = given.iter().any(|one| one.name == "cfg" && one.value == "zzmarker");
                    assert_eq!(cfg, stdout.lines().any(|line| line == "zzmarker"), "{words:?}: {given:?}");
                }
                agreed += 1;
            }
            // A file to compile is no mistake to rustc; to configuration it is.
            Err(wrong) if wrong.why.contains("a file") => refused += 1,
            Err(wrong) => assert!(rustc_misreads, "{words:?}: {wrong:?}\n{stderr}\n{stdout}"),
        }
    }
    assert!(agreed > 20 && refused > 5, "{agreed} lists agreed, {refused} named a file: is the test right?");
}

/// Beginnings of words for whatever links, behind `-Wl,` or not.
const OPTIONS: &[&str] = &[
    "as-needed",
    "z",
    "soname",
    "h",
    "u",
    "undefined",
    "rpath",
    "R",
    "L",
    "l",
    "e",
    "entry",
    "T",
    "icf",
    "Map",
    "o",
    "exported_symbol",
    "dead_strip",
    "all_load",
    "stack_size",
    "current_version",
    "compatibility_version",
    "install_name",
    "weak_framework",
    "framework",
    "subsystem",
    "stack",
    "export",
    "wrap",
    "defsym",
    "version-script",
    "dynamic-list",
    "build-id",
    "hash-style",
    "O1",
    "O3",
    "threads",
    "no-rosegment",
    "emit-relocs",
    "gc-sections",
    "Bstatic",
    "Bdynamic",
    "Bsymbolic",
    "E",
    "export-dynamic",
    "exclude-libs",
    "init",
    "fini",
    "static",
    "rdynamic",
    "pie",
    "no-pie",
    "s",
    "S",
    "nmagic",
    "omagic",
    "fuse-ld",
    "znow",
    "zstack-size",
    "no_fixup_chains",
    "undefined",
    "compress-debug-sections",
    "unresolved-symbols",
    "warn-unresolved-symbols",
    "print-gc-sections",
    "stats",
    "sort-section",
    "image-base",
    "pack-dyn-relocs",
    "gdb-index",
    "c",
    "mri-script",
    "plugin",
    "B",
    "-",
    "",
];

const VALUES: &[&str] = &[
    "payload", "now", "all", "none", "1", "0x10", "text", "main", "a.b", "sha1", "gnu", "bfd", "$ORIGIN",
    "@payload", "x=1",
];

fn argument(random: &mut Random) -> String {
    let option = random.one(OPTIONS);
    let value = random.one(VALUES);
    let dashes = random.one(&["-", "--", "-", "/"]);
    match random.below(7) {
        0 => format!("{dashes}{option}"),
        1 => format!("{dashes}{option}={value}"),
        2 => format!("{dashes}{option}{value}"),
        3 => format!("-Wl,{dashes}{option}"),
        4 => format!("-Wl,{dashes}{option}={value}"),
        5 => format!("-Wl,{dashes}{option},{value}"),
        _ => format!("-Wl,--as-needed,{dashes}{option}{value}"),
    }
}

#[test]
fn no_accepted_argument_has_a_linker_open_a_file_of_the_tree() {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = folder.path().canonicalize().expect("it is there");
    let run = |arguments: &[&str]| {
        Command::new("gcc")
            .args(arguments)
            .current_dir(&tree)
            .output()
            .map(|output| (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    };
    std::fs::write(tree.join("x.c"), "int main(void) { return 0; }\n").expect("writes");
    let Ok((true, _)) = run(&["-c", "x.c", "-o", "x.o"]) else { return };
    let lld = lld();
    let linkers: Vec<Vec<String>> = [
        Some(vec!["-fuse-ld=bfd".to_owned()]),
        Path::new("/usr/bin/ld.gold").exists().then(|| vec!["-fuse-ld=gold".to_owned()]),
        lld.map(|folder| vec![format!("-B{}", folder.display()), "-fuse-ld=lld".to_owned()]),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut environment = Environment::default();
    environment.variables.insert("PATH".into(), "/usr/bin:/bin".into());
    let places = Places { tree: vec![tree.clone()], ..Places::default() };
    let programs = Programs { environment: &environment, places: &places };
    let scope = Scope {
        places: &places,
        programs: &programs,
        base: &tree,
        only: Only::default(),
        lld: false,
        is_manifest: false,
    };
    let mut random = Random(fastrand::Rng::with_seed(2));
    let (mut accepted, mut linked) = (Vec::new(), 0);
    for _ in 0..count(4_000) {
        let argument = argument(&mut random);
        if flags::rustc(&[format!("-Clink-arg={argument}")], &scope).is_none()
            && !accepted.contains(&argument)
        {
            accepted.push(argument);
        }
    }
    for argument in &accepted {
        // Whatever part of the argument a linker might take for a file is one, which says so when it is opened.
        let planted = tails(argument);
        for name in &planted {
            let _ = std::fs::write(tree.join(name), "INPUT(/opened-by-the-linker)\n");
        }
        for linker in &linkers {
            let before = names(&tree);
            let mut arguments: Vec<&str> = linker.iter().map(String::as_str).collect();
            arguments.extend(["x.o", "-o", "out", argument]);
            let (success, stderr) = run(&arguments).expect("gcc starts");
            assert!(!stderr.contains("opened-by-the-linker"), "{linker:?} {argument}: {stderr}");
            let mut written = names(&tree);
            written.retain(|name| !before.contains(name) && name != "out");
            assert_eq!(written, [""; 0], "{linker:?} {argument}");
            linked += usize::from(success);
        }
        for name in &planted {
            let _ = std::fs::remove_file(tree.join(name));
        }
    }
    assert!(
        accepted.len() > 40 && linked > 60,
        "{} accepted, {linked} linked: is the test right?",
        accepted.len()
    );
}

/// What of a word could be a file's name: what follows a comma, an equals sign or a letter or two.
fn tails(argument: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in argument.split([',', '=']) {
        for start in 0..part.len().min(4) {
            if let Some(tail) = part.get(start..) {
                found.push(tail.to_owned());
            }
        }
    }
    // Version scripts and lists of symbols are read as what they are.
    let reads = argument.contains("version-script") || argument.contains("dynamic-list");
    found.retain(|name| {
        !name.is_empty()
            && !name.contains('/')
            && !["x.c", "x.o", "out", "."].contains(&name.as_str())
            && !reads
    });
    found
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The folder in which rustc's own linker lies under the name that gcc looks for.
fn lld() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let folder = sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld");
    folder.is_dir().then_some(folder)
}
