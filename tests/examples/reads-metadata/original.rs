fn main() {
    println!("cargo:rustc-check-cfg=cfg(demo_2)");
    println!("cargo:rustc-check-cfg=cfg(demo_3)");
    let version = std::env::var("DEP_DEMO_EXAMPLE_VERSION").unwrap();
    let major: u32 = version.split('.').next().unwrap().parse().unwrap();
    if major >= 2 {
        println!("cargo:rustc-cfg=demo_2");
    }
    if major >= 3 {
        println!("cargo:rustc-cfg=demo_3");
    }
    println!("cargo:rustc-env=EXAMPLE_READS_METADATA_VERSION={version}");
}
