//! Prints what each example found.

fn main() {
    println!("cfg-only: {}", example_cfg_only::said());
    println!("demo-sys: {}", example_demo_sys::said());
    println!("generated: {}", example_generated::said());
    println!("header-only: {}", example_header_only::said());
    println!("probe: {}", example_probe::said());
    println!("reads-metadata: {}", example_reads_metadata::said());
}
