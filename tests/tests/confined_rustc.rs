//! rustc, clippy and rustdoc run confined, which is the default, and with them every proc macro: access to other
//! units, the caller's variables, the home. `confined.rs` has the attempts on the system.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use inert_tests::{Said, Sandbox, said};

/// Makes an application with a macro in its workspace, which runs `body` and expands to the text that it returns;
/// the library `other` is compiled as well.
fn project(body: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
    };
    let mac = format!(
        "use std::path::*;\n\
         #[proc_macro]\npub fn run(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{\n\
             let arguments: Vec<String> = std::env::args().collect();\n\
             let out = arguments.iter().position(|word| word == \"--out-dir\").map(|at| PathBuf::from(&arguments[at + 1]));\n\
             let text: String = (|out: Option<PathBuf>| {{ {body} }})(out);\n\
             format!(\"{{text:?}}\").parse().unwrap()\n}}\n"
    );
    sandbox.write(&[
        ("secret", "s"),
        (
            "app/Cargo.toml",
            &manifest(
                "app",
                "[workspace]\nmembers = [\"mac\", \"other\"]\n[dependencies]\nmac = { path = \"mac\" }\nother = { path = \"other\" }\n",
            ),
        ),
        ("app/src/lib.rs", "pub const SAID: &str = mac::run!();\n"),
        ("app/src/main.rs", "fn main() { println!(\"{} {}\", app::SAID, other::other()); }\n"),
        ("app/mac/Cargo.toml", &manifest("mac", "[lib]\nproc-macro = true\n")),
        ("app/mac/src/lib.rs", &mac),
        ("app/other/Cargo.toml", &manifest("other", "")),
        ("app/other/src/lib.rs", "pub fn other() -> u32 { 1 }\n"),
    ]);
    sandbox
}

fn with(sandbox: &Sandbox, words: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = sandbox.command("app", "cargo");
    command.arg("inert").args(words.split_whitespace()).envs(variables.iter().copied());
    said(&mut command)
}

/// A macro writes files with the names of another unit's outputs, and replaces its own folder.
#[test]
fn outputs_of_other_units_are_out_of_reach() {
    let sandbox = project(
        r#"
        let own = out.unwrap();
        let real = own.parent().unwrap().parent().unwrap();
        let mut said = Vec::new();
        let mut tried = |what: &str, done: bool| if done { said.push(what.to_owned()) };
        for folder in [real.to_path_buf(), real.join("../../other"), own.parent().unwrap().to_path_buf()] {
            tried("made", std::fs::write(folder.join("forged"), "x").is_ok());
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().contains("other") {
                    tried("changed", std::fs::OpenOptions::new().append(true).open(entry.path()).is_ok());
                    tried("removed", std::fs::remove_file(entry.path()).is_ok());
                }
            }
        }
        tried("moved its folder", std::fs::rename(&own, real.join("moved")).is_ok());
        let stem = real.join("x");
        let name = std::env::args().find_map(|word| word.strip_prefix("extra-filename=").map(str::to_owned)).unwrap_or_default();
        let _ = stem;
        // The names are those of this unit, and one of another unit.
        std::fs::write(own.join("libother-0.rlib"), "forged").unwrap();
        std::fs::write(own.join(format!("app{name}.note")), "published").unwrap();
        said.join(",")
        "#,
    );
    let ran = with(&sandbox, "run", &[]).good();
    assert_eq!(ran.out, " 1\n", "{}", ran.err);
    let mut names = Vec::new();
    let mut pending = vec![sandbox.path("app/target")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                pending.push(entry.path());
            }
            names.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    let of = |part: &str| names.iter().filter(|(name, _)| name.contains(part)).collect::<Vec<_>>();
    assert!(of("forged").is_empty() && of("libother-0").is_empty() && of("moved").is_empty());
    assert_eq!(of(".note").len(), 1);
    // The macro's own folders are removed when it ends.
    assert!(names.iter().all(|(name, _)| !name.starts_with(".inert-")));
    // The source is changed and compiled again, with the kept files.
    sandbox.write(&[(
        "app/src/main.rs",
        "fn main() { println!(\"again {} {}\", app::SAID, other::other()); }\n",
    )]);
    assert_eq!(with(&sandbox, "run", &[]).good().out, "again  1\n");
    assert!(!with(&sandbox, "build", &[]).good().err.contains("Compiling"));
}

