// The first path in a dependency's metadata may be used; the paths after it, and its text, are not known.
use std::env;

fn main() {
    let mut build = cc::Build::new();
    build.file("c/first.c");
    if let Some(paths) = env::var_os("DEP_OPENSSL_INCLUDE") {
        if let Some(path) = env::split_paths(&paths).next() {
            if path.to_str().unwrap().len() > 0 {
                build.include(path);
            }
        }
    }
    build.compile("first");
    if env::var_os("SECOND").is_some() {
        let mut paths = env::split_paths(&env::var_os("DEP_Z_ROOT").unwrap()).collect::<Vec<_>>().into_iter();
        if paths.next().is_some() && paths.next().is_some() {
            println!("cargo:rustc-cfg=two");
        }
    }
    if env::var_os("NEXT").is_some() {
        if let Ok(paths) = env::var("DEP_Z_LIB") {
            let mut paths = env::split_paths(&paths);
            if paths.next().is_some() && paths.next().is_some() {
                println!("cargo:rustc-cfg=next");
            }
        }
    }
}
