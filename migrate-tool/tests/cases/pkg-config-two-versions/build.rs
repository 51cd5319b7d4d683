//! pkg-config reads `other < 3 >= 2` as two modules, of which `>=` is one, and fails.
fn main() {
    pkg_config::Config::new().atleast_version("2").probe("other < 3").unwrap();
}
