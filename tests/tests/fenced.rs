//! The outer fence (`[sandbox] outer = true`): builds, tests and installations work behind it; what nothing else confines gets
//! nothing out; programs that were built run outside; and where there can be no fence nothing is built.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use inert_tests::{Said, Sandbox, binaries, said};

const FENCE: &str = "[sandbox]\nouter = true\n";

/// Writes the user's own policy.
fn users(sandbox: &Sandbox, text: &str) {
    sandbox.write(&[("inert-home/config/inert.toml", text)]);
}

/// A workspace whose program writes a file, opens a port, and tells of its folder; with a library in C, a script, a macro, and
/// tests of all kinds. All write to the folder `out`.
fn whole() -> Sandbox {
    let sandbox = Sandbox::new();
    let out = sandbox.path("out").display().to_string();
    std::fs::create_dir(&out).unwrap();
    let outside = format!(
        "pub fn outside(name: &str) {{ std::fs::write(format!(\"{out}/{{name}}\"), std::env::temp_dir().display().to_string()).unwrap(); \
         std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap(); }}\n"
    );
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"my-app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\nnative = { path = \"../native\" }\nscripted = { path = \"../scripted\" }\nmacros = { path = \"../macros\" }\n"),
        ("app/src/lib.rs", &format!("{outside}\n/// ```\n/// my_app::outside(\"doctest\");\n/// ```\npub fn documented() {{}}\n#[test]\nfn unit() {{ outside(\"unit\"); }}\n")),
        ("app/src/main.rs", "fn main() { my_app::outside(\"run\"); let word = macros::word!(); let code: i32 = std::env::args().nth(1).map_or(0, |code| code.parse().unwrap());\
          println!(\"{} {word} {}\", native::answer(), scripted::WORD); if code == 99 { std::process::abort() } std::process::exit(code) }\n"),
        ("app/tests/whole.rs", "#[test]\nfn whole() { my_app::outside(\"integration\"); }\n"),
        ("native/Cargo.toml", "[package]\nname = \"native\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n[package.metadata.inert]\nschema = 1\n[package.metadata.inert.cc-library.answer]\nsources = [\"c/*.c\"]\n"),
        ("native/build.rs", "fn main() { panic!(\"replaced\") }\n"),
        ("native/src/lib.rs", "pub fn answer() -> i32 { extern \"C\" { fn answer() -> i32; } unsafe { answer() } }\n"),
        ("native/c/answer.c", "int answer(void) { return 42; }\n"),
        ("scripted/Cargo.toml", "[package]\nname = \"scripted\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("scripted/build.rs", "fn main() { let out = std::env::var(\"OUT_DIR\").unwrap(); std::fs::write(format!(\"{out}/clock\"), format!(\"{:?}\", std::time::SystemTime::now())).unwrap(); println!(\"cargo:rustc-cfg=scripted\"); println!(\"cargo:rustc-check-cfg=cfg(scripted)\"); }\n"),
        ("scripted/src/lib.rs", "pub const WORD: &str = if cfg!(scripted) { \"scripted\" } else { \"\" };\n"),
        ("macros/Cargo.toml", "[package]\nname = \"macros\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n"),
        ("macros/src/lib.rs", "#[proc_macro]\npub fn word(_: proc_macro::TokenStream) -> proc_macro::TokenStream { \"\\\"macro\\\"\".parse().unwrap() }\n"),
    ]);
    let refused = sandbox.inert("app", "build").code(1);
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
    sandbox.write(&[("app/inert.toml", &format!("{FENCE}[[allow]]{stanza}"))]);
    sandbox
}

