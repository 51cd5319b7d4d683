//! A confined script or macro that walks through its package finds all that it may read, and the names of the rest.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::process::Command;

use inert_tests::{Said, Sandbox, said};

/// A program that walks through a folder as many do, past what it cannot open, and returns what it found.
const WALK: &str = r#"
fn walk(folder: &std::path::Path, root: &std::path::Path, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let inner = entry.path();
        let named = inner.strip_prefix(root).unwrap().display().to_string();
        if inner.is_dir() { found.push(named + "/"); walk(&inner, root, found) }
        else if std::fs::read(&inner).is_ok() { found.push(named) }
        else { found.push(format!("{named}?")) }
    }
}
fn walked() -> String {
    let root = std::path::PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort();
    found.join(" ")
}
"#;

fn git(sandbox: &Sandbox, folder: &str, words: &str) {
    let mut command = sandbox.command(folder, "git");
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let _ = said(command.args(identity).args(words.split(' '))).good();
}

/// Makes a command with a Cargo folder of the sandbox's own, which the checkouts are in.
fn inert(sandbox: &Sandbox, words: &str) -> Said {
    let mut command: Command = sandbox.command("app", "cargo");
    command.env("CARGO_HOME", sandbox.path("cargo-home")).arg("inert").args(words.split(' '));
    said(&mut command)
}

#[test]
fn a_script_of_a_git_dependency_finds_all_of_its_package() {
    let sandbox = Sandbox::new();
    let script = format!(
        "{WALK}fn main() {{ let _ = std::time::SystemTime::now().elapsed(); println!(\"cargo:warning=found {{}}\", walked()); }}"
    );
    sandbox.write(&[
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", ""),
        ("dep/data/deep/one", "1"),
        ("dep/build.rs", &script),
        ("app/src/main.rs", "fn main() {}"),
    ]);
    git(&sandbox, "dep", "init --quiet --initial-branch=main .");
    git(&sandbox, "dep", "add -A");
    git(&sandbox, "dep", "commit --quiet -m all");
    git(&sandbox, "dep", "branch odd-name");
    let manifest = format!(
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = {{ git = \"file://{}\" }}\n",
        sandbox.path("dep").display()
    );
    sandbox.write(&[("app/Cargo.toml", &manifest)]);
    let refused = inert(&sandbox, "build").code(1);
    let stanza = refused.err.split_once("[[allow]]").expect("a stanza").1.to_owned();
    sandbox.write(&[("app/inert.toml", &format!("[[allow]]{stanza}"))]);
    let built = inert(&sandbox, "build -vv").good();
    let all = format!("{}{}", built.out, built.err);
    let found = all.lines().find_map(|line| line.split_once("found ")).expect("what it found").1;
    let expected = ".cargo-ok .git/ Cargo.toml build.rs data/ data/deep/ data/deep/one src/ src/lib.rs";
    assert_eq!(found.replace(".cargo-ok? ", ".cargo-ok "), expected);
    // It went on without, and the build says so.
    assert!(all.contains("was denied to list") && all.contains("read = [\"package:.git\"]"), "{all}");
}

/// The package of a repository's root, with what builds write in it.
#[test]
fn a_member_and_a_macro_at_the_root_find_all_of_their_package() {
    let sandbox = Sandbox::new();
    let member = format!(
        "{WALK}fn main() {{ let _ = std::time::SystemTime::now().elapsed(); println!(\"cargo:warning=found {{}}\", walked()); }}"
    );
    let mac = format!(
        "{WALK}#[proc_macro]\npub fn seen(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{ format!(\"{{:?}}\", walked()).parse().unwrap() }}"
    );
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nmac = { path = \"../mac\" }\n",
        ),
        ("app/inert.toml", "[policy]\nmembers = \"confined\"\n"),
        ("app/build.rs", &member),
        ("app/src/main.rs", "fn main() { println!(\"found {}\", mac::seen!()); }"),
        ("app/.env", "SECRET=1"),
        ("app/.private/inner", "secret"),
        ("app/assets/deep/one", "1"),
        ("mac/Cargo.toml", "[package]\nname = \"mac\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n"),
        ("mac/src/lib.rs", &mac),
    ]);
    git(&sandbox, "app", "init --quiet --initial-branch=main .");
    let ran = inert(&sandbox, "run").good();
    let all = format!("{}{}", ran.out, ran.err);
    let lists: Vec<&str> = all.lines().filter_map(|line| Some(line.split_once("found ")?.1)).collect();
    assert_eq!(lists.len(), 2, "{all}");
    assert!(all.contains("was denied to list"), "{all}");
    for found in lists {
        // Hidden entries and the target dir are there by their names alone.
        let expected = ".env? .git/ .private/ Cargo.lock Cargo.toml assets/ assets/deep/ assets/deep/one build.rs inert.toml src/ src/main.rs target/";
        assert_eq!(found, expected, "{all}");
    }
}
