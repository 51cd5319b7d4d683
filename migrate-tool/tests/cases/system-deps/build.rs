//! The package's own table, carried out; a failure fails the script, or where it does not, that is residue.
fn main() {
    if std::env::var("DOCS_RS").is_ok() {
        return;
    }
    if std::env::var("CARGO_FEATURE_TESTS").is_ok() {
        if system_deps::Config::new().probe().is_ok() {
            println!("cargo:rustc-cfg=found");
        }
        return;
    }
    if let Err(error) = system_deps::Config::new().probe() {
        println!("cargo:warning={error}");
        std::process::exit(1);
    }
}
