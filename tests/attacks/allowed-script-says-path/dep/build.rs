fn main() {
    println!("cargo::rustc-env=PATH=/tmp");
}