/// If `env!` asks for a variable of the caller, that is an error rather than "not set"; granted variables are
/// there; a macro sees no others.
#[test]
fn variables_of_the_caller_are_granted_or_missed() {
    let sandbox = project("std::env::var(\"TOKEN\").unwrap_or(\"none\".into())");
    let variables = [("TOKEN", "secret"), ("WANTED", "yes")];
    assert_eq!(with(&sandbox, "run", &variables).good().out, "none 1\n");
    // The unit has a macro, or none.
    for file in ["app/src/lib.rs", "app/other/src/lib.rs"] {
        let before = sandbox.read(file);
        sandbox.write(&[(file, &format!("{before}pub const W: Option<&str> = option_env!(\"WANTED\");\n"))]);
        let missed = with(&sandbox, "build", &variables).code(101);
        assert!(missed.err.contains("goes by the variable WANTED, which is set"), "{}", missed.err);
        assert!(missed.err.contains("env = [\"WANTED\"]"), "{}", missed.err);
        // A variable that is not set is not reported.
        let _ = with(&sandbox, "build", &[("TOKEN", "secret")]).good();
        sandbox.write(&[(file, &before)]);
    }
    let text = "pub const SAID: &str = mac::run!();\npub const W: &str = env!(\"WANTED\");\n";
    sandbox.write(&[
        ("app/src/lib.rs", text),
        ("app/src/main.rs", "fn main() { println!(\"{} {}\", app::SAID, app::W); }\n"),
        ("app/inert.toml", "[[compile]]\npackage = \"app\"\nenv = [\"WANTED\"]\n"),
    ]);
    assert_eq!(with(&sandbox, "run", &variables).good().out, "none yes\n");
    // The entry came with the tree, so the caller's variable counts only once the user accepts it.
    let untrusted = [("TOKEN", "secret"), ("WANTED", "other"), ("INERT_TRUST", "")];
    let refused = with(&sandbox, "build", &untrusted).code(101);
    assert!(
        refused.err.contains("`[[compile]] app: env WANTED` counts once you accept it"),
        "{}",
        refused.err
    );
}

/// A variable that the package's own script, or `[env]`, sets to the caller's value is available.
#[test]
fn variables_of_cargos_are_there() {
    let sandbox = project("String::new()");
    sandbox.write(&[
        ("app/build.rs", "fn main() { println!(\"cargo:rustc-env=APP_SAME=same\"); }"),
        (
            "app/src/main.rs",
            "fn main() { println!(\"{} {}\", env!(\"APP_SAME\"), env!(\"OF_CONFIGURATION\")); }",
        ),
        ("inert-home/x", ""),
        ("app/.cargo/config.toml", "[env]\nOF_CONFIGURATION = \"same\"\n"),
        ("app/inert.toml", "[policy]\nconfiguration = \"allow\"\n"),
    ]);
    let ran = with(&sandbox, "run", &[("APP_SAME", "same"), ("OF_CONFIGURATION", "same")]).good();
    assert_eq!(ran.out, "same same\n");
}

/// Under clippy and rustdoc a macro can read no more than under rustc; all of them can read it if rustc is not
/// confined.
#[test]
fn clippy_and_rustdoc_are_confined() {
    let sandbox = project(
        "let root = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap();\n\
         if std::fs::read(Path::new(&root).join(\"../secret\")).is_ok() { panic!(\"it reads the secret\") }\n\
         String::new()",
    );
    for command in ["check", "clippy", "doc --no-deps"] {
        let _ = with(&sandbox, command, &[]).good();
    }
    assert!(sandbox.path("app/target/doc/app/index.html").is_file());
    sandbox.write(&[("app/inert.toml", "[sandbox]\nrustc = \"off\"\n")]);
    for command in ["check", "clippy", "doc --no-deps"] {
        let _ = sandbox.inert("app", "clean");
        let _ = std::fs::remove_dir_all(sandbox.path("app/target/doc"));
        let bare = with(&sandbox, command, &[]).code(101);
        assert!(bare.err.contains("it reads the secret"), "{command}: {}", bare.err);
    }
}

/// Further outputs of rustc are in the same place as without confinement, and name no removed folder.
#[test]
fn other_outputs_are_published() {
    let sandbox = project("String::new()");
    let _ = with(&sandbox, "rustc --bin app -- --emit=asm", &[]).good();
    let made = |kind: &str| {
        let mut pending = vec![sandbox.path("app/target")];
        let mut found = Vec::new();
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    pending.push(entry.path());
                } else if entry.path().extension().is_some_and(|extension| extension == kind) {
                    found.push(entry.path());
                }
            }
        }
        found
    };
    assert!(!made("s").is_empty());
    sandbox.write(&[(
        "app/Cargo.toml",
        &format!("{}[profile.dev]\nsplit-debuginfo = \"unpacked\"\n", sandbox.read("app/Cargo.toml")),
    )]);
    let _ = with(&sandbox, "build", &[]).good();
    let objects = made("dwo");
    assert!(!objects.is_empty());
    let program = std::fs::read(sandbox.path("app/target/debug/app")).unwrap();
    let names = |text: &str| program.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!names("/.inert-app"), "a path of a folder that is gone is in the program");
}

