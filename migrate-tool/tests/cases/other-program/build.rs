// A missing program is not started, and the output of a present one is not known. With a `PATH` of its own, or with a
// path as its name, a program may be found where the condition does not look.
use std::process::{Command, Stdio};

fn version(program: &str) -> Option<u64> {
    let output = Command::new(program).arg("-dumpversion").stdout(Stdio::piped()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().parse().ok()
}

fn main() {
    match version("emcc") {
        Some(version) if version >= 30142 => println!("cargo:rustc-cfg=new_abi"),
        Some(_) => println!("cargo:rustc-cfg=old_abi"),
        None => println!("cargo:rustc-cfg=no_emcc"),
    }
    let status = Command::new("some-tool").current_dir("nowhere").env("QUIET", "1").status();
    if status.map(|status| status.success()).unwrap_or(false) {
        println!("cargo:rustc-cfg=tool");
    }
    if let Ok(mut child) = Command::new("llvm-config-18").spawn() {
        child.wait().unwrap();
        println!("cargo:rustc-cfg=llvm");
    }
    if std::env::var_os("OWN_PATH").is_some() {
        let _ = Command::new("elsewhere").env("PATH", "/opt/tools").status();
    }
    if std::env::var_os("BY_PATH").is_some() {
        let _ = Command::new("./configure").status();
    }
    if std::env::var_os("CLEARED").is_some() {
        let _ = Command::new("cleared").env_clear().status();
    }
}
