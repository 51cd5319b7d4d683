//! Uses the system-deps crate like a build script, for the oracle: prints the crate's directives.

fn main() {
    if system_deps::Config::new().probe().is_err() {
        std::process::exit(1);
    }
}
