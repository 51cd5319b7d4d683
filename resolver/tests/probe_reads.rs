//! The changes that make a probe of the C compiler run again: in a header that was read, a missing header, the
//! library.

use std::fs;
use std::path::{Path, PathBuf};

use inert_resolver::request::{Package, Request, Rustc, Target};
use inert_resolver::{Dialect, Environment, Journal, World, directives, world};

const HOST: &str = "x86_64-unknown-linux-gnu";

struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe-reads").join(name);
        let _ = fs::remove_dir_all(&root);
        let sandbox = Self { root };
        sandbox.write(files);
        sandbox
    }

    fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = self.root.join("package").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Returns whether the cfg `yes` is set, and the journal with its environment.
    fn ask(&self, probe: &str) -> (bool, Journal, Environment) {
        let text = format!("schema = 1\n[cfg]\nyes = 'probe = \"asked\"'\n[probe]\nasked = {{ {probe} }}\n");
        let declaration = inert_manifest_spec::parse_declaration(&text).declaration.unwrap();
        let environment: Environment = world::process_environment();
        let mut world = World::new(environment.clone(), self.root.join("scratch"));
        let request = Request {
            package: Package { manifest_dir: self.root.join("package"), ..Package::default() },
            target: Target { triple: HOST.to_owned(), ..Target::default() },
            host: HOST.to_owned(),
            opt_level: "0".to_owned(),
            out_dir: self.root.join("out"),
            rustc: Rustc::default(),
            stamp: Some(self.root.join("stamp")),
            ..Request::default()
        };
        let resolution = inert_resolver::resolve(&declaration, &request, &mut world).unwrap();
        let told = directives::print(&resolution.directives, Dialect::SingleColon).unwrap();
        let yes = told.lines().any(|line| line == "cargo:rustc-cfg=yes");
        (yes, resolution.journal, environment)
    }
}

fn holds(journal: &Journal, environment: &Environment) -> bool {
    // The journal is kept as text between builds.
    Journal::parse(&journal.to_text()).unwrap().still_valid(environment).is_ok()
}

/// PATH differs from shell to shell: only what it leads to counts.
#[cfg(unix)]
#[test]
fn a_program_that_is_looked_for() {
    let sandbox = Sandbox::new("program", &[("a/other", ""), ("b/other", "")]);
    let folder = |name: &str| sandbox.root.join("package").join(name);
    let environment = |path: &Path| -> Environment {
        [(std::ffi::OsString::from("PATH"), path.as_os_str().to_owned())].into_iter().collect()
    };
    let look = |path: &Path| {
        let mut world = World::new(environment(path), sandbox.root.join("scratch"));
        (world.may_start("tool"), world.journal)
    };
    let (found, absent) = look(&folder("a"));
    assert!(!found && holds(&absent, &environment(&folder("a"))));
    assert!(holds(&absent, &environment(&folder("b"))), "another PATH, which leads to none either");
    assert!(!holds(&absent, &environment(Path::new("b"))), "a relative folder depends on the process");
    assert!(absent.variables().any(|name| name == "PATH") && absent.variables().any(|name| name == "HOME"));
    sandbox.write(&[("b/tool", "")]);
    assert!(holds(&absent, &environment(&folder("a"))));
    assert!(!holds(&absent, &environment(&folder("b"))));

    let (found, there) = look(&folder("b"));
    assert!(found && holds(&there, &environment(&folder("b"))));
    assert!(!holds(&there, &environment(&folder("a"))), "a PATH that leads to none");
    assert_eq!(there.existing_paths().collect::<Vec<_>>(), [folder("b").join("tool")]);
    fs::remove_file(folder("b").join("tool")).unwrap();
    assert!(!holds(&there, &environment(&folder("b"))));
    assert!(Journal::parse("program perhaps tool\n").is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn the_headers_of_a_program() {
    let files = [
        ("ask.c", "#include \"first.h\"\nint main(void) { return VALUE; }\n"),
        ("first.h", "#include \"below/second.h\"\n"),
        ("below/second.h", "#define VALUE 0\n"),
    ];
    let program = "links = \"m\", source = \"ask.c\"";
    let sandbox = Sandbox::new("headers", &files);
    let (yes, journal, environment) = sandbox.ask(program);
    assert!(yes && holds(&journal, &environment));
    sandbox.write(&[("below/second.h", "#error no\n#define VALUE 0\n")]);
    assert!(!holds(&journal, &environment));

    // The compiler fails at a header, which is then corrected.
    let (yes, journal, environment) = sandbox.ask(program);
    assert!(!yes && holds(&journal, &environment));
    sandbox.write(&[("below/second.h", "#define VALUE 1 - 1\n")]);
    assert!(!holds(&journal, &environment));

    // A header is missing, and then created; the header that includes it counts too.
    sandbox.write(&[("below/second.h", "#include \"third.h\"\n")]);
    let (yes, journal, environment) = sandbox.ask(program);
    assert!(!yes && holds(&journal, &environment));
    sandbox.write(&[("third.h", "#define VALUE 0\n")]);
    assert!(!holds(&journal, &environment), "{journal:?}");
    fs::remove_file(sandbox.root.join("package/third.h")).unwrap();
    assert!(holds(&journal, &environment));
    sandbox.write(&[("below/second.h", "#define VALUE 0\n")]);
    assert!(!holds(&journal, &environment));
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_has() {
    let sandbox = Sandbox::new("system", &[]);
    let named = |probe: &str, path: &str| {
        let (yes, journal, environment) = sandbox.ask(probe);
        assert!(holds(&journal, &environment));
        (yes, journal.to_text().lines().any(|line| line.ends_with(path)))
    };
    assert_eq!(named("header = \"stdio.h\"", "/usr/include/stdio.h"), (true, true));
    assert_eq!(named("header = \"inert/none.h\"", "/usr/include/inert/none.h"), (false, true));
    assert_eq!(named("links = \"m\"", "/libm.so"), (true, true));
    let none = "links = \"inert_none\"";
    assert_eq!(named(none, "/usr/local/lib/libinert_none.so"), (false, true));
    let stdio = "function = \"printf\", header = \"stdio.h\"";
    assert_eq!(named(stdio, "/usr/include/stdio.h"), (true, true));
}
