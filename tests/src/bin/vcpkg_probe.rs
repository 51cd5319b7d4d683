//! Uses the `vcpkg` crate like a build script, for the oracle: prints the crate's directives for a port.

fn main() {
    let port = std::env::args().nth(1).unwrap_or_default();
    if vcpkg::find_package(&port).is_err() {
        std::process::exit(1);
    }
}
