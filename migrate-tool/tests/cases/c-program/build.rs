// Tests whether a program of the package links with a library; if not, the library is built. A template is filled in
// whose text contains OUT_DIR when the next placeholder is replaced. A command formatted with `Debug` has no effect.
use std::env;
use std::fs;
use std::path::PathBuf;

fn links(library: &str) -> bool {
    let mut command = cc::Build::new().get_compiler().to_command();
    command.arg("c/ask.c").args(["-g0", "-o", "/dev/null"]).arg(format!("-l{library}"));
    println!("asking: {:?}", command);
    command.status().map(|status| status.success()).unwrap_or(false)
}

fn main() {
    if links("sum") {
        println!("cargo:rustc-link-lib=sum");
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let lib = out.join("lib");
    cc::Build::new().file("c/sum.c").out_dir(&lib).compile("sum");
    println!("cargo:rustc-link-search=native={}", lib.display());
    let text = fs::read_to_string("sum.pc.in").unwrap();
    let text = text.replace("@prefix@", out.to_str().unwrap());
    let text = text.replace("@libdir@", lib.to_str().unwrap()).replace("@VERSION@", "1.0");
    fs::write(out.join("sum.pc"), text).unwrap();
    if env::var_os("ASK_MORE").is_some() {
        // Other arguments test something else.
        let mut command = cc::Build::new().get_compiler().to_command();
        let asked = command.arg("c/ask.c").arg("-dM").arg("-E").status();
        if asked.is_ok() {
            println!("cargo:rustc-cfg=asked");
        }
    }
    if env::var_os("DEFINED").is_some() {
        // So do those of a builder with settings.
        let mut command = cc::Build::new().define("ASK", None).get_compiler().to_command();
        if command.args(["c/ask.c", "-o", "/dev/null", "-lsum"]).status().is_ok() {
            println!("cargo:rustc-cfg=defined");
        }
    }
    if env::var_os("SHORT").is_some() {
        // This text may occur in OUT_DIR.
        let text = fs::read_to_string("sum.pc.in").unwrap();
        let text = text.replace("@prefix@", out.to_str().unwrap());
        fs::write(out.join("short.pc"), text.replace("lib", "l")).unwrap();
    }
}
