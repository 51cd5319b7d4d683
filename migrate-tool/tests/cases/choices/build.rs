//! `cfg_select!`, loggers, lists of lists, and a misspelt directive, which is metadata without a reader.
fn main() {
    env_logger::init();
    log::info!("begins {}", 1);
    cfg_select! {
        windows => { println!("cargo:rustc-cfg=host_windows"); }
        _ => { println!("cargo:rustc-cfg=host_other"); }
    }
    let names = [vec!["a", "b"], vec!["c"]].concat();
    println!("cargo:rustc-env=NAMES={}", names.join(","));
    println!("cargo:rustc-rerun-if-changed=build.rs");
}
