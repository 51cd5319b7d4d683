//! Scripts that are too large for a folder of cases. Each must be refused or derived within seconds.

use std::path::Path;
use std::time::{Duration, Instant};

use inert_migrate_tool::{Derivation, PackageSource};

/// In a build without optimisations, with nine of them at once on a busy machine; alone and optimised each takes under two seconds.
const TIME: Duration = Duration::from_secs(180);

fn derive(script: String) -> Derivation {
    let manifest =
        "[package]\nname = \"large\"\nversion = \"1.0.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n";
    let mut source = PackageSource::from_text(Path::new("/nonexistent"), manifest).expect("a manifest");
    source.in_memory.insert("build.rs".to_owned(), script.into_bytes());
    let started = Instant::now();
    let derivation = inert_migrate_tool::derive(&source);
    assert!(started.elapsed() < TIME, "{:?}", started.elapsed());
    derivation
}

fn refused(script: String, why: &str) {
    let derivation = derive(script);
    assert!(derivation.declaration.is_none());
    assert!(derivation.residue_text().contains(why), "{}", derivation.residue_text());
}

#[test]
fn five_megabytes() {
    refused(format!("// {}\nfn main() {{}}\n", "x".repeat(5 << 20)), "is too large to be read");
}

#[test]
fn nesting() {
    refused(
        format!("fn main() {{ let x = {}1{}; }}", "(".repeat(400_000), ")".repeat(400_000)),
        "nests too deeply",
    );
    refused(format!("fn main() {{ let x = {}1; }}", "-".repeat(400_000)), "nests too deeply");
    refused(format!("fn main() {{ {}1; }}", "a = ".repeat(100_000)), "nests too deeply");
    refused(format!("fn main() {{ let x: {}u8; }}", "Vec<".repeat(200_000)), "nests too deeply");
}

/// Thirty variables with an independent test each: 2^30 paths, but one small declaration.
#[test]
fn many_paths() {
    let asks: String = (0..30)
        .map(|at| {
            format!("if std::env::var(\"A{at}\").is_ok() {{ println!(\"cargo:rustc-link-lib=l{at}\"); }}\n")
        })
        .collect();
    let derivation = derive(format!("fn main() {{\n{asks}}}\n"));
    assert_eq!(derivation.declaration.map(|declaration| declaration.link.len()), Some(30));
}

/// The same, with a text that differs on every path.
#[test]
fn many_texts() {
    let asks: String = (0..30)
        .map(|at| format!("if std::env::var(\"A{at}\").is_ok() {{ text.push_str(\"{at}\"); }}\n"))
        .collect();
    let script = format!(
        "fn main() {{\nlet mut text = String::new();\n{asks}println!(\"cargo:rustc-env=A={{text}}\");\n}}\n"
    );
    refused(script, "too many alternatives");
}

/// Values that double in each round of an endless loop.
#[test]
fn doubling() {
    for (made, doubled) in [
        ("let mut v = vec![1u8];", "let w = v.clone(); v.extend(w);"),
        ("let mut v = vec![1u8];", "v = v.iter().chain(v.iter()).cloned().collect::<Vec<u8>>();"),
        ("let mut v = vec![1u8];", "v = [v.clone(), v.clone()].concat();"),
        ("let mut v = vec![1u8];", "v.extend_from_slice(&v.clone());"),
        ("let mut v = vec![1u8];", "v = v.iter().flat_map(|x| vec![*x, *x]).collect::<Vec<u8>>();"),
        ("let mut v = String::from(\"a\");", "v = format!(\"{v}{v}\");"),
        ("let mut v = String::from(\"a\");", "v.push_str(&v.clone());"),
        ("let mut v = String::from(\"a\");", "v = v.replace('a', \"aa\");"),
        ("let mut v = std::path::PathBuf::from(\"a\");", "v = v.join(&v);"),
    ] {
        let script = format!("fn main() {{ {made} loop {{ {doubled} }} }}");
        assert!(derive(script).declaration.is_none(), "{doubled}");
    }
}

/// Macros that call themselves with ever more tokens.
#[test]
fn macros() {
    for rules in [
        "macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*) } }\nfn main() { m!(a b); }",
        "macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*); } }\nm!(a b);\nfn main() { a(); }",
        "macro_rules! m { ($($t:tt)*) => { m!($($t)* a) } }\nfn main() { m!(); }",
        "macro_rules! m { () => { m!(); m!(); } }\nfn main() { m!(); }",
    ] {
        assert!(derive(rules.to_owned()).declaration.is_none(), "{rules}");
    }
}

/// Copies in each round of a loop count towards a limit; a list that grows by one element at a time is not copied.
#[test]
fn copying() {
    let derivation = derive(
        "fn main() { let mut v: Vec<u32> = Vec::new(); for i in 0..20_000u32 { v.push(i); } for i in 0..2_000usize { v[i] = 7; } \
         println!(\"cargo:rustc-env=N={}\", v.len()); }"
            .to_owned(),
    );
    assert!(derivation.declaration.is_some(), "{}", derivation.residue_text());
    for changed in [
        "v[i] += 1;",
        "v.insert(0, 1);",
        "let w = v.clone(); v = w;",
        "v.swap(0, i);",
        "v.iter_mut().for_each(|x| *x += 1);",
    ] {
        let script = format!(
            "fn main() {{ let mut v: Vec<u64> = vec![0; 20_000]; for i in 0..19_999usize {{ {changed} }} println!(\"cargo:rustc-env=N={{}}\", v.len()); }}"
        );
        let started = Instant::now();
        let derivation = derive(script);
        assert!(derivation.declaration.is_none() || started.elapsed() < TIME / 2, "{changed}");
    }
}
