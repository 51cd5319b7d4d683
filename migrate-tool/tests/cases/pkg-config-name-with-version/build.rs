fn main() {
    pkg_config::probe_library("demo >= 1.4").unwrap();
}
