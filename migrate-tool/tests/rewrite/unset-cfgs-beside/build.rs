fn main() {
    println!("cargo:rustc-check-cfg=cfg(fuzzing)");
    println!("cargo::rustc-check-cfg=cfg(target_os, values(\"multics\"))");
    for name in ["a", "b"] {
        println!("cargo:rustc-check-cfg=cfg({name})");
    }
}
