use std::env;

fn main() {
    println!("cargo:rerun-if-env-changed=DEMO_LEVEL");
    match env::var("DEMO_LEVEL").as_ref().map(|level| level.as_str()) {
        Ok("fast") => println!("cargo:rustc-cfg=fast"),
        Ok("") | Err(_) => {}
        Ok("slow") => println!("cargo:rustc-cfg=slow"),
        Ok(other) => panic!("DEMO_LEVEL is `{}`, which is neither fast nor slow", other),
    }
    if env::var_os("DEMO_OFF").map_or(false, |value| value != "0") {
        println!("cargo:rustc-cfg=off");
    }
}
