//! The `vcpkg` crate as a build script would use it, for the oracle: prints what it prints for a port.

fn main() {
    let port = std::env::args().nth(1).unwrap_or_default();
    if vcpkg::find_package(&port).is_err() {
        std::process::exit(1);
    }
}
