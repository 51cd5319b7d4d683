//! Damaged `.pc` files and vcpkg trees: each is reported with the file that it is about, and nothing panics. The
//! files are real, and read as in a build.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use inert_manifest_spec::condition::{Comparison, Operator};
use inert_manifest_spec::{Guarded, Item, Library, VersionRange};
use inert_resolver::request::{Request, Target};
use inert_resolver::{Dialect, World, directives, discovery};

const HOST: &str = "x86_64-unknown-linux-gnu";

/// The way in which a case puts `x.pc` into its folder.
enum Put {
    File(&'static [u8]),
    Files(&'static [(&'static str, &'static [u8])]),
    Folder,
    LinkToItself,
    Unreadable,
    /// The searched folder is a file.
    NotAFolder,
    /// A file of that many bytes.
    Large(u64),
    /// A pipe, on which a reader would wait.
    Pipe,
    /// A device, which has no end.
    Device,
}

struct Case {
    name: &'static str,
    put: Put,
    /// The expected texts in an attempt, a warning or the reason; `found` comes first if the library is found.
    says: &'static [&'static str],
    /// The expected directive, if the library is found.
    told: Option<&'static str>,
}

const CASES: &[Case] = &[
    Case {
        name: "no text at all",
        put: Put::File(b"\x00\x01\x02garbage\xff"),
        says: &["x.pc", "it has no `Name:` field"],
        told: None,
    },
    Case {
        name: "no version",
        put: Put::File(b"Name: x\nDescription: x\nLibs: -lx\n"),
        says: &["x.pc", "it has no `Version:` field"],
        told: None,
    },
    Case {
        name: "a version that is none, and one is asked for",
        put: Put::File(b"Name: x\nDescription: x\nVersion: ${nothing}\nLibs: -lx\n"),
        says: &["x.pc"],
        told: None,
    },
    Case {
        name: "it requires itself round a corner",
        put: Put::Files(&[
            ("x", b"Name: x\nDescription: x\nVersion: 2\nRequires: y\nLibs: -lx\n"),
            ("y", b"Name: y\nDescription: y\nVersion: 2\nRequires: x\nLibs: -ly\n"),
        ]),
        says: &[],
        told: Some("cargo:rustc-link-lib=x\ncargo:rustc-link-lib=y\n"),
    },
    Case {
        name: "it requires what is not there",
        put: Put::File(b"Name: x\nDescription: x\nVersion: 2\nRequires: gone >= 3\nLibs: -lx\n"),
        says: &["gone.pc, required by x.pc"],
        told: None,
    },
    Case {
        name: "variables that name each other",
        put: Put::File(b"a=${b}\nb=${a}\nName: x\nDescription: x\nVersion: 2\nLibs: -L${a} -lx\n"),
        says: &[],
        told: Some("cargo:rustc-link-lib=x\n"),
    },
    Case {
        name: "flags that start something",
        put: Put::File(
            b"Name: x\nDescription: x\nVersion: 2\nCflags: -fplugin=/t/e.so -specs=/t/s -include /t/h\n\
              Libs: -lx -wrapper sh,-c -fplugin=/t/e.so -B/t -Wl,-plugin,/t/e.so -Wl,--dynamic-linker=/t/l -T/t/s\n",
        ),
        says: &["-wrapper", "-fplugin=/t/e.so", "-B/t", "-plugin", "--dynamic-linker", "-T/t/s"],
        told: Some("cargo:rustc-link-lib=x\n"),
    },
    Case {
        name: "a file of arguments, which may name libraries",
        put: Put::File(b"Name: x\nDescription: x\nVersion: 2\nLibs: -lx @/t/args\n"),
        says: &["x.pc:4: the flag `@/t/args` is refused: it reads arguments from a file"],
        told: None,
    },
    Case { name: "a folder", put: Put::Folder, says: &["x.pc", "cannot be read"], told: None },
    Case {
        name: "a link to itself",
        put: Put::LinkToItself,
        says: &["x.pc", "symbolic links"],
        told: None,
    },
    Case { name: "unreadable", put: Put::Unreadable, says: &["x.pc", "ermission denied"], told: None },
    Case { name: "the searched folder is a file", put: Put::NotAFolder, says: &["no x.pc"], told: None },
    Case { name: "a hundred megabytes", put: Put::Large(100 << 20), says: &["x.pc: cannot be read: it has 104857600 bytes"], told: None },
    Case { name: "a pipe", put: Put::Pipe, says: &["x.pc: cannot be read: it is no regular file"], told: None },
    Case { name: "a device", put: Put::Device, says: &["x.pc: cannot be read: it is no regular file"], told: None },
    Case {
        name: "a byte order mark",
        put: Put::File(b"\xef\xbb\xbfName: x\nDescription: x\nVersion: 2\nLibs: -lx\n"),
        says: &["x.pc", "it begins with a byte order mark"],
        told: None,
    },
    Case {
        name: "UTF-16",
        put: Put::File(b"\xff\xfeN\0a\0m\0e\0:\0"),
        says: &["x.pc", "it begins with a byte order mark"],
        told: None,
    },
    Case {
        name: "the line ends of Windows",
        put: Put::File(b"Name: x\r\nDescription: x\r\nVersion: 2\r\nLibs: -lx\r\n"),
        says: &[],
        told: Some("cargo:rustc-link-lib=x\n"),
    },
    Case {
        name: "an empty version",
        put: Put::File(b"Name: x\nDescription: x\nVersion:\nLibs: -lx\n"),
        says: &["x.pc says no version, but x >= 1 is needed"],
        told: None,
    },
    Case {
        name: "an open quote",
        put: Put::File(b"Name: x\nDescription: x\nVersion: 2\nLibs: -lx \"-L/a\n"),
        says: &["x.pc: `Libs:` has an open quote"],
        told: Some(""),
    },
    Case {
        name: "relative folders",
        put: Put::File(b"Name: x\nDescription: x\nVersion: 2\nLibs: -L. -Llib -lx\n"),
        says: &["x.pc:4: the flag `-L.` is refused"],
        told: None,
    },
    Case {
        name: "it requires what would be typed",
        put: Put::File(b"Name: x\nDescription: x\nVersion: 2\nRequires: y;reboot ../z\nLibs: -lx\n"),
        says: &["no y;reboot.pc, required by x.pc", "no ../z.pc, required by x.pc"],
        told: None,
    },
    Case {
        name: "bytes that are not UTF-8",
        put: Put::File(b"Name: x\xff\nDescription: x\nVersion: 2\nLibs: -lx -l\xff\xfe -L/a\xffb\n"),
        // The flag's library is unknown, and without it another program would be linked.
        says: &["x.pc:4", "\u{FFFD}"],
        told: None,
    },
];

/// Lays out a case; returns `None` if this user may read everything.
fn put(case: &Case) -> Option<PathBuf> {
    let own = inert_resolver::world::process_environment().get(AS_NOBODY).map(PathBuf::from);
    let base = own.clone().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-input"));
    let folder = base.join(case.name.replace([' ', ','], "-"));
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_file(&folder);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("x.pc");
    let whole = b"Name: x\nDescription: x\nVersion: 2\nLibs: -lx\n";
    match &case.put {
        Put::File(bytes) => fs::write(&file, bytes).unwrap(),
        Put::Files(files) => {
            files
                .iter()
                .for_each(|(name, bytes)| fs::write(folder.join(format!("{name}.pc")), bytes).unwrap());
        }
        Put::Folder => fs::create_dir(&file).unwrap(),
        #[cfg(unix)]
        Put::LinkToItself => std::os::unix::fs::symlink("x.pc", &file).unwrap(),
        #[cfg(unix)]
        Put::Unreadable => {
            use std::os::unix::fs::PermissionsExt as _;
            fs::write(&file, whole).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
            if fs::read(&file).is_ok() {
                assert!(own.is_none(), "nobody may read what nobody may read");
                return None;
            }
        }
        #[cfg(not(unix))]
        Put::LinkToItself | Put::Unreadable | Put::Pipe | Put::Device => return None,
        Put::Large(bytes) => {
            fs::write(&file, whole).unwrap();
            fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(*bytes).unwrap();
        }
        #[cfg(unix)]
        Put::Pipe => pipe(&file),
        #[cfg(unix)]
        Put::Device => std::os::unix::fs::symlink("/dev/zero", &file).unwrap(),
        Put::NotAFolder => {
            fs::remove_dir(&folder).unwrap();
            fs::write(&folder, whole).unwrap();
        }
    }
    Some(folder)
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "the standard library makes no pipes with a name")]
fn pipe(file: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success());
}

