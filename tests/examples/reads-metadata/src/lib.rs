//! Reads the metadata that the `-sys` crate provides about its library.

/// Returns the version, and the facts derived from it.
pub fn said() -> String {
    let version = env!("EXAMPLE_READS_METADATA_VERSION");
    format!("{version} {} {} {}", cfg!(demo_2), cfg!(demo_3), example_demo_sys::said())
}
