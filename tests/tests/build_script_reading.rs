//! Compares the readers of `inert-build` with the other ones: TOML with the `toml` crate, conditions with
//! `manifest-spec`, and its advice for a missing library with that of `inert-resolver`. Also compiles its sources with rustc
//! 1.63.

#[path = "../../build-script/src/discovery/advice.rs"]
#[allow(dead_code, unreachable_pub, clippy::uninlined_format_args)]
mod advice;
#[path = "../../build-script/src/condition.rs"]
#[allow(dead_code, unreachable_pub)]
mod condition;
#[path = "../../build-script/src/toml.rs"]
#[allow(dead_code, unreachable_pub)]
mod toml;

use std::path::{Path, PathBuf};

use ::toml::de::{DeTable, DeValue};
use inert_manifest_spec::{Condition, Fact, Truth};
use inert_tests::random::Random;

/// The type of this name in `inert-build`, whose modules are compiled here.
pub(crate) type Outcome<T> = Result<T, String>;

fn same(path: &str, ours: &toml::Table, theirs: &DeTable<'_>) {
    assert_eq!(ours.0.len(), theirs.len(), "{path}: keys");
    for (key, value) in theirs {
        let path = format!("{path}.{}", key.get_ref());
        let ours = ours.get(key.get_ref()).unwrap_or_else(|| panic!("{path}: missing"));
        same_value(&path, ours, value.get_ref());
    }
}

fn same_value(path: &str, ours: &toml::Value, theirs: &DeValue<'_>) {
    match (ours, theirs) {
        (toml::Value::Text(ours), DeValue::String(theirs)) => assert_eq!(ours, theirs, "{path}"),
        (toml::Value::Boolean(ours), DeValue::Boolean(theirs)) => assert_eq!(ours, theirs, "{path}"),
        (toml::Value::Number(ours), DeValue::Integer(theirs)) if theirs.radix() == 10 => {
            assert_eq!(ours.trim_start_matches('+'), theirs.as_str().trim_start_matches('+'), "{path}");
        }
        (toml::Value::Number(_), DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)) => {}
        (toml::Value::Table(ours), DeValue::Table(theirs)) => same(path, ours, theirs),
        (toml::Value::Array(ours), DeValue::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{path}");
            for (at, (ours, theirs)) in ours.iter().zip(theirs.iter()).enumerate() {
                same_value(&format!("{path}[{at}]"), ours, theirs.get_ref());
            }
        }
        _ => panic!("{path}: another kind of value"),
    }
}

fn read(name: &str, text: &str) -> bool {
    let Ok(theirs) = DeTable::parse(text) else { return false };
    let ours = toml::parse(text).unwrap_or_else(|line| panic!("{name}:{line} is not understood:\n{text}"));
    same(name, &ours, theirs.get_ref());
    true
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

#[expect(clippy::disallowed_methods, reason = "where Cargo keeps what it downloaded, for reading")]
fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

#[test]
fn every_manifest_and_declaration_here_is_read_alike() {
    let mut read_ones = 0;
    let mut pending = vec![inert_tests::root()];
    // The manifests are those of this workspace's dependencies, as published.
    for registry in folders(&cargo_home().join("registry/src")) {
        for package in folders(&registry) {
            for name in ["Cargo.toml", "Cargo.toml.orig"] {
                let Ok(text) = std::fs::read_to_string(package.join(name)) else { continue };
                read_ones += usize::from(read(&package.display().to_string(), &text));
            }
        }
    }
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != ".git" {
                pending.push(path);
            } else if name.ends_with(".toml") || name == "Cargo.toml.orig" {
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
                    read_ones += usize::from(read(&path.display().to_string(), &text));
                }
            }
        }
    }
    assert!(read_ones > 1_000, "only {read_ones} files were read");
}

#[test]
fn odd_toml_is_read_alike() {
    for text in [
        "a.b.c = 1\na.b.d = 'x'\n[a.e]\nf = [[1, 2], [3]] # c\n[[g]]\nh = 1\n[[g]]\n[g.i]\nj = 2\n[[g.k]]\n[[g.k]]\nl = 3",
        "\"quoted key\" = \"\\u00e9\\U0001F600\\t\\\"\"\n'literal' = 'C:\\x'\n",
        "a = \"\"\"\nfirst \\\n    second \"\" \"\"\"\"\"\nb = '''\n'a' ''''\n",
        "a = { b = 1, c.d = true, e = [ { f = '' }, ] }\n",
        "a = [ # c\n 1, # d\n\n 2\n, ]\nb = 1_000\nc = -7\nd = 1.5\ne = 2026-01-02T03:04:05Z\nf = 0xff",
        "[a]\n[a.b]\n[c]\n[a.d]\n",
        "a=\"\"\nb=''\nc=[]\nd={}\n",
        "\r\n[a]\r\nb = \"\"\"\r\nx\r\ny\"\"\"\r\n",
    ] {
        assert!(read("odd", text), "the toml crate does not read it: {text}");
    }
    for text in ["a = ", "a", "[a", "a = [1", "a = \"x", "= 1", "a = 1 b = 2", "[[a]", "a = {b = 1"] {
        assert!(toml::parse(text).is_err(), "{text}");
    }
}

