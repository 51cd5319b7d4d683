//! The compiler is asked about one of two flags, by the target; each is a probe of its own.
fn main() {
    let mut build = cc::Build::new();
    let msvc = std::env::var("CARGO_CFG_TARGET_ENV").unwrap() == "msvc";
    let flag = if msvc { "/arch:AVX" } else { "-msse4.2" };
    if build.is_flag_supported(flag).unwrap_or(false) {
        build.flag(flag).define("FAST", Some("1"));
    }
    build.file("c/a.c").compile("a");
}
