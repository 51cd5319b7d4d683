//! A deliberate stop: exit code 101, and the message on standard error.
fn main() {
    println!("cargo:warning=before");
    panic!("no such system is supported");
}
