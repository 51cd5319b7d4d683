// autopilot 0.4, and cargo#7217: several flags, with and without a blank.
fn main() {
    println!("cargo:rustc-flags=-l X11 -lXtst");
    if std::env::var_os("DEMO_STATIC").is_some() {
        println!("cargo:rustc-flags=-L native=src -l static=demo");
    }
}