/// Root may read everything, so the case runs again as a user without that right.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this test starts itself")]
fn as_nobody() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = std::env::temp_dir().join(format!("inert-as-nobody-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    // The other user must be able to enter the folder of the executable.
    let own = folder.join("test");
    fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
    let output = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(&own)
        .args(["--exact", "a_pc_file_that_is_none", "--nocapture"])
        .env(AS_NOBODY, &folder)
        .output()
        .expect("setpriv, of util-linux, for a test that root cannot make");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success() && said.contains("test result: ok. 1 passed"), "as nobody: {said}");
}

/// The variable with the folder that a test started by [`as_nobody`] writes to.
const AS_NOBODY: &str = "INERT_TEST_AS_NOBODY";

#[test]
fn a_pc_file_that_is_none() {
    for case in CASES {
        let Some(folder) = put(case) else {
            #[cfg(unix)]
            as_nobody();
            continue;
        };
        let comparison = Comparison { operator: Operator::GreaterEqual, value: "1".to_owned() };
        let library = Library {
            pkg_config: vec![Item::always("x".to_owned())],
            version: Some(Guarded::always(VersionRange { comparisons: vec![comparison] })),
            ..Library::default()
        };
        let request = Request {
            target: Target { triple: HOST.to_owned(), ..Target::default() },
            host: HOST.to_owned(),
            ..Request::default()
        };
        let environment = [("PKG_CONFIG_LIBDIR", folder.to_str().unwrap())];
        let environment = environment.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let mut world = World::new(environment.into_iter().collect(), "/nowhere".into());
        let (said, told) = match discovery::find(&library, "x", &request, &mut world) {
            Ok(found) => {
                let told = directives::print(&found.link, Dialect::SingleColon).unwrap();
                (found.warnings.join("\n"), Some(told))
            }
            Err(missing) => {
                let attempts: Vec<String> = missing.attempts.iter().map(ToString::to_string).collect();
                (attempts.join("\n") + missing.unmet.as_deref().unwrap_or_default(), None)
            }
        };
        assert_eq!(told.as_deref(), case.told, "{}: {said}", case.name);
        for part in case.says {
            assert!(said.contains(part), "{}: `{part}` is not in: {said}", case.name);
        }
    }
}