#[test]
fn builds_work_and_what_was_built_runs_outside() {
    let sandbox = whole();
    let written = |name: &str| {
        let folder = std::fs::read_to_string(sandbox.path("out").join(name)).unwrap_or_default();
        // The program's own temporary folder is the caller's.
        !folder.is_empty() && !folder.contains(".inert")
    };
    let ran = sandbox.inert("app", "run").good();
    assert_eq!(ran.out, "42 macro scripted\n");
    assert!(written("run"));
    assert_eq!(sandbox.inert("app", "run -q -- 7").code, 7);
    // A signal ends it: as without the fence, Cargo has become the program.
    assert_eq!(sandbox.inert("app", "run -q -- 99").code, 101);
    let tested = sandbox.inert("app", "test").good();
    assert!(tested.out.contains("1 passed"), "{}", tested.out);
    for name in ["unit", "integration", "doctest"] {
        assert!(written(name), "{name} did not run outside");
    }
    // Nothing is left of the session, and a second build has nothing to do.
    let again = sandbox.inert("app", "build").good();
    assert!(!again.err.contains("Compiling"), "{}", again.err);
    for command in ["check", "clippy", "doc --no-deps"] {
        let _ = sandbox.inert("app", command).good();
    }
}

/// The runner that the user has configured runs outside, too, and starts the program.
#[test]
fn the_users_runner_is_chained() {
    let sandbox = whole();
    let log = sandbox.path("out/log");
    sandbox.write(&[(
        "runner",
        &format!("#!/bin/sh\necho \"$1\" >> '{}'\nshift\nexec \"$@\"\n", log.display()),
    )]);
    std::fs::set_permissions(sandbox.path("runner"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let runner = sandbox.path("runner").display().to_string();
    let run = |variable: &str| {
        said(
            sandbox
                .command("app", "cargo")
                .args(["inert", "run", "-q"])
                .env(variable, format!("{runner} word")),
        )
    };
    let _ = run("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER").good();
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "word\n");
    // One that stands for several targets cannot be told from here.
    let config = format!("--config=target.'cfg(unix)'.runner='{runner} word'");
    let refused = said(sandbox.command("app", "cargo").args(["inert", "run", "-q", &config]));
    let _ = refused.code(1).says("names a runner under `target.'cfg(…)'`");
}

/// The store is written by what is inside, and taken in by the driver, for another workspace; not where something inside runs
/// unconfined, which could forge an entry.
#[test]
fn the_store_is_filled() {
    let sandbox = whole();
    let _ = said(sandbox.command("", "cp").args(["-r", "app", "second"])).good();
    let store = sandbox.path("inert-home/cache/store/v1/blobs");
    let build = |folder: &str| {
        let _ = sandbox.inert(folder, "build -q").good();
    };
    build("app");
    let count = |folder: &std::path::Path| -> usize {
        std::fs::read_dir(folder).map_or(0, |all| {
            all.flatten().map(|entry| std::fs::read_dir(entry.path()).unwrap().count()).sum()
        })
    };
    let kept = count(&store);
    assert!(kept > 0, "nothing was kept");
    build("second");
    assert_eq!(count(&store), kept, "the second workspace found all of it");
    let log = sandbox.read("inert-home/cache/store/v1/log");
    assert!(log.lines().any(|line| line.starts_with("1 0 ") || line.starts_with("2 0 ")), "{log}");
    let _ = said(sandbox.command("", "rm").args(["-r", "inert-home/cache/store", "app/target"])).good();
    let policy = sandbox.read("app/inert.toml").replace("outer = true", "outer = true\nrustc = \"off\"");
    sandbox.write(&[("app/inert.toml", &policy)]);
    build("app");
    assert!(!store.exists(), "an entry of an open build was taken in");
}

/// A project in which a script and a macro that nothing confines try to get out; `fence` is the rest of the policy.
fn attempting(fence: &str) -> (BTreeSet<String>, BTreeSet<String>, Said) {
    let sandbox = Sandbox::new();
    let outside = sandbox.path("outside");
    for name in ["source.rs", "emptied", "removed", "moved", "linked"] {
        sandbox.write(&[(&format!("outside/{name}"), "text")]);
    }
    sandbox.write(&[("outside/pid", &std::process::id().to_string())]);
    let _listener = UnixListener::bind(outside.join("socket")).unwrap();
    let outside = outside.display();
    let attempts = include_str!("fenced/attempts.rs");
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\nmacros = { path = \"../macros\" }\n"),
        ("app/src/main.rs", "fn main() { println!(\"{}|{}\", dep::THROUGH, macros::through!()); }\n"),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", "pub const THROUGH: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/through\"));\n"),
        ("dep/attempts.rs", attempts),
        ("dep/build.rs", &format!("include!(\"attempts.rs\");\nfn main() {{ let out = std::env::var(\"OUT_DIR\").unwrap();\
            println!(\"cargo:rerun-if-changed=build.rs\");\
            let asked = std::process::Command::new(\"{}\").args([\"--inert-outside\", \"x86_64-unknown-linux-gnu\", \"/bin/sh\", \"-c\", \"echo x > '{outside}/asked'\"]).output().unwrap();\
            let asked = if asked.status.success() {{ \" ask-the-driver\" }} else {{ \"\" }};\
            std::fs::write(format!(\"{{out}}/through\"), attempts(\"{outside}\").join(\" \") + asked).unwrap(); }}\n", binaries().join("inert").display())),
        ("macros/Cargo.toml", "[package]\nname = \"macros\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n"),
        ("macros/src/attempts.rs", attempts),
        ("macros/src/lib.rs", &format!("include!(\"attempts.rs\");\n#[proc_macro]\npub fn through(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{ format!(\"{{:?}}\", attempts(\"{outside}\").join(\" \")).parse().unwrap() }}\n")),
    ]);
    // The macro comes second, and finds what the script has changed.
    let refused = sandbox.inert("app", "build").code(1);
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
    let policy = format!("{fence}[[allow]]\nconfine = false\nconfine-reason = \"to see\"\n{stanza}");
    sandbox.write(&[("app/inert.toml", &policy)]);
    let ran = sandbox.inert("app", "run -q").good();
    let (script, in_macro) = ran.out.trim().split_once('|').unwrap();
    let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let found = (names(script), names(in_macro), sandbox.inert("app", "audit").good());
    if !fence.contains("outer") {
        return found;
    }
    let left = |name: &str| sandbox.path("outside").join(name).exists();
    assert!(left("removed") && left("moved") && !left("new") && !left("asked"), "something outside changed");
    assert_eq!(sandbox.read("outside/source.rs"), "text");
    found
}

