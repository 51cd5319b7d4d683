//! Tests two processes that make the same object: each gets a complete one, and the kept object always matches its
//! note.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "these tests start themselves, and what they have built")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use inert_vendored_fallbacks::store::{Store, StorePlace};
use inert_vendored_fallbacks::{Toolchain, Unit, build, jobs::Jobs};

/// The variable that gives the sandbox and the builder's name to a builder process.
const BUILDER: &str = "INERT_TEST_BUILDER";

struct Sandbox {
    root: PathBuf,
}

impl Sandbox {
    /// Makes a source whose value is its header's, and a compiler that waits after its work for permission to end,
    /// if a file for it is named.
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("inert-two-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("src")).unwrap();
        let sandbox = Self { root };
        sandbox.write("src/a.c", "#include \"a.h\"\nint a(void) { return VALUE; }\n");
        let wait =
            "while [ -n \"$INERT_TEST_WAIT\" ] && [ ! -e \"$INERT_TEST_WAIT.go\" ]; do sleep 0.01; done";
        // The compilations by which cc examines the compiler do not have `a.c` among their arguments.
        let cc = format!(
            "#!/bin/sh\ngcc \"$@\" || exit\ncase \"$*\" in */src/a.c*) echo x >> {}\n: > \"$INERT_TEST_WAIT.done\"\n{wait};; esac\n",
            sandbox.root.join("calls").display()
        );
        sandbox.write("cc", &cc);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(sandbox.root.join("cc"), executable).unwrap();
        sandbox
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root.join(name), text).unwrap();
    }

    fn header(&self, value: u32) {
        // The clock of a file system may be coarser than this test.
        std::thread::sleep(Duration::from_millis(20));
        self.write("src/a.h", &format!("#define VALUE {value}\n"));
        std::thread::sleep(Duration::from_millis(20));
    }

    /// Makes builders wait for permission a second time, before they archive.
    fn slow_archiver(&self) {
        let wait =
            "while [ -n \"$INERT_TEST_WAIT\" ] && [ ! -e \"$INERT_TEST_WAIT.archive\" ]; do sleep 0.01; done";
        self.write("ar", &format!("#!/bin/sh\n[ -z \"$INERT_TEST_WAIT\" ] || : > \"$INERT_TEST_WAIT.archiving\"\n{wait}\nexec ar \"$@\"\n"));
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.root.join("ar"), executable).unwrap();
    }

    /// Starts a process that builds; with `waits`, it waits for permission to end.
    fn start(&self, builder: &str, waits: bool) -> Child {
        let wait = self.root.join(builder);
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_builder", "--nocapture"])
            .env(BUILDER, format!("{}\n{builder}", self.root.display()))
            .env("INERT_TEST_WAIT", if waits { wait.as_os_str() } else { "".as_ref() })
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait_until_compiled(&self, builder: &str) {
        self.wait_for(builder, "done");
    }

    fn wait_for(&self, builder: &str, what: &str) {
        let (mark, start) = (self.root.join(format!("{builder}.{what}")), Instant::now());
        while !mark.exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "{builder} is never {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn finish(&self, builder: &str, mut process: Child) {
        self.write(&format!("{builder}.go"), "");
        assert!(process.wait().unwrap().success(), "{builder}");
    }

    /// Returns the number of compilations.
    fn compiles(&self) -> usize {
        std::fs::read_to_string(self.root.join("calls")).unwrap_or_default().lines().count()
    }

    /// Returns the exit code of a program that links a builder's archive.
    fn value(&self, builder: &str) -> i32 {
        let program = self.root.join(format!("{builder}-program"));
        self.write("main.c", "int a(void); int main(void) { return a(); }\n");
        let archive = self.root.join(builder).join("liba.a");
        let mut gcc = Command::new("gcc");
        let linked = gcc.arg("-o").args([&program, &self.root.join("main.c"), &archive]).status().unwrap();
        assert!(linked.success(), "{builder}'s archive is not whole");
        Command::new(program).status().unwrap().code().unwrap()
    }

    /// Returns the number of objects that are kept.
    fn kept(&self) -> usize {
        let folders = |folder: PathBuf| {
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
        };
        let notes = folders(self.root.join("store/notes")).flat_map(folders).flat_map(folders);
        notes.filter(|note| std::fs::read_to_string(note).unwrap().contains("/a.c\n")).count()
    }
}

