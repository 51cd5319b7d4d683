//! An alias may be used before it is defined, with the same meaning.
fn main() {
    cfg_aliases::cfg_aliases! {
        web: { all(target_arch = "wasm32", gles) },
        gles: { feature = "gl" },
        both: { any(web, gles) },
    }
}
