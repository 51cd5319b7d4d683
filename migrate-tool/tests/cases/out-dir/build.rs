use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() {
    let out = env::var_os("OUT_DIR").unwrap();
    let patch = env::var("CARGO_PKG_VERSION_PATCH").unwrap();
    fs::write(Path::new(&out).join("private.rs"), format!("pub mod __private{} {{}}\n", patch)).unwrap();
    let mut text = String::from("// begin\n");
    for feature in ["a", "b"] {
        if env::var_os(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_some() {
            writeln!(text, "pub const {}: bool = true;", feature.to_uppercase()).unwrap();
        }
    }
    text.push_str("// end\n");
    let folder = Path::new(&out).join("gen");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("features.rs"), text).unwrap();
    fs::copy("data/table.txt", Path::new(&out).join("table.txt")).unwrap();
}
