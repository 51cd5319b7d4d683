//! Help texts for users of macOS and Windows, in simulated environments: the attempts there, and the commands to
//! type.

use std::ffi::OsString;

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::{Request, Target};
use inert_resolver::{Dialect, World, directives, discovery};

struct Case {
    host: &'static str,
    target: &'static str,
    environment: &'static [(&'static str, &'static str)],
    frameworks: &'static [&'static str],
    /// The expected texts in the whole message if the library is not found, or in the directives if it is.
    says: &'static [&'static str],
    /// The texts that must not occur.
    silent: &'static [&'static str],
}

const MACOS: &str = "aarch64-apple-darwin";
const MSVC: &str = "x86_64-pc-windows-msvc";
const MINGW: &str = "x86_64-pc-windows-gnu";

const CASES: &[Case] = &[
    Case {
        host: MACOS,
        target: MACOS,
        environment: &[],
        frameworks: &[],
        says: &[
            "no zlib.pc",
            "brew install zlib",
            "brew is not on this machine",
            "keg-only): PKG_CONFIG_PATH=\"$(brew --prefix zlib)/lib/pkgconfig\"",
            "PKG_CONFIG_PATH=<the folder of zlib.pc>",
        ],
        silent: &["apt install", "vcpkg install"],
    },
    Case {
        host: MACOS,
        target: MACOS,
        environment: &[("IN_NIX_SHELL", "impure")],
        frameworks: &[],
        says: &["nix-shell -p pkg-config zlib"],
        silent: &["brew"],
    },
    // The folders of this host do not exist here: for an existing library the help would name the variable that
    // hides it.
    Case {
        host: "riscv64gc-unknown-linux-gnu",
        target: "riscv64gc-unknown-linux-gnu",
        environment: &[("IN_NIX_SHELL", "pure"), ("PKG_CONFIG_LIBDIR", "/nowhere")],
        frameworks: &[],
        says: &["nix-shell -p pkg-config zlib"],
        silent: &["apt install"],
    },
    Case {
        host: MINGW,
        target: MINGW,
        environment: &[("MSYSTEM", "UCRT64")],
        frameworks: &[],
        says: &["vcpkg install zlib:x64-mingw-static\n", "of MSYS2: pacman -F zlib.pc"],
        silent: &["apt install"],
    },
    Case {
        host: MACOS,
        target: MACOS,
        environment: &[],
        frameworks: &["Security", "CoreFoundation"],
        says: &["cargo:rustc-link-lib=framework=Security", "cargo:rustc-link-lib=framework=CoreFoundation"],
        silent: &[],
    },
    Case {
        host: MACOS,
        target: "riscv64gc-unknown-linux-gnu",
        environment: &[],
        frameworks: &["Security"],
        says: &["frameworks are for Apple systems", "PKG_CONFIG_PATH_riscv64gc_unknown_linux_gnu"],
        silent: &["brew install", "framework="],
    },
    // For a foreign target, the help must not name packages that this system does not have.
    Case {
        host: "x86_64-unknown-linux-gnu",
        target: MINGW,
        environment: &[],
        frameworks: &[],
        says: &[
            "vcpkg install zlib:x64-mingw-static\n",
            "into a sysroot of x86_64-pc-windows-gnu, and name that: PKG_CONFIG_SYSROOT_DIR_x86_64_pc_windows_gnu=",
        ],
        silent: &["apt install", "brew install"],
    },
    Case {
        host: "x86_64-unknown-linux-gnu",
        target: "x86_64-unknown-linux-musl",
        environment: &[("PKG_CONFIG_SYSROOT_DIR", "sysroot")],
        frameworks: &[],
        says: &["PKG_CONFIG_SYSROOT_DIR is the relative path sysroot", "vcpkg install zlib:x64-linux-musl\n"],
        silent: &["apt install", "/usr/lib/pkgconfig"],
    },
    Case {
        host: MSVC,
        target: MSVC,
        environment: &[],
        frameworks: &[],
        says: &["vcpkg install zlib:x64-windows-static-md\n", "VCPKG_ROOT=<the folder of vcpkg>"],
        silent: &["apt install", "brew install"],
    },
    Case {
        host: MSVC,
        target: MSVC,
        environment: &[("VCPKG_ROOT", "/nowhere/vcpkg")],
        frameworks: &[],
        says: &["/nowhere/vcpkg is no vcpkg tree"],
        silent: &["VCPKG_ROOT=<"],
    },
    Case {
        host: MSVC,
        target: MINGW,
        environment: &[("VCPKG_INSTALLED_ROOT", "/nowhere/vcpkg_installed")],
        frameworks: &[],
        says: &["/nowhere/vcpkg_installed", "vcpkg install zlib:x64-mingw-static\n"],
        silent: &["apt install"],
    },
];

#[test]
fn what_is_said_there() {
    for case in CASES {
        let items = |names: &[&str]| names.iter().map(|name| Item::always((*name).to_owned())).collect();
        let library = Library {
            pkg_config: items(&["zlib"]),
            vcpkg: items(&["zlib"]),
            libs: items(&["z"]),
            frameworks: items(case.frameworks),
            ..Library::default()
        };
        let request = Request {
            target: Target { triple: case.target.to_owned(), ..Target::default() },
            host: case.host.to_owned(),
            ..Request::default()
        };
        let environment =
            case.environment.iter().map(|(name, value)| (OsString::from(*name), OsString::from(*value)));
        let mut world = World::new(environment.collect(), "/nowhere".into());
        // The environment hides the folders of this machine.
        world.environment.set("PKG_CONFIG_LIBDIR", "/nowhere/pkgconfig");
        let said = match discovery::find(&library, "zlib", &request, &mut world) {
            Ok(found) => directives::print(&found.link, Dialect::SingleColon).unwrap(),
            Err(missing) => {
                let attempts = missing.attempts.iter().map(ToString::to_string);
                attempts.chain(missing.remedies.clone()).collect::<Vec<_>>().join("\n") + "\n"
            }
        };
        let which = format!("{} for {} with {:?}", case.host, case.target, case.environment);
        for part in case.says {
            assert!(said.contains(part), "{which}: `{part}` is not in:\n{said}");
        }
        for part in case.silent {
            assert!(!said.contains(part), "{which}: `{part}` is in:\n{said}");
        }
    }
}
