//! Tests `cargo inert export` and `audit --advisories`.
//!
//! The real consumers are asked where they are there: `dpkg-checkbuilddeps` and `nix-instantiate` on the usual paths,
//! buildifier by `INERT_BUILDIFIER` (`npm install @bazel/buildifier`). Without one that part is left out, and the test
//! prints a message.

use std::path::PathBuf;

use inert_tests::{Sandbox, said};

/// Writes an application: a package that sets cfgs and a variable, one that asks the system for zlib, one that writes a
/// file.
fn application() -> Sandbox {
    let sandbox = Sandbox::new();
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2021\"\n{more}")
    };
    let inert = "[package.metadata.inert]\nschema = 1\n";
    sandbox.write(&[
        (
            "app/Cargo.toml",
            &package("app", "[dependencies]\nsays = { path = \"../says\" }\nasks-sys = { path = \"../asks\" }\nwrites = { path = \"../writes\" }\nexpands = { path = \"../expands\" }\n[workspace]\n"),
        ),
        ("app/src/lib.rs", ""),
        (
            "says/Cargo.toml",
            &package("says", &format!("{inert}[package.metadata.inert.cfg]\nfast = 'unix'\n[package.metadata.inert.rustc-env]\nSAYS_VERSION = \"a \\\"b\\\" \\\\\"\n")),
        ),
        (
            "expands/Cargo.toml",
            &package("expands", &format!("{inert}[package.metadata.inert.cfg]\nof = {{ \"a-b\" = 'unix' }}\n[package.metadata.inert.rustc-env]\nEXPANDS_VERSION = \"$${{c}}\"\n")),
        ),
        ("expands/build.rs", "fn main() { panic!() }"),
        ("expands/src/lib.rs", ""),
        ("says/build.rs", "fn main() { panic!() }"),
        ("says/src/lib.rs", ""),
        (
            "asks/Cargo.toml",
            &package("asks-sys", &format!("links = \"z\"\n{inert}[package.metadata.inert.library.zlib]\npkg-config = \"zlib\"\nversion = \">=1.2\"\n[package.metadata.inert.links-metadata]\nkind = {{ text = \"a\" }}\n")),
        ),
        ("asks/build.rs", "fn main() { panic!() }"),
        ("asks/src/lib.rs", ""),
        ("writes/Cargo.toml", &package("writes", &format!("[dependencies]\nasks-sys = {{ path = \"../asks\" }}\n{inert}[package.metadata.inert.out-dir.\"a.rs\"]\ntext = \"\"\n"))),
        ("writes/build.rs", "fn main() { panic!() }"),
        ("writes/src/lib.rs", ""),
        ("system/zlib.pc", "Name: zlib\nVersion: 1.3\nDescription: x\nLibs: -lz\n"),
    ]);
    sandbox
}

fn inert(sandbox: &Sandbox, words: &str) -> inert_tests::Said {
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert"]).args(words.split(' ')).env("PKG_CONFIG_LIBDIR", sandbox.path("system"));
    said(&mut command)
}

#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn consumer(path: Option<PathBuf>, name: &str) -> Option<String> {
    let found = path.filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("left out: {name} is not here");
    }
    found.map(|path| path.display().to_string())
}

#[test]
fn debian_is_read_by_dpkg() {
    let sandbox = application();
    let text = inert(&sandbox, "export debian").good().out;
    assert!(text.contains("Source: rust-app\nBuild-Depends: cargo,\n               rustc,\n               pkgconf,\n               zlib1g-dev\n"), "{text}");
    let Some(dpkg) = consumer(Some("/usr/bin/dpkg-checkbuilddeps".into()), "dpkg-checkbuilddeps") else {
        return;
    };
    sandbox.write(&[("control", &text)]);
    let checked = said(sandbox.command("", &dpkg).args(["control"]).env("LC_ALL", "C"));
    // The packages need not be installed on this machine, but the file must be understood.
    assert!(checked.code == 0 || checked.err.contains("nmet build dependencies: "), "{}", checked.err);
}

