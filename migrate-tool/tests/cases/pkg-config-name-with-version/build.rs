fn main() {
    pkg_config::probe_library("demo >= 1.4").unwrap();
    pkg_config::Config::new().atleast_version("2").probe("other < 3").unwrap();
}
