//! Items that are compiled only where a predicate holds: in `cfg_if!`, in an included file, in a module.
cfg_if::cfg_if! {
    if #[cfg(feature = "a")] {
        include!("build_a.rs");
    } else if #[cfg(feature = "b")] {
        include!("build_b.rs");
    } else {
        const NAME: &str = "neither";
    }
}

#[cfg(unix)]
mod host {
    pub struct Host;
    impl Host {
        pub fn name() -> &'static str {
            "unix"
        }
    }
}

#[cfg(not(unix))]
mod host {
    pub struct Host;
    impl Host {
        pub fn name() -> &'static str {
            "other"
        }
    }
}

fn main() {
    println!("cargo:rustc-env=WHICH={NAME}");
    println!("cargo:rustc-env=ON={}", host::Host::name());
    cfg_if::cfg_if! {
        if #[cfg(windows)] {
            println!("cargo:rustc-cfg=host_windows");
        } else {
            println!("cargo:rustc-cfg=host_other");
        }
    }
    let wide = cfg_if::cfg_if! {
        if #[cfg(target_os = "macos")] { 64 } else { 32 }
    };
    println!("cargo:rustc-env=WIDE={wide}");
}
