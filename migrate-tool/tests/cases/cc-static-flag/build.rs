//! Objects for a static program; turning that off takes back what cc adds by itself, which is residue.
fn main() {
    cc::Build::new().file("c/one.c").static_flag(true).compile("one");
    if std::env::var_os("CARGO_FEATURE_OFF").is_some() {
        cc::Build::new().file("c/one.c").static_flag(false).compile("two");
    }
}
