macro_rules! say {
    ($($part:tt)*) => {
        println!("cargo:rustc-cfg={}", format!($($part)*))
    };
}