/// What a macro does with the outputs of its own unit: `kind.txt` says what is put there, and whether before rustc writes
/// them or, by a thread, again and again until rustc ends.
const REPLACES: &str = r#"
    unsafe extern "C" {
        fn mkfifo(path: *const i8, mode: u32) -> i32;
        fn mknod(path: *const i8, mode: u32, device: u64) -> i32;
        fn link(from: *const i8, to: *const i8) -> i32;
        fn linkat(from_in: i32, from: *const i8, to_in: i32, to: *const i8, flags: i32) -> i32;
        fn syscall(number: i64, ...) -> i64;
    }
    fn put(kind: &str, at: &Path, foreign: &[PathBuf]) -> bool {
        use std::os::fd::AsRawFd;
        let c = |path: &Path| std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        let to = c(at);
        let to = to.as_ptr() as *const i8;
        let one = |from: &PathBuf| unsafe {
            let path = c(from);
            let from_path = path.as_ptr() as *const i8;
            match kind {
                "symlink" => std::os::unix::fs::symlink(from, at).is_ok(),
                "link" => link(from_path, to) == 0,
                "linkat" => linkat(-100, from_path, -100, to, 0x400) == 0,
                "link-of-a-descriptor" => std::fs::File::open(from).is_ok_and(|file| {
                    let own = c(Path::new(&format!("/proc/self/fd/{}", file.as_raw_fd())));
                    linkat(-100, own.as_ptr() as *const i8, -100, to, 0x400) == 0
                        || linkat(file.as_raw_fd(), c"".as_ptr() as *const i8, -100, to, 0x1000) == 0
                }),
                "rename" => std::fs::rename(from, at).is_ok(),
                "exchange" => { let _ = std::fs::write(at, "own"); syscall(316, -100i64, from_path, -100i64, to, 2i64) == 0 }
                _ => false,
            }
        };
        match kind {
            "fifo" => unsafe { mkfifo(to, 0o600) == 0 },
            "socket" => unsafe { mknod(to, 0o140600, 0) == 0 || std::os::unix::net::UnixListener::bind(at).is_ok() },
            "device" => unsafe { mknod(to, 0o20600, 0x103) == 0 },
            "folder" => std::fs::create_dir(at).is_ok(),
            _ => foreign.iter().filter(|from| one(from)).count() > 0,
        }
    }
    let own = out.unwrap();
    let real = own.parent().unwrap().parent().unwrap().to_path_buf();
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let kind = std::fs::read_to_string(root.join("kind.txt")).unwrap();
    let (kind, when) = kind.trim().split_once(' ').unwrap();
    let (kind, when) = (kind.to_owned(), when.to_owned());
    let name = std::env::args().find_map(|word| word.strip_prefix("extra-filename=").map(str::to_owned)).unwrap_or_default();
    // A file of the package, one outside of it, one of the system, and another unit's library.
    let mut foreign = vec![root.join("kind.txt"), root.join("../secret"), PathBuf::from("/etc/passwd"), PathBuf::from("/dev/null")];
    for folder in [real.clone(), real.join("../..")] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let other = entry.file_name().to_string_lossy().contains("other");
            if other && entry.path().is_file() { foreign.push(entry.path()); }
        }
    }
    let stem = format!("app{name}");
    if when == "before" {
        let at = own.join(format!("{stem}.note"));
        format!("{kind} {}", put(&kind, &at, &foreign))
    } else {
        let again = kind.clone();
        // rustc may wait for ever for a pipe that it finds in a file's place; and it may seem to have succeeded.
        std::thread::spawn(|| { std::thread::sleep(std::time::Duration::from_secs(2)); std::process::exit(0) });
        std::thread::spawn(move || loop {
            for name in [format!("lib{stem}.rmeta"), format!("lib{stem}.rlib"), stem.clone(), format!("{stem}.d")] {
                let at = own.join(name);
                if at.is_file() && !at.is_symlink() {
                    let aside = own.join("aside");
                    let _ = std::fs::rename(&at, &aside);
                    if !put(&again, &at, &foreign) { let _ = std::fs::rename(&aside, &at); }
                }
            }
        });
        kind
    }
"#;

