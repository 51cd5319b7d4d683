//! The package's `system-deps` table. Without the libraries the script fails, and so does the declaration.
fn main() {
    if std::env::var("DOCS_RS").is_ok() {
        return;
    }
    if let Err(error) = system_deps::Config::new().probe() {
        println!("cargo:warning={error}");
        std::process::exit(1);
    }
}
