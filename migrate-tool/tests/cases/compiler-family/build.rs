//! Flags for one family of compilers; a flag that is not allowed is residue; a failed build fails the script.
fn main() {
    let mut build = cc::Build::new();
    build.file("src/a.c");
    let tool = build.get_compiler();
    if tool.is_like_gnu() {
        build.flag("-fno-strict-aliasing");
    } else if tool.is_like_clang() {
        build.flag("-fvisibility=hidden");
    } else if tool.is_like_msvc() {
        build.flag("/utf-8");
    }
    if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "macos" {
        build.flag("-fplugin=x.so");
    }
    build.try_compile("a").unwrap();
}
