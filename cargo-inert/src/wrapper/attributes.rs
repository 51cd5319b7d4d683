//! What a source may not ask of the compiler.
//!
//! `#[link(kind = "link-arg", name = "-B…")]` gives the linker any argument, among them those that have it start a program: a
//! dependency would need no build script. It takes a nightly compiler, or `RUSTC_BOOTSTRAP`, and the feature
//! `link_arg_attribute`, which has to stand in the crate's root file: neither a macro nor another file can enable a feature, and an
//! identifier has no other spelling.

use std::path::Path;

/// The feature by which a source names arguments for the linker.
const FEATURE: &[u8] = b"link_arg_attribute";

/// Why the crate with this root file is not compiled.
pub(super) fn objection(root: &Path) -> Option<String> {
    // rustc itself reports a file that cannot be read.
    let text = std::fs::read(root).ok()?;
    text.windows(FEATURE.len()).any(|bytes| bytes == FEATURE).then(|| {
        format!(
            "{} names the feature `link_arg_attribute`, by which a source gives the linker any argument, and so starts programs; it was \
             not compiled\n  help: an argument that the program needs is given by its build script, or by `-Clink-arg` in \
             ~/.cargo/config.toml",
            crate::file::shown(root)
        )
    })
}
