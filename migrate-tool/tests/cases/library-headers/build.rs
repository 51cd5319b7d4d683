//! A library's folders of headers, each passed to a build of C; a range of versions given by its bounds.
use std::ops::Bound;

fn main() {
    let library = pkg_config::Config::new()
        .range_version((Bound::Included("1.2"), Bound::Excluded("2")))
        .probe("zlib")
        .unwrap();
    let mut build = cc::Build::new();
    build.file("src/shim.c");
    for folder in &library.include_paths {
        build.include(folder.to_str().expect("UTF-8"));
    }
    if cfg!(feature = "print") {
        for folder in &library.include_paths {
            println!("cargo:rustc-env=FOLDER={}", folder.display());
        }
    }
    build.compile("shim");
    let other = pkg_config::probe_library("libpng").unwrap();
    cc::Build::new().file("src/other.c").includes(&other.include_paths).compile("other");
}
