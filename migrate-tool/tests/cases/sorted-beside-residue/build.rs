// A list that is sorted and deduplicated, while another path is not understood.
use std::env;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cfg {
    Second,
    First,
    Third,
}

fn main() {
    let mut cfgs = Vec::new();
    if env::var_os("CARGO_FEATURE_ONE").is_some() {
        cfgs.push(Cfg::First);
    }
    let os = env::var("CARGO_CFG_TARGET_OS").unwrap();
    if os == "freebsd" {
        match std::net::TcpStream::connect("localhost:9") {
            Ok(_) => cfgs.push(Cfg::Third),
            Err(_) => cfgs.push(Cfg::Second),
        }
    }
    if os == "linux" {
        cfgs.push(Cfg::Second);
    }
    if env::var_os("CARGO_FEATURE_TWO").is_some() {
        cfgs.push(Cfg::Third);
        cfgs.push(Cfg::First);
    }
    cfgs.sort_unstable();
    cfgs.dedup();
    for cfg in cfgs {
        println!("cargo:rustc-cfg={}", format!("{cfg:?}").to_lowercase());
    }
}
