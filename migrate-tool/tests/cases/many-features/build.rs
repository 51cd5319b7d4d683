use std::env;

fn main() {
    let mut wanted = Vec::new();
    let mut count = 0;
    for index in 0..30 {
        if env::var(format!("CARGO_FEATURE_F{}", index)).is_ok() {
            wanted.push(index);
            count += 1;
        }
    }
    for index in &wanted {
        println!("cargo:rustc-cfg=on{}", index);
    }
    if count > 2 {
        println!("cargo:rustc-cfg=many");
    }
    if wanted.contains(&7) && !wanted.is_empty() {
        println!("cargo:rustc-cfg=seven");
    }
}
