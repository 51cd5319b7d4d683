//! What the `-sys` crate says of its library.

/// The version, and what is known by it.
pub fn said() -> String {
    let version = env!("EXAMPLE_READS_METADATA_VERSION");
    format!("{version} {} {} {}", cfg!(demo_2), cfg!(demo_3), example_demo_sys::said())
}
