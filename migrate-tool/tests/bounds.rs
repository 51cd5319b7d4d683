//! Scripts that are too large to lie in a folder of cases: each is refused, or derived, in seconds.

use std::path::Path;
use std::time::{Duration, Instant};

use inert_migrate_tool::{Derivation, PackageSource};

/// However busy the machine is.
const TIME: Duration = Duration::from_secs(60);

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

/// Thirty variables, each asked for by itself: 2^30 paths, and one declaration.
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

/// The same, with a text that is another on each path.
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
