//! A list that is sorted after one path has ended: the elements of that path affect no other.

fn main() {
    let mut cfgs = Vec::new();
    match std::env::var("WIDTH").as_deref() {
        Ok("64") => cfgs.push("wide"),
        Ok(_) => panic!("WIDTH is 64 or not set"),
        Err(_) => {}
    }
    if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "linux" {
        cfgs.push("linux_like");
    }
    if std::env::var_os("CARGO_FEATURE_WIDE").is_some() {
        cfgs.push("wide");
    }
    cfgs.sort_unstable();
    cfgs.dedup();
    for cfg in cfgs {
        println!("cargo:rustc-cfg={cfg}");
    }
}