#[test]
fn nothing_that_is_not_confined_gets_out() {
    let (script, in_macro, audit) = attempting("[sandbox]\nouter = true\nrustc = \"off\"\n");
    assert!(script.is_empty() && in_macro.is_empty(), "got out: {script:?}, {in_macro:?}");
    assert!(audit.out.contains("behind the outer fence"), "{}", audit.out);
    assert!(audit.out.contains("write the target dir, the build dir"), "{}", audit.out);
    // Bare, each gets through: those of the macro that the script left something to.
    let (script, in_macro, _) = attempting("[sandbox]\nrustc = \"off\"\n");
    assert_eq!(script.len(), 17, "these prove nothing: {script:?}");
    for name in
        ["write-a-file", "start-a-cargo", "listen", "connect-to-a-socket", "signal", "write-by-a-shell"]
    {
        assert!(in_macro.contains(name) || name == "start-a-cargo", "{name} proves nothing: {in_macro:?}");
    }
}

/// The user's policy and a minimum demand the fence, and no tree can take it away; a minimum of the tree's counts.
#[test]
fn the_fence_is_demanded() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
        ),
        ("app/src/main.rs", "fn main() {}\n"),
        ("app/inert.toml", "[sandbox]\nouter = false\n"),
        ("minimum.toml", FENCE),
    ]);
    let fenced = |sandbox: &Sandbox, words: &str| {
        let said = sandbox.inert("app", &format!("audit {words}")).good();
        said.out.contains("behind the outer fence")
    };
    assert!(!fenced(&sandbox, ""));
    assert!(fenced(&sandbox, "--policy ../minimum.toml"));
    users(&sandbox, FENCE);
    assert!(fenced(&sandbox, ""));
    users(&sandbox, "");
    sandbox.write(&[("app/inert.toml", FENCE)]);
    assert!(fenced(&sandbox, ""));
    // What the tree demands is in its lock, and taking it away is weaker.
    let _ = sandbox.inert("app", "lock").good();
    assert!(
        sandbox.read("app/inert.lock").contains("sandbox-outer = [\"true\"]"),
        "{}",
        sandbox.read("app/inert.lock")
    );
    sandbox.write(&[("before.lock", &sandbox.read("app/inert.lock")), ("app/inert.toml", "")]);
    let changed = sandbox.inert("app", "audit --diff ../before.lock");
    assert!(
        changed.out.contains("weaker") && changed.out.contains("[sandbox] outer"),
        "{}\n{}",
        changed.out,
        changed.err
    );
}

