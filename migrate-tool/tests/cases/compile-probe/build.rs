use std::env;
use std::ffi::OsString;
use std::iter;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    let unstable = probe(false);
    let allowed = if unstable {
        true
    } else if let Some(bootstrap) = env::var_os("RUSTC_BOOTSTRAP") {
        bootstrap != "-1" && probe(true)
    } else {
        false
    };
    if allowed {
        println!("cargo:rustc-cfg=nightly_api");
    }
}

fn probe(bootstrap: bool) -> bool {
    let rustc = env::var_os("RUSTC").unwrap();
    let wrapper = env::var_os("RUSTC_WRAPPER").filter(|wrapper| !wrapper.is_empty());
    let mut words: Vec<OsString> = wrapper.into_iter().chain(iter::once(rustc)).collect();
    let mut command = Command::new(words.remove(0));
    command.args(words);
    if !bootstrap {
        command.env_remove("RUSTC_BOOTSTRAP");
    }
    command
        .stderr(Stdio::null())
        .arg("--edition=2021")
        .arg("--crate-name=demo")
        .arg("--crate-type=lib")
        .arg("--emit=dep-info,metadata")
        .arg("--out-dir")
        .arg(env::var_os("OUT_DIR").unwrap())
        .arg(Path::new("build").join("probe.rs"));
    if let Some(target) = env::var_os("TARGET") {
        command.arg("--target").arg(target);
    }
    if let Ok(flags) = env::var("CARGO_ENCODED_RUSTFLAGS") {
        if !flags.is_empty() {
            for flag in flags.split('\x1f') {
                command.arg(flag);
            }
        }
    }
    match command.status() {
        Ok(status) => status.success(),
        Err(_) => false,
    }
}
