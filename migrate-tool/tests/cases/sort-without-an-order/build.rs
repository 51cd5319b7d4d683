//! A comparison that never says `Equal` of different entries is no order: the result is the sort's own doing.
use std::cmp::Ordering;

fn main() {
    let mut names: Vec<String> = std::fs::read_dir("data")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_by(|a, b| if a.len() < b.len() { Ordering::Less } else { Ordering::Greater });
    println!("cargo:rustc-env=FIRST={}", names[0]);
}
