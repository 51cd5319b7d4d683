//! `gcc` chooses the C++ library by other rules than `cc`, its successor.
fn main() {
    gcc::Build::new().cpp(true).file("c/a.cc").compile("liba.a");
}
