//! Files of the package that helper crates find in its folders; sorted as paths and as texts, where both orders agree.
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() {
    let mut text = String::new();
    for entry in walkdir::WalkDir::new("data").min_depth(1).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            println!("cargo:rerun-if-changed={}", entry.path().display());
            writeln!(text, "{} {}", entry.depth(), entry.file_name().to_string_lossy()).unwrap();
        }
    }
    let shallow = walkdir::WalkDir::new("data").max_depth(1).into_iter();
    let shallow = shallow.filter_entry(|entry| entry.file_name() != "inner").filter_map(|entry| entry.ok());
    writeln!(text, "shallow {}", shallow.count()).unwrap();
    writeln!(text, "none {}", walkdir::WalkDir::new("absent").into_iter().filter_map(Result::ok).count()).unwrap();
    for path in glob::glob("./data/**/*.txt").unwrap() {
        writeln!(text, "glob {}", path.unwrap().display()).unwrap();
    }
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let mut paths: Vec<PathBuf> = glob::glob(&format!("{root}/data/?.txt")).unwrap().flatten().collect();
    paths.sort_by(|a, b| b.cmp(a));
    paths.sort();
    writeln!(text, "first {:?}", paths[0].file_name().unwrap()).unwrap();
    let mut words = vec!["b", "a", "b"];
    words.sort_by(|a, b| b.cmp(a));
    words.dedup();
    writeln!(text, "{}", words.join(" ")).unwrap();
    if cfg!(feature = "odd") {
        // As paths, `data/x` comes first; as texts, `data-x` does.
        let mut odd = vec!["data/x", "data-x"];
        odd.sort();
        writeln!(text, "{}", odd.join(" ")).unwrap();
    }
    let real = dunce::canonicalize("data").unwrap();
    writeln!(text, "{}", real.is_absolute()).unwrap();
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR").unwrap()).join("list.txt"), text).unwrap();
}
