//! A flag with more alternatives than are followed is residue; it is not left out of the build.
fn main() {
    let mut flag = String::from("-DNAMES=x");
    for feature in ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M"] {
        if std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some() {
            flag.push_str(feature);
        }
    }
    cc::Build::new().file("src/a.c").flag(&flag).compile("a");
}
