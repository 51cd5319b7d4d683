//! Uses the `pkg-config` crate like a build script, for the oracle: prints the crate's directives for a module.

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
