//! Cases of `cargo inert lint`: each folder of `tests/lint` is a package, with the expected report in
//! `expected.txt`, which `INERT_UPDATE=1` renews.

use inert_tests::{Sandbox, root, said};
use serde_json::Value;

#[test]
fn cases() {
    let folder = root().join("tests/lint");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the case folders")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    let update = inert_tests::random::asked("INERT_UPDATE", 0) == 1;
    let sandbox = Sandbox::new();
    let mut differing = Vec::new();
    for name in &names {
        let _ =
            said(sandbox.command("", "cp").arg("-r").arg(folder.join(name)).arg(sandbox.path(name))).good();
        let mut command = sandbox.command("", "cargo");
        command.args(["inert", "lint", "--format", "json", "--manifest-path"]);
        let ran = said(command.arg(sandbox.path(name).join("Cargo.toml")));
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| {
            panic!("{name}: {error}\n--- stdout\n{}\n--- stderr\n{}", ran.out, ran.err)
        });
        let mut actual = format!("exit code {}\n", ran.code);
        for one in report["packages"][0]["diagnostics"].as_array().into_iter().flatten() {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let line = one["line"].as_u64().map_or_else(|| "-".to_owned(), |line| line.to_string());
            actual.push_str(&format!(
                "{}: {} {}: {}\n  help: {}\n",
                line,
                text("severity"),
                text("code"),
                text("message"),
                text("help")
            ));
        }
        let expected = folder.join(name).join("expected.txt");
        if update {
            std::fs::write(&expected, &actual).expect("a writable folder");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != actual {
            differing.push(format!("== {name}\n{actual}"));
        }
    }
    assert!(differing.is_empty(), "these came out otherwise:\n{}", differing.join("\n"));
}

/// Tests manifests of a megabyte: one with much other content, and one with too many declarations.
#[test]
fn large_manifests() {
    let sandbox = Sandbox::new();
    let head = "[package]\nname = \"mine\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n[package.metadata.inert]\nschema = 1\n";
    let line = |at: usize| format!("key_{at} = {:?}\n", "x".repeat(60));
    let other: String = (0..14_000).map(line).collect();
    let declared: String = (0..20_000).map(|at| format!("cfg.key_{at} = \"any(unix, windows)\"\n")).collect();
    sandbox.write(&[
        ("other/Cargo.toml", &format!("{head}cfg.a = \"unix\"\n[package.metadata.other]\n{other}")),
        ("other/src/lib.rs", ""),
        ("other/build.rs", "fn main() {}\n"),
        ("declared/Cargo.toml", &format!("{head}cfg.a = \"unix\"\n{declared}")),
        ("declared/src/lib.rs", ""),
        ("declared/build.rs", "fn main() {}\n"),
    ]);
    let _ = sandbox.inert("other", "lint").good();
    let _ = sandbox.inert("other", "check").good().says("1 build script replaced");
    for words in ["lint", "check"] {
        let _ = sandbox
            .inert("declared", words)
            .code(2)
            .says("20001 entries are more than the 20000 that are read");
    }
}

#[test]
fn what_is_said_elsewhere_is_shown() {
    let sandbox = Sandbox::new();
    let case = root().join("tests/examples/cfg-only");
    let _ = said(sandbox.command("", "cp").arg("-r").arg(case).arg(sandbox.path("mine"))).good();
    let shim = root().join("build-script").display().to_string().replace('\\', "/");
    let manifest = sandbox.read("mine/Cargo.toml").replace("../../../build-script", &shim);
    sandbox.write(&[("mine/Cargo.toml", &format!("{manifest}\n[workspace]\n"))]);
    let shown = |words: &str| sandbox.inert("mine", &format!("lint --resolve {words}")).good().out;
    let windows = shown("--target x86_64-pc-windows-msvc --features extra");
    assert!(windows.contains("cargo:rustc-cfg=fast_arithmetic=\"64\""), "{windows}");
    assert!(!windows.contains("cargo:rustc-cfg=linux_like"), "{windows}");
    let android = shown("--target armv7-linux-androideabi --features extra");
    for line in ["fast_arithmetic=\"32\"", "linux_like", "with_extra"] {
        assert!(android.contains(&format!("cargo:rustc-cfg={line}\n")), "{line}: {android}");
    }
    let _ =
        sandbox.inert("mine", "lint --resolve --features nothing").code(2).says("has no feature `nothing`");
    let _ = sandbox.inert("mine", "lint -p somebody").code(2).says("no package `somebody`");
}

/// A source build is shown on a target without a compiler, as if it were done.
#[test]
fn a_source_build_is_shown_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "mine/Cargo.toml",
            "[package]\nname = \"mine-sys\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"z9\"\n[workspace]\n\
             [package.metadata.inert]\nschema = 1\n\
             library.z9 = { pkg-config = \"z9\", fallback = \"z9\" }\n\
             cc-library.z9 = { sources = [\"z9.c\"], folder = \"lib\", install-headers = { \"include/z9.h\" = \"z9.h\" } }\n\
             links-metadata.include = { path = \"${library.z9.include}\" }\n",
        ),
        ("mine/build.rs", "fn main() {}"),
        ("mine/src/lib.rs", ""),
        // No compiler would take it.
        ("mine/z9.c", "this is no C\n"),
        ("mine/z9.h", ""),
    ]);
    let shown = |words: &str| sandbox.inert("mine", &format!("lint --resolve {words}")).good().out;
    for target in ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"] {
        let text = shown(&format!("--target {target}"));
        for line in [
            "cargo:rustc-link-search=native=$OUT_DIR/lib\n",
            "cargo:rustc-link-lib=static=z9\n",
            "# compiles, which was not tried here, $OUT_DIR/lib/libz9.a\n",
            "# writes $OUT_DIR/include/z9.h\n",
            "cargo:include=$OUT_DIR/include\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
    let text = shown("--target x86_64-pc-windows-gnu --simulate present");
    assert!(text.contains("cargo:rustc-link-lib=z9") && !text.contains("compiles"), "{text}");
}
