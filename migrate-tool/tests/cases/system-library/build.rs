fn main() {
    if std::env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        panic!("no bundled sources here");
    }
    match pkg_config::Config::new().atleast_version("1.2").probe("demo") {
        Ok(_) => {}
        Err(error) => {
            println!("cargo:warning=demo was not found: {}", error);
            println!("cargo:rustc-link-lib=demo");
        }
    }
}
