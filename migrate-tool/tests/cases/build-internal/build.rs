//! A build from source that runs only if the caller requests it.
fn main() {
    system_deps::Config::new()
        .add_build_internal("dav1d", |name, _version| {
            std::process::Command::new("meson").status().unwrap();
            system_deps::Library::from_internal_pkg_config("out", name, "1.3")
        })
        .probe()
        .unwrap();
}
