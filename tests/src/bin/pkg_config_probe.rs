//! The `pkg-config` crate as a build script would use it, for the oracle: prints what it prints for a module.

fn main() {
    let mut arguments = std::env::args().skip(1);
    let module = arguments.next().unwrap_or_default();
    let mut config = pkg_config::Config::new();
    if let Some(version) = arguments.next() {
        config.atleast_version(&version);
    }
    if config.probe(&module).is_err() {
        std::process::exit(1);
    }
}
