//! The code depends on the cfgs that the declaration sets.

/// Returns the cfgs that are set, for people.
pub fn said() -> String {
    let mut said = Vec::new();
    if cfg!(has_let_else) {
        said.push("let-else");
    }
    if cfg!(linux_like) {
        said.push("linux-like");
    }
    if cfg!(with_extra) {
        said.push("extra");
    }
    said.push(if cfg!(fast_arithmetic = "64") { "64" } else { "32" });
    said.join(" ")
}
