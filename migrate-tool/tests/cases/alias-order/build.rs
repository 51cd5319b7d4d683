//! An alias may be asked for before it is defined, and stands for its predicate all the same.
fn main() {
    cfg_aliases::cfg_aliases! {
        web: { all(target_arch = "wasm32", gles) },
        gles: { feature = "gl" },
        both: { any(web, gles) },
    }
}
