//! `cargo inert observe`: what a script asks for is found out by running it confined, and only what is accepted is granted.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::Stdio;

use inert_tests::{Said, Sandbox};

/// A package that needs a program, a header outside of the system's folders, a variable and a file of another package,
/// and that also looks at a key in the home.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let at = |path: &str| sandbox.path(path).display().to_string();
    let script = format!(
        r#"use std::{{env, fs, process::Command}};
fn main() {{
    let _ = fs::read("{key}");
    let _ = fs::write("{left}", "");
    let kind = env::var("WIDGET_KIND");
    let made = Command::new("make-widget").output().expect("make-widget starts");
    assert!(made.status.success(), "make-widget fails");
    let header = fs::read_to_string("{header}").expect("the header");
    let other = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../other/data.txt")).expect("the data");
    let text = format!("{{}}{{}}{{}}", kind.expect("WIDGET_KIND is set"), header.trim(), other.trim());
    fs::write(std::path::Path::new(&env::var("OUT_DIR").unwrap()).join("widget.txt"), text).unwrap();
}}
"#,
        key = at("home/.ssh/id_rsa"),
        left = at("home/left"),
        header = at("opt/include/widget.h"),
    );
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nwidget = { path = \"../widget\" }\n",
        ),
        ("app/src/lib.rs", ""),
        ("app/inert.toml", "schema = 1\n"),
        ("widget/Cargo.toml", "[package]\nname = \"widget\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("widget/src/lib.rs", "pub const WIDGET: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/widget.txt\"));\n"),
        ("widget/build.rs", &script),
        ("other/data.txt", "three\n"),
        ("opt/include/widget.h", "two\n"),
        ("tools/make-widget", "#!/bin/sh\nexit 0\n"),
        ("home/.ssh/id_rsa", "secret\n"),
    ]);
    use std::os::unix::fs::PermissionsExt as _;
    let tool = sandbox.path("tools/make-widget");
    std::fs::set_permissions(tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}

fn command(sandbox: &Sandbox, words: &str, answers: &str) -> Said {
    let mut command = sandbox.command("app", "cargo-inert");
    let path = command
        .get_envs()
        .find_map(|(name, value)| if name == "PATH" { value.map(ToOwned::to_owned) } else { None })
        .unwrap_or_default();
    let path = std::iter::once(sandbox.path("tools")).chain(std::env::split_paths(&path));
    command.args(words.split(' ')).env("PATH", std::env::join_paths(path).unwrap());
    command.env("HOME", sandbox.path("home")).env("WIDGET_KIND", "one");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(255),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_least_entry_is_found_by_running_and_builds() {
    let sandbox = sandbox();
    let words = "inert observe widget --offline --write --reason read";
    let said = command(&sandbox, words, &"y\n".repeat(20));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for what in [
        "tools = [\"make-widget\"]\n      it starts the program make-widget",
        "env = [\"WIDGET_KIND\"]\n      its source names WIDGET_KIND, which is set",
        &format!("reads {}", sandbox.path("opt/include/widget.h").display()),
        &format!(
            "(denied to read {})\n      nothing is proposed for what the home hides",
            sandbox.path("home/.ssh/id_rsa").display()
        ),
        &format!("(denied to write {})", sandbox.path("home/left").display()),
    ] {
        assert!(said.out.contains(what), "{what}:\n{}{}", said.out, said.err);
    }
    let policy = sandbox.read("app/inert.toml");
    let read = |path: &str| format!("\"system:{}\"", sandbox.path(path).display());
    for line in [
        "reason = \"read\"\ntools = [\"make-widget\"]\n".to_owned(),
        format!("read = [{}, {}]\n", read("opt/include/widget.h"), read("other/data.txt")),
        "env = [\"WIDGET_KIND\"]\n".to_owned(),
    ] {
        assert!(policy.contains(&line), "{line}: {policy}");
    }
    assert!(!sandbox.path("home/left").exists() && !policy.contains(".ssh"), "{policy}");
    let built = command(&sandbox, "inert check --offline", "");
    assert_eq!(built.code, 0, "{}{}", built.out, built.err);
    // With its entry it asks for nothing more.
    let said = command(&sandbox, "inert observe widget --offline", "");
    assert!(
        said.code == 0 && said.out.contains("its [[allow]] entry grants what it needs"),
        "{}{}",
        said.out,
        said.err
    );
}

#[test]
fn what_is_not_accepted_is_not_granted() {
    let sandbox = sandbox();
    let said = command(&sandbox, "inert observe widget --offline", "");
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("not granted") && said.err.contains("widget 0.1.0 fails"),
        "{}{}",
        said.out,
        said.err
    );
    assert!(
        said.out.contains("inert: make-widget is not granted") || said.out.contains("make-widget fails"),
        "{}",
        said.out
    );
    assert_eq!(sandbox.read("app/inert.toml"), "schema = 1\n");
    // The flag that nothing of a dependency may run holds here, too; so does an unknown name.
    let said = command(&sandbox, "inert observe widget --offline --deny-build-scripts", "y\n");
    assert_ne!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(command(&sandbox, "inert observe nobody --offline", "").code, 2);
}