const PUT: &[&str] = &[
    "symlink",
    "link",
    "linkat",
    "link-of-a-descriptor",
    "rename",
    "exchange",
    "fifo",
    "socket",
    "device",
    "folder",
];

/// No foreign file gets a name in the folder of outputs, by any call; a publisher that meets something else than a plain
/// file takes nothing and says so.
#[test]
fn links_and_devices_in_the_place_of_an_output_are_not_published() {
    let sandbox = project(REPLACES);
    sandbox.write(&[("app/kind.txt", "none before")]);
    assert_eq!(with(&sandbox, "run", &[]).good().out, "none false 1\n");
    for kind in PUT {
        sandbox.write(&[("app/kind.txt", &format!("{kind} before")), ("app/src/lib.rs", &source(kind))]);
        let built = with(&sandbox, "run", &[]);
        if ["symlink", "fifo", "folder"].contains(kind) {
            // These can be made, in a folder of the unit's own.
            assert_eq!(built.code, 101, "{kind}: {}", built.err);
            assert!(built.err.contains("left something else than a plain file"), "{kind}: {}", built.err);
        } else {
            assert_eq!(built.good().out, format!("{kind} false 1\n"));
        }
        nothing_foreign(&sandbox, kind);
    }
}

/// The same by a thread, while rustc writes its outputs and they are published: whatever comes of the build, it ends, and no
/// foreign file is there.
#[test]
fn outputs_that_are_replaced_meanwhile_are_not_followed() {
    let sandbox = project(REPLACES);
    for kind in ["symlink", "fifo"] {
        for unit in ["src/lib.rs", "src/main.rs"] {
            let main = "fn main() { println!(\"{}\", mac::run!()); }\n";
            let (lib, main) = if unit == "src/lib.rs" {
                (source(kind), "fn main() { app::SAID; }\n")
            } else {
                (String::new(), main)
            };
            sandbox.write(&[
                ("app/kind.txt", &format!("{kind} meanwhile")),
                ("app/src/lib.rs", &lib),
                ("app/src/main.rs", &format!("{main}// {kind}\n")),
            ]);
            let _ = with(&sandbox, "build", &[]);
            nothing_foreign(&sandbox, kind);
        }
    }
}

/// The library's source, which differs by kind, so that it is compiled again.
fn source(kind: &str) -> String {
    format!("pub const SAID: &str = mac::run!();\n// {kind}\n")
}

/// Checks that the files that a macro tried to name are as they were, with one name each, and that nothing but plain files
/// and folders is in the build dir.
fn nothing_foreign(sandbox: &Sandbox, kind: &str) {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    assert_eq!(sandbox.read("secret"), "s", "{kind}");
    for path in ["secret", "app/kind.txt"] {
        assert_eq!(sandbox.path(path).metadata().unwrap().nlink(), 1, "{kind}: {path}");
    }
    assert!(std::fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());
    let mut pending = vec![sandbox.path("app/target/inert/debug")];
    let mut others = std::collections::BTreeMap::new();
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let found = entry.path().symlink_metadata().unwrap();
            let path = entry.path();
            if entry.file_name() == "incremental" {
                // What a unit keeps for itself is read by its own next compilation alone, with the same rights.
                continue;
            }
            // Inert itself makes links to programs, in the target dir.
            let own = std::fs::read_link(&path).is_ok_and(|to| to.starts_with(sandbox.path("app/target")));
            assert!(found.is_dir() || found.is_file() || own, "{kind}: {}", path.display());
            if found.is_dir() {
                assert!(
                    !entry.file_name().to_string_lossy().starts_with(".inert-"),
                    "{kind}: {}",
                    path.display()
                );
                pending.push(path);
            } else if entry.file_name().to_string_lossy().contains("other") {
                others.insert(found.ino(), path);
            } else if path.parent().is_some_and(|folder| folder.ends_with("deps")) {
                assert!(!others.contains_key(&found.ino()), "{kind}: {}", path.display());
            }
        }
    }
}