/// Returns a random condition over a few facts of every form.
fn condition(random: &mut Random, depth: u32) -> String {
    const FACTS: &[&str] = &[
        "true",
        "false",
        "unix",
        "cross",
        "debug",
        "target_os = \"linux\"",
        "target_feature = \"sse2\"",
        "feature = \"a\"",
        "env = \"X=1\"",
        "custom_cfg = \"loom\"",
        "probe = \"p\"",
        "found = \"z >= 1.2\"",
        "dep = \"ssl.version contains a\"",
        "rustc = \">=1.70\"",
        "program = \"q\"",
    ];
    if depth == 0 || random.below(3) == 0 {
        return FACTS[random.below(FACTS.len())].to_owned();
    }
    let operator = ["all", "any", "not"][random.below(3)];
    let count = if operator == "not" { 1 } else { random.below(4) };
    let parts: Vec<String> = (0..count).map(|_| condition(random, depth - 1)).collect();
    let blanks = [" ", "", "\n"][random.below(3)];
    format!("{operator}({blanks}{}{blanks})", parts.join(&format!(",{blanks}")))
}

/// Returns the text by which both readers identify a fact.
fn asked(fact: &Fact) -> String {
    Condition::Fact(fact.clone()).to_string()
}

#[test]
fn conditions_are_evaluated_alike() {
    let mut random = Random::seeded(17);
    for _ in 0..4_000 {
        let text = condition(&mut random, 4);
        let parsed = inert_manifest_spec::condition::parse(&text, 0).expect("a condition");
        let mut salt = random.below(1 << 20);
        salt |= 1;
        let answer = |name: &str| {
            let sum = name.bytes().fold(salt, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            [Truth::Yes, Truth::No, Truth::Unknown][sum % 3]
        };
        let theirs = parsed.evaluate(&mut |fact| answer(&asked(fact)));
        let ours = condition::evaluate(&text, &mut |name, value| {
            let text = match value {
                Some(value) => format!("{name} = {value:?}"),
                None => name.to_owned(),
            };
            let parsed = inert_manifest_spec::condition::parse(&text, 0).expect("a fact");
            Ok(match answer(&parsed.to_string()) {
                Truth::Yes => Some(true),
                Truth::No => Some(false),
                Truth::Unknown => None,
            })
        });
        let ours = match ours.expect("it is evaluated") {
            Some(true) => Truth::Yes,
            Some(false) => Truth::No,
            None => Truth::Unknown,
        };
        assert_eq!(ours, theirs, "{text}");
    }
    for text in ["", "all(", "unix)", "a b", "not()x", "a = b", "a = \"b"] {
        let said = condition::evaluate(text, &mut |_, _| Ok(Some(true)));
        assert!(said.is_err(), "{text}: {said:?}");
    }
}

#[test]
fn values_are_compared_alike() {
    let values = [
        "0", "1", "10", "9", "0x10", "0X1f", "1.2", "1.2.0", "1.2.11", "1.10", "a", "a,b", "", "+1", "1.",
        "0x+1", "b",
    ];
    for left in values {
        for right in values {
            for operator in inert_manifest_spec::condition::Operator::ALL {
                let value = right.to_owned();
                let test = inert_manifest_spec::condition::ValueTest { operator, value };
                let theirs = inert_resolver::facts::test_value(left, &test);
                let ours = condition::compare(left, operator.symbol(), right);
                assert_eq!(ours, theirs, "{left:?} {} {right:?}", operator.symbol());
            }
        }
    }
}

/// Builds with the compiler of Debian 12, if rustup has it (`rustup toolchain install 1.63.0 --profile minimal`),
/// as in CI.
#[test]
fn it_builds_with_rustc_1_63() {
    #[expect(clippy::disallowed_methods, reason = "another toolchain's compiler, by rustup")]
    let rustc = |arguments: &[&str]| {
        std::process::Command::new("rustup").args(["run", "1.63.0", "rustc"]).args(arguments).output()
    };
    #[expect(clippy::disallowed_methods, reason = "the tests' own switch")]
    let required = std::env::var_os("INERT_MSRV").is_some();
    let there = rustc(&["--version"]).is_ok_and(|output| output.status.success());
    if !there {
        assert!(!required, "INERT_MSRV is set, and rustup has no rustc 1.63.0");
        return;
    }
    let source = inert_tests::root().join("build-script/src/lib.rs");
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("build.rs");
    std::fs::write(&script, "fn main() { inert_build::build_script() }").expect("writable");
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let folder_text = text(folder.path());
    for features in [&[][..], &["--cfg", "feature=\"discovery\""][..]] {
        let source = text(&source);
        let library = [
            "--edition=2021",
            "--crate-type=lib",
            "--crate-name=inert_build",
            "--out-dir",
            &folder_text,
            &source,
        ];
        let output = rustc(&[&library[..], features].concat()).expect("rustc runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let script = text(&script);
        let library = format!("inert_build={folder_text}/libinert_build.rlib");
        let program = ["--edition=2021", "--out-dir", &folder_text, "--extern", &library, &script];
        let output = rustc(&program).expect("rustc runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The table of packages says what `inert-resolver`'s larger ones say; `INERT_UPDATE=1` writes it anew for its modules.
#[test]
fn packages_and_commands_are_the_resolvers() {
    use inert_resolver::discovery::remedies::{System, find_file, install, package_of};
    let columns = [System::Debian, System::Arch, System::Homebrew, System::Nix, System::Vcpkg];
    let (head, rows) = advice::PACKAGES.split_once('\n').expect("a comment, and rows");
    let mut modules: Vec<&str> = rows.lines().filter_map(|row| row.split('\t').next()).collect();
    modules.sort_unstable();
    modules.dedup();
    let mut table = format!("{head}\n");
    for module in &modules {
        let names = columns.map(|system| package_of(system, module).unwrap_or_else(|| "-".to_owned()));
        table.push_str(&format!("{module}\t{}\n", names.join("\t")));
    }
    if inert_tests::random::asked("INERT_UPDATE", 0) == 1 {
        let path = inert_tests::root().join("build-script/src/discovery/packages.tsv");
        std::fs::write(path, &table).expect("a writable folder");
    } else {
        assert!(
            advice::PACKAGES == table,
            "build-script/src/discovery/packages.tsv is not up to date: INERT_UPDATE=1"
        );
    }
    assert!(table.len() < 30_000, "it is in every shim");
    for (name, system) in System::ALL {
        for module in modules.iter().copied().chain(["unheard-of"]) {
            assert_eq!(advice::install(name, module), install(Some(*system), &[module.to_owned()]), "{name}");
        }
        assert_eq!(advice::find_file(name, "x/y.h"), find_file(Some(*system), "x/y.h"), "{name}");
    }
    assert_eq!(advice::install("", "zlib"), None);
    let systems = include_str!("../../resolver/src/discovery/remedies/systems.tsv");
    for row in systems.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [_, id, like, ..] = columns[..] else { panic!("{row}") };
        let text = format!(
            "NAME=x\nID={id}\n{}",
            if like == "-" { String::new() } else { format!("ID_LIKE={like}\n") }
        );
        let theirs = System::of_os_release(&text);
        let theirs =
            System::ALL.iter().find(|(_, system)| Some(*system) == theirs).map_or("", |(name, _)| name);
        assert_eq!(advice::of_os_release(&text), theirs, "{row}");
    }
}

/// What pkg-config (pkgconf 1.8 and 2, pkg-config 0.29) says of a module that requires another, or has another version.
#[test]
fn what_pkg_config_says_is_understood() {
    let old = "Package zz was not found in the pkg-config search path.\n    Package 'zz', required by 'foo', not found";
    assert_eq!(advice::required(old), Some("zz"));
    assert_eq!(advice::required("Package 'foo', required by 'virtual:world', not found"), None);
    assert_eq!(advice::has("Requested 'zlib >= 9' but version of zlib is 1.3.1"), Some("1.3.1"));
    let new = "Package dependency requirement 'zlib >= 9' could not be satisfied.\nPackage 'zlib' has version '1.3.1', required version is '>= 9'";
    assert_eq!((advice::has(new), advice::required(new)), (Some("1.3.1"), None));
    assert!(!advice::is_typeable("-x") && !advice::is_typeable("a;b") && advice::is_typeable("gtk+-3.0"));
}