#[test]
fn nix_evaluates_the_overrides() {
    let sandbox = application();
    let before = inert(&sandbox, "export nix").good().out;
    assert!(before.contains("no build with these arguments has recorded what it says"), "{before}");
    let _ = inert(&sandbox, "check").good();
    let text = inert(&sandbox, "export nix").good().out;
    assert!(text.contains("extraRustcOpts = [ \"--cfg\" \"fast\" ];"), "{text}");
    assert!(text.contains("# its script stays: it writes files into OUT_DIR"), "{text}");
    // `writes` depends on it, and its script stays: it is told what that of `asks-sys` says.
    assert!(text.contains("# its script stays: the script of a package that depends on it stays"), "{text}");
    // The build phase is a shell's: it takes the quotation marks of a flag for its own.
    assert!(text.contains(r#"extraRustcOpts = [ "--cfg" "of=\\\"a-b\\\"" ];"#), "{text}");
    let Some(nix) = consumer(Some("/usr/bin/nix-instantiate".into()), "nix-instantiate") else { return };
    sandbox.write(&[("overrides.nix", &text)]);
    let expression = format!(
        "let o = import {} {{ pkgs = {{ zlib = \"Z\"; pkg-config = \"P\"; }}; }}; in [ (o.says {{ }}).SAYS_VERSION (o.expands {{ }}).EXPANDS_VERSION (o.says {{ }}).build (o.says {{ preConfigure = \"x\"; }}).preConfigure (o.asks-sys {{ }}).buildInputs ]",
        sandbox.path("overrides.nix").display()
    );
    let mut command = sandbox.command("", &nix);
    command.args(["--eval", "--strict", "--json", "--option", "sandbox", "false", "-E", &expression]);
    // A store of its own: nothing of this machine is touched.
    let state = sandbox.path("nix");
    for (name, folder) in [
        ("NIX_STORE_DIR", "store"),
        ("NIX_STATE_DIR", "state"),
        ("NIX_LOG_DIR", "log"),
        ("NIX_CONF_DIR", "conf"),
    ] {
        command.env(name, state.join(folder));
    }
    let evaluated = said(command.env("HOME", sandbox.path(""))).good();
    assert_eq!(evaluated.out.trim(), r#"["a \"b\" \\","${c}","","x\nrm -f build.rs\n",["Z"]]"#);
}

#[test]
fn bazel_has_its_own_form() {
    let sandbox = application();
    let _ = inert(&sandbox, "check").good();
    let text = inert(&sandbox, "export bazel").good().out;
    assert!(text.contains("# Experimental: bazel itself has never evaluated"), "{text}");
    let says = "crate.annotation(\n    crate = \"says\",\n    gen_build_script = \"off\",\n    rustc_env = {\n        \"SAYS_VERSION\": \"a \\\"b\\\" \\\\\",\n    },\n    \
                rustc_flags = [\"--cfg=fast\"],\n    version = \"1.2.3\",\n)\n";
    assert!(text.contains(says), "{text}");
    assert!(text.contains("# writes 1.2.3: its script stays: it writes files into OUT_DIR"), "{text}");
    assert!(text.contains("# expands 1.2.3: its script stays: it says text with `$`"), "{text}");
    #[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
    let named = std::env::var_os("INERT_BUILDIFIER").map(PathBuf::from);
    let Some(buildifier) = consumer(named, "buildifier") else { return };
    sandbox.write(&[("MODULE.bazel", &text)]);
    let mut command = sandbox.command("", &buildifier);
    let _ = said(command.args(["-mode=check", "-lint=off", "-type=module", "MODULE.bazel"])).good();
}

#[test]
fn the_others_are_in_their_own_language() {
    let sandbox = application();
    let _ = inert(&sandbox, "check").good();
    let vcpkg = inert(&sandbox, "export vcpkg").good().out;
    let manifest: serde_json::Value = serde_json::from_str(&vcpkg).expect("JSON");
    assert_eq!(
        manifest,
        serde_json::json!({ "name": "app", "version-string": "1.2.3", "dependencies": ["zlib"] })
    );
    let meson = inert(&sandbox, "export meson").good().out;
    assert!(meson.contains("dep_zlib = dependency('zlib', version : ['>=1.2'])\n"), "{meson}");
    let reindeer = inert(&sandbox, "export reindeer").good().out;
    let parts: Vec<&str> = reindeer.split("\n# third-party/fixups/").skip(1).collect();
    assert_eq!(parts.len(), 4, "{reindeer}");
    for part in parts {
        let text = part.split_once('\n').expect("a heading").1;
        assert!(toml::de::DeTable::parse(text).is_ok(), "{text}");
    }
    assert!(reindeer.contains("buildscript.run = false\nrustc_flags = [\"--cfg=fast\"]\n"), "{reindeer}");
    let _ = inert(&sandbox, "export scons").code(2);
    // A refused build has nothing to export.
    sandbox.write(&[("app/inert.toml", "[[deny]]\npackage = \"says\"\n")]);
    assert!(inert(&sandbox, "export vcpkg").code(1).out.is_empty());
}

#[test]
fn advisories_are_read_from_a_folder() {
    let sandbox = application();
    let bundles = "[package]\nname = \"bundles\"\nversion = \"1.0.0+2.5.1\"\nedition = \"2021\"\n[package.metadata.inert]\nschema = 1\n\
                   [package.metadata.inert.cc-library.mine]\nsources = [\"c/one.c\"]\n";
    let manifest = sandbox
        .read("app/Cargo.toml")
        .replace("[workspace]", "bundles = { path = \"../bundles\" }\n[workspace]");
    let advisory = |id: &str, name: &str, versions: &str| {
        format!(
            r#"{{"id": "{id}", "summary": "bad \u001b[31m", "affected": [{{"package": {{"ecosystem": "OSS-Fuzz", "name": "{name}"}}, "ranges": [{{"type": "GIT", "repo": "https://x/{name}", "events": [{{"introduced": "0"}}]}}], "versions": [{versions}]}}]}}"#
        )
    };
    sandbox.write(&[
        ("app/Cargo.toml", &manifest),
        ("bundles/Cargo.toml", bundles),
        ("bundles/build.rs", "fn main() { panic!() }"),
        ("bundles/src/lib.rs", ""),
        ("bundles/c/one.c", "int one;\n"),
        ("osv/deep/affects.json", &advisory("OSV-1", "Mine", "\"v2.5.0\", \"v2.5.1\"")),
        ("osv/fixed.json", &advisory("OSV-2", "mine", "\"v2.5.0\"")),
        ("osv/other.json", &advisory("OSV-3", "other", "\"v2.5.1\"")),
        ("osv/commits.json", &advisory("OSV-4", "libmine", "")),
        ("osv/readme.txt", "not read"),
    ]);
    let folder = sandbox.path("osv").display().to_string();
    let found = inert(&sandbox, &format!("audit --advisories {folder}")).code(1).out;
    assert!(found.contains("affected: 1\n  mine 2.5.1  bundled  OSV-1\n"), "{found}");
    assert!(
        found.contains(
            "perhaps affected: nothing says whether this version is: 1\n  mine 2.5.1  bundled  OSV-4\n"
        ),
        "{found}"
    );
    assert!(!found.contains("OSV-2") && !found.contains("OSV-3") && !found.contains('\u{1b}'), "{found}");
    assert!(found.contains("not compared: zlib ("), "{found}");
    sandbox.write(&[("none/fixed.json", &advisory("OSV-2", "mine", "\"v2.5.0\""))]);
    let none = sandbox.path("none").display().to_string();
    let clean = inert(&sandbox, &format!("audit --advisories {none} --format json")).good().out;
    assert!(clean.contains("\"advisories\": 1") && clean.contains("\"findings\": []"), "{clean}");
    sandbox.write(&[("none/bad.json", "{}")]);
    let _ = inert(&sandbox, &format!("audit --advisories {none}")).code(2);
}
