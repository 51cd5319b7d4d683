//! system-deps as its users' build scripts call it, for the oracle: prints what it prints.

fn main() {
    if system_deps::Config::new().probe().is_err() {
        std::process::exit(1);
    }
}
