//! Lists that are known only during the build, formatted with `Debug`.
use std::env;

fn main() {
    let target: Vec<String> = env::var("CARGO_CFG_TARGET_FEATURE")
        .map(|features| features.split(',').map(ToOwned::to_owned).collect())
        .unwrap_or_default();
    println!("cargo:rustc-env=TARGET_FEATURES={target:?}");
    let features: Vec<String> = env::vars()
        .filter_map(|(name, _)| name.strip_prefix("CARGO_FEATURE_").map(ToOwned::to_owned))
        .map(|name| name.to_lowercase().replace('_', "-"))
        .collect();
    let out = std::path::PathBuf::from(env::var_os("OUT_DIR").unwrap());
    std::fs::write(out.join("features"), format!("{features:?}")).unwrap();
    let some: Vec<&String> = features.iter().filter(|name| *name != "other").collect();
    println!("cargo:rustc-env=SOME={some:?}");
    if let Err(error) = env::var("CASE_ASKS") {
        println!("cargo:warning={error}");
    }
}
