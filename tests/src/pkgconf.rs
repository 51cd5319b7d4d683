//! Asks the `pkgconf` executable, and our reader, the same questions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use inert_resolver::pkgconf::{Client, Config, PackageId, Personality, Want, parse_dependencies, render};

use crate::Disk;

/// The result of the executable.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// It exited with 0 and printed this.
    Printed(String),
    /// It reported an error.
    Failed,
    /// A signal ended it, or it exceeded its time.
    Killed,
}

/// Runs the executable with a limit in seconds; returns `None` if it is not installed.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the oracle is a program")]
pub fn theirs<A: AsRef<str>>(
    seconds: u32,
    arguments: &[A],
    environment: &[(String, String)],
) -> Option<Told> {
    let output = Command::new("timeout")
        .args(["--foreground", &seconds.to_string(), "pkgconf"])
        .args(arguments.iter().map(AsRef::as_ref))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .ok()?;
    Some(match output.status.code() {
        Some(0) => Told::Printed(String::from_utf8_lossy(&output.stdout).into_owned()),
        // `timeout` ends by the same signal as its child, or reports it as a shell does.
        Some(code) if code < 124 => Told::Failed,
        _ => Told::Killed,
    })
}

/// Returns the built-in paths of the installed pkgconf. Returns `None` if it is not installed or, with a note, if
/// its version is not 1.8, the one that our reader follows.
#[must_use]
#[expect(clippy::print_stderr, reason = "why an oracle compares nothing")]
pub fn installed() -> Option<Personality> {
    let said = |words: &[&str]| match theirs(60, words, &[]) {
        Some(Told::Printed(text)) => Some(text.trim().to_owned()),
        _ => None,
    };
    let Some(version) = said(&["--version"]) else {
        eprintln!("no pkgconf here: nothing to compare with");
        return None;
    };
    if !version.starts_with("1.8.") {
        eprintln!(
            "held against pkgconf 1.8, which merges flags in another way than {version}: nothing is compared here"
        );
        return None;
    }
    let list = |name: &str| -> Vec<String> {
        let text = said(&[&format!("--variable={name}"), "pkg-config"]).unwrap_or_default();
        text.split(':').map(str::to_owned).collect()
    };
    Some(Personality {
        search_paths: list("pc_path"),
        library_paths: list("pc_system_libdirs"),
        include_paths: list("pc_system_includedirs"),
        ..Personality::default()
    })
}

/// Returns our answer to the same arguments; `None` if there is an error.
///
/// # Panics
/// An argument is not supported.
#[must_use]
pub fn ours<A: AsRef<str>>(
    personality: &Personality,
    arguments: &[A],
    environment: &[(String, String)],
) -> Option<String> {
    let environment: BTreeMap<&str, &str> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut variable = |name: &str| environment.get(name).map(|value| (*value).to_owned());
    let mut config = Config::from_environment(&mut variable, personality, false);
    let mut want = Want { cflags: false, libs: false };
    let (mut fields, mut names) = (Vec::new(), Vec::new());
    for argument in arguments.iter().map(AsRef::as_ref) {
        let (option, value) = argument.split_once('=').unwrap_or((argument, ""));
        match option {
            "--cflags" => want.cflags = true,
            "--libs" => want.libs = true,
            "--static" => config.is_static = true,
            "--pure" => config.pure = true,
            "--no-uninstalled" => config.no_uninstalled = true,
            "--ignore-conflicts" => config.ignore_conflicts = true,
            "--keep-system-libs" => config.keep_system_libs = true,
            "--keep-system-cflags" => config.keep_system_cflags = true,
            "--define-prefix" => config.define_prefix = true,
            "--with-path" => config.search_paths.push(PathBuf::from(value)),
            "--define-variable" => {
                let (name, value) = value.split_once('=').unwrap_or((value, ""));
                config.defines.push((name.to_owned(), value.to_owned()));
            }
            // Debian's pkgconf requires private requirements here too, as with `--cflags`.
            "--exists" => {
                want.cflags = true;
                fields.push((option, value));
            }
            "--modversion" | "--variable" | "--path" | "--print-requires" | "--print-variables" => {
                fields.push((option, value));
            }
            _ if option.starts_with("--") => panic!("{option} is not asked for here"),
            _ => names.push(argument),
        }
    }
    let mut disk = Disk;
    let mut client = Client::new(&mut disk, config);
    let wanted: Vec<_> = names.iter().flat_map(|name| parse_dependencies(name)).collect();
    let answer = client.query(&wanted, want).ok()?;
    if fields.is_empty() {
        let flags = render(answer.cflags.iter().chain(&answer.libs));
        return Some(String::from_utf8_lossy(&flags).into_owned() + "\n");
    }
    Some(fields.iter().map(|(option, value)| field(&client, &answer.modules, option, value)).collect())
}

/// Returns the lines that an option prints for each module.
fn field(client: &Client<'_>, modules: &[PackageId], option: &str, value: &str) -> String {
    let lines = |line: &dyn Fn(PackageId) -> String| modules.iter().map(|id| line(*id)).collect();
    match option {
        "--modversion" => lines(&|id| format!("{}\n", client.package(id).version)),
        "--path" => lines(&|id| format!("{}\n", client.package(id).path.display())),
        "--variable" => {
            let values = modules.iter().map(|id| client.variable(*id, value).unwrap_or_default());
            values.collect::<Vec<_>>().join(" ") + "\n"
        }
        "--print-variables" => lines(&|id| {
            let names: Vec<_> = client.package(id).variables().map(|(name, _)| format!("{name}\n")).collect();
            names.into_iter().rev().collect()
        }),
        "--print-requires" => lines(&|id| {
            let entries = client.package(id).requires.iter().map(|entry| match &entry.version {
                Some(version) => format!("{} {} {version}\n", entry.module, entry.operator.as_str()),
                None => format!("{}\n", entry.module),
            });
            entries.collect()
        }),
        _ => String::new(),
    }
}