/// Where there can be no fence nothing is compiled, unless the user's own policy lets it run without, which each build says.
#[test]
fn without_a_fence_nothing_is_built() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n"),
        ("app/src/main.rs", "fn main() {}\n"),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", ""),
        ("dep/build.rs", "fn main() { println!(\"{:?}\", std::time::SystemTime::now()) }\n"),
        ("wrapper", "#!/bin/sh\nexec \"$@\"\n"),
    ]);
    std::fs::set_permissions(sandbox.path("wrapper"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let refused = sandbox.inert("app", "build").code(1);
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
    let allow =
        |keys: &str| sandbox.write(&[("app/inert.toml", &format!("{FENCE}[[allow]]\n{keys}{stanza}"))]);
    let _ = allow("");
    let wrapped = || {
        said(
            sandbox
                .command("app", "cargo")
                .args(["inert", "build"])
                .env("RUSTC_WRAPPER", sandbox.path("wrapper")),
        )
    };
    let said_no = wrapped().code(1).says("the outer fence is demanded").says("unavailable = \"run\"");
    assert!(!said_no.err.contains("Compiling"), "{}", said_no.err);
    users(&sandbox, "[sandbox]\nunavailable = \"run\"\n");
    for _ in 0..2 {
        let _ = wrapped().good().says("there is no outer fence");
    }
    users(&sandbox, "");
    let _ = allow("network = true\nnetwork-reason = \"fetches\"\n");
    let _ = sandbox.inert("app", "build").code(1).says("dep 0.1.0 grants the network");
}

/// `exec` runs all of a command behind the fence, tests included, and says so.
#[test]
fn exec_is_inside() {
    let sandbox = whole();
    let exec =
        |words: &[&str]| said(sandbox.command("app", "cargo").args(["inert", "exec", "--"]).args(words));
    let built = exec(&["cargo", "build"]).good().says("tests included");
    assert!(built.err.contains("Finished"), "{}", built.err);
    let out = sandbox.path("out/exec").display().to_string();
    assert_ne!(exec(&["sh", "-c", &format!("echo x > '{out}'")]).code, 0);
    let _ = exec(&["sh", "-c", "echo x > \"$TMPDIR/x\" && echo x > target/x"]).good();
    let _ = exec(&["cargo", "test", "--lib"]).code(101);
    assert!(!sandbox.path("out/unit").exists() && !sandbox.path("out/exec").exists());
}

/// An installation writes its programs and records, and nothing else beside them.
#[test]
fn an_installation_works() {
    let sandbox = whole();
    users(&sandbox, &sandbox.read("app/inert.toml"));
    let root = sandbox.path("root").display().to_string();
    let _ = sandbox.inert("", &format!("install --path app --root {root}")).good();
    let mut there: Vec<_> =
        std::fs::read_dir(&root).unwrap().flatten().map(|entry| entry.file_name()).collect();
    there.sort();
    assert_eq!(there, [".crates.toml", ".crates2.json", "bin"]);
    assert!(sandbox.read("root/.crates.toml").contains("my-app"), "{}", sandbox.read("root/.crates.toml"));
    assert!(sandbox.path("root/bin/my-app").is_file());
}
