use std::env;

fn main() {
    println!("cargo:version=2.1");
    let vendored = env::var_os("CARGO_FEATURE_VENDORED").is_some();
    if !vendored && pkg_config::Config::new().atleast_version("2").probe("inert-example-demo").is_ok() {
        return;
    }
    if !vendored && vcpkg::find_package("inert-example-demo").is_ok() {
        return;
    }
    let mut build = cc::Build::new();
    build.file("demo/demo.c").include("demo/include").define("DEMO_ANSWER", "42");
    if env::var_os("CARGO_CFG_WINDOWS").is_some() {
        build.define("DEMO_WINDOWS", None);
    }
    build.compile("demo_example");
    let out = std::path::PathBuf::from(env::var_os("OUT_DIR").unwrap());
    std::fs::create_dir_all(out.join("include")).unwrap();
    std::fs::copy("demo/include/demo.h", out.join("include/demo.h")).unwrap();
    println!("cargo:include={}", out.join("include").display());
}