/// A macro edits its unit's dependency file: names other files, hides its source, makes it endless or no text. Nothing is
/// read for it, and another build is made as ever.
#[test]
fn a_dependency_file_that_a_macro_edits_names_nothing_to_anybody() {
    let sandbox = project(
        r#"
        let own = out.unwrap();
        let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let text = std::fs::read(root.join("kind.txt")).unwrap();
        let name = std::env::args().find_map(|word| word.strip_prefix("extra-filename=").map(str::to_owned)).unwrap_or_default();
        let at = own.join(format!("app{name}.d"));
        std::thread::spawn(move || loop { if at.is_file() { let _ = std::fs::write(&at, &text); } });
        std::thread::sleep(std::time::Duration::from_millis(1));
        String::from("made")
        "#,
    );
    let secret = sandbox.path("secret");
    let at = "x.d";
    for (number, text) in [
        format!("{at}: {}\n\n{}:\n", secret.display(), secret.display()),
        format!("{at}: /dev/zero\n\n/dev/zero:\n"),
        "\u{0}\n\n: : :\n# env-dep:TOKEN=x\n".to_owned(),
        String::new(),
    ]
    .into_iter()
    .enumerate()
    {
        sandbox.write(&[("app/kind.txt", &text), ("app/src/lib.rs", &source(&number.to_string()))]);
        let told = with(&sandbox, "build", &[("TOKEN", "other")]);
        assert!(!told.err.contains("panicked"), "{}", told.err);
        // Cargo may take this unit for fresh, or for never fresh; a clean build is as ever.
        sandbox.write(&[("app/kind.txt", ""), ("app/src/lib.rs", "pub const SAID: &str = \"plain\";\n")]);
        let _ = sandbox.inert("app", "clean").good();
        assert_eq!(with(&sandbox, "run", &[]).good().out, "plain 1\n");
    }
}

/// Each right of a `[[compile]]` entry, and without it none: a program that starts nothing says so at the end of the build,
/// with the line that grants it.
#[test]
fn a_compile_entry_grants_programs_files_and_variables() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = project(
        r#"
        let _ = out;
        let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let tool = std::process::Command::new("inert-test-tool").output();
        let tool = tool.map_or("no tool".to_owned(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
        let file = std::fs::read_to_string(root.join(".hidden/file")).unwrap_or("no file".to_owned());
        let set = std::env::var("SET_HERE").unwrap_or("not set".to_owned());
        format!("{tool}, {file}, {set}")
        "#,
    );
    sandbox.write(&[("bin/inert-test-tool", "#!/bin/sh\necho tool\n"), ("app/.hidden/file", "file")]);
    let tool = sandbox.path("bin/inert-test-tool");
    std::fs::set_permissions(tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let command = sandbox.command("app", "cargo");
    let usual = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), usual.to_string_lossy());
    let variables = [("PATH", path.as_str())];
    let without = with(&sandbox, "build", &variables).good();
    let says = "a macro of `app` was denied to start a program (granted by tools = [\"NAME\"] in a [[compile]] entry for `app`)";
    assert_eq!(without.err.matches(says).count(), 1, "{}", without.err);
    assert_eq!(with(&sandbox, "run", &variables).good().out, "no tool, no file, not set 1\n");
    let entry = "[[compile]]\npackage = \"app\"\ntools = [\"inert-test-tool\"]\nread = [\"workspace:.hidden\"]\nset = { SET_HERE = \"set\" }\n";
    sandbox.write(&[("app/inert.toml", entry), ("app/src/lib.rs", &source("granted"))]);
    let granted = with(&sandbox, "build", &variables).good();
    assert!(!granted.err.contains("was denied"), "{}", granted.err);
    assert_eq!(with(&sandbox, "run", &variables).good().out, "tool, file, set 1\n");
    let audit = with(&sandbox, "audit", &variables).good().out;
    assert!(
        audit.contains("[[compile]] app: read workspace:.hidden, set SET_HERE=set, tool inert-test-tool"),
        "{audit}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&with(&sandbox, "audit --format json", &variables).good().out).unwrap();
    assert_eq!(json["compiling"]["confined"], true);
    let sarif = with(&sandbox, "audit --format sarif", &variables).good().out;
    assert!(
        sarif.contains("may also: read workspace:.hidden") && sarif.contains("It may read the toolchain"),
        "{sarif}"
    );
    // A program or file that a grant names has to be there.
    for (grant, says) in [
        ("tools = [\"inert-test-missing\"]", "the tool `inert-test-missing` is granted"),
        ("read = [\"workspace:missing\"]", "is not there"),
        ("read = [\"workspace:leads-out\"]", "leads out of"),
    ] {
        let _ = std::fs::remove_file(sandbox.path("app/leads-out"));
        std::os::unix::fs::symlink("/etc", sandbox.path("app/leads-out")).unwrap();
        sandbox.write(&[
            ("app/inert.toml", &format!("[[compile]]\npackage = \"app\"\n{grant}\n")),
            ("app/src/lib.rs", &source(grant)),
        ]);
        let refused = with(&sandbox, "build", &variables).code(101);
        assert!(refused.err.contains(says), "{grant}: {}", refused.err);
    }
}
