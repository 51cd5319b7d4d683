//! What is left of a build.rs.

/// The script that calls the resolver.
pub(super) fn shim(old: &str) -> String {
    format!("{}fn main() {{\n    inert_resolver::build_script();\n}}\n", licence(old))
}

/// The script that does nothing.
pub(super) fn empty(old: &str) -> String {
    format!(
        "{}// What this package needs is declared in Cargo.toml, `[package.metadata.inert]`.\nfn main() {{}}\n",
        licence(old)
    )
}

/// The comment that a file begins with, where it is about copyright.
fn licence(old: &str) -> String {
    let comment: Vec<&str> =
        old.lines().take_while(|line| line.starts_with("//") && !line.starts_with("//!")).collect();
    let words = ["copyright", "license", "licence", "spdx"];
    let about = comment.iter().any(|line| words.iter().any(|word| line.to_lowercase().contains(word)));
    if about { format!("{}\n\n", comment.join("\n")) } else { String::new() }
}