fn store(root: &Path) -> Store {
    Store::new(StorePlace { folder: root.join("store"), ..StorePlace::default() })
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// The work of a process that another test starts.
#[test]
fn a_builder() {
    let Ok(what) = std::env::var(BUILDER) else { return };
    let (root, builder) = what.split_once('\n').unwrap();
    let root = Path::new(root);
    let unit = Unit { name: "a".into(), sources: vec![root.join("src/a.c")], ..Unit::default() };
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let taken = ["PATH", "INERT_TEST_WAIT"].map(|name| (name, std::env::var(name).unwrap()));
    let tool = |name: &str| root.join(name).display().to_string();
    let ar = Some(("AR", tool("ar"))).filter(|(_, path)| Path::new(path).exists());
    let toolchain = Toolchain {
        target: target.clone(),
        host: target,
        opt_level: "0".into(),
        debug: false,
        environment: taken.into_iter().chain([("CC", tool("cc"))]).chain(ar).collect(),
        scratch: root.join(format!("{builder}-scratch")),
        jobs: Jobs::Threads(1),
        ..Toolchain::default()
    };
    build(&unit, &toolchain, &root.join(builder), Some(&store(root))).unwrap();
}

/// Tests that both processes compile the same before either keeps it.
#[test]
fn the_same_twice() {
    let sandbox = Sandbox::new("same");
    sandbox.header(3);
    let (first, second) = (sandbox.start("first", true), sandbox.start("second", true));
    sandbox.wait_until_compiled("first");
    sandbox.wait_until_compiled("second");
    sandbox.finish("second", second);
    sandbox.finish("first", first);
    assert_eq!((sandbox.value("first"), sandbox.value("second")), (3, 3));
    assert_eq!(sandbox.kept(), 1);
    sandbox.finish("third", sandbox.start("third", false));
    assert_eq!((sandbox.value("third"), sandbox.compiles()), (3, 2));
}

/// Changes the header between the two: whichever ends last, the object of the old header is never taken for the new
/// one.
#[test]
fn a_header_between_them() {
    for newer_first in [true, false] {
        let sandbox = Sandbox::new(&format!("header-{newer_first}"));
        sandbox.header(3);
        let older = sandbox.start("older", true);
        sandbox.wait_until_compiled("older");
        sandbox.header(5);
        let newer = sandbox.start("newer", true);
        sandbox.wait_until_compiled("newer");
        if newer_first {
            sandbox.finish("newer", newer);
            assert_eq!(sandbox.value("newer"), 5);
            sandbox.finish("older", older);
            // Its object was made of a header that was written meanwhile, and is not kept; the newer one is.
            assert_eq!(sandbox.kept(), 1);
        } else {
            sandbox.finish("older", older);
            assert_eq!(sandbox.kept(), 0);
            sandbox.finish("newer", newer);
            assert_eq!(sandbox.kept(), 1);
            assert_eq!(sandbox.value("newer"), 5);
        }
        assert_eq!(sandbox.value("older"), 3);
        sandbox.finish("third", sandbox.start("third", false));
        assert_eq!((sandbox.value("third"), sandbox.compiles()), (5, 2));
    }
}

/// Tests a process that has kept its object but not archived it when the other keeps another in its place.
#[test]
fn a_header_before_the_archive() {
    let sandbox = Sandbox::new("archive");
    sandbox.slow_archiver();
    sandbox.header(3);
    let older = sandbox.start("older", true);
    sandbox.write("older.go", "");
    sandbox.wait_for("older", "archiving");
    sandbox.header(5);
    let newer = sandbox.start("newer", false);
    sandbox.finish("newer", newer);
    sandbox.write("older.archive", "");
    sandbox.finish("older", older);
    assert_eq!((sandbox.value("older"), sandbox.value("newer")), (3, 5));
    // A build that finds all objects takes the archive, too.
    let _ = std::fs::remove_file(sandbox.root.join("taker.archiving"));
    sandbox.finish("taker", sandbox.start("taker", true));
    assert!(!sandbox.root.join("taker.archiving").exists());
    sandbox.header(7);
    sandbox.finish("last", sandbox.start("last", false));
    assert_eq!((sandbox.value("taker"), sandbox.value("last"), sandbox.compiles()), (5, 7, 3));
}

/// Starts many processes repeatedly while a header changes: no archive is partial, and in the end all agree.
#[test]
fn many_at_once() {
    let sandbox = Sandbox::new("many");
    for value in 1..=6 {
        sandbox.header(value);
        let names: Vec<String> = (0..4).map(|at| format!("builder-{at}")).collect();
        let processes: Vec<Child> = names.iter().map(|name| sandbox.start(name, false)).collect();
        for (name, process) in names.iter().zip(processes) {
            sandbox.finish(name, process);
        }
        let value = i32::try_from(value).unwrap();
        names.iter().for_each(|name| assert_eq!(sandbox.value(name), value, "{name}"));
    }
}
