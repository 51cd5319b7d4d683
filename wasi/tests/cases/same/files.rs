//! Reads of the package, writes to OUT_DIR, each kind once.
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    println!("cargo:rerun-if-changed=data/one.txt");
    print!("{}", fs::read_to_string("data/one.txt").unwrap());
    print!("{}", fs::read_to_string(package.join("data/../data/two.txt")).unwrap());
    let mut names: Vec<_> = fs::read_dir(package.join("data")).unwrap().map(|e| e.unwrap()).map(|e| (e.file_name(), e.file_type().unwrap().is_dir(), e.metadata().unwrap().len())).collect();
    names.sort();
    for (name, folder, size) in names {
        println!("{name:?} {folder} {}", if folder { 0 } else { size });
    }
    fs::create_dir_all(out.join("a/b/c")).unwrap();
    fs::create_dir_all(out.join("a/b")).unwrap();
    fs::write(out.join("a/b/c/file"), "first").unwrap();
    fs::rename(out.join("a/b"), out.join("a/moved")).unwrap();
    let mut file = OpenOptions::new().append(true).open(out.join("a/moved/c/file")).unwrap();
    file.write_all(b" second").unwrap();
    let mut file = OpenOptions::new().read(true).write(true).open(out.join("a/moved/c/file")).unwrap();
    file.seek(SeekFrom::End(3)).unwrap();
    file.write_all(b"third").unwrap();
    file.seek(SeekFrom::Start(2)).unwrap();
    file.write_all(b"XX").unwrap();
    file.seek(SeekFrom::Current(-1)).unwrap();
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).unwrap();
    println!("{rest:?}");
    file.set_len(4).unwrap();
    fs::copy(package.join("data/one.txt"), out.join("copied.txt")).unwrap();
    fs::write(out.join("removed"), "x").unwrap();
    fs::remove_file(out.join("removed")).unwrap();
    fs::create_dir(out.join("gone")).unwrap();
    fs::remove_dir(out.join("gone")).unwrap();
    fs::create_dir(out.join("empty")).unwrap();
    fs::create_dir_all(out.join("tree/below")).unwrap();
    fs::write(out.join("tree/below/x"), "x").unwrap();
    fs::remove_dir_all(out.join("tree")).unwrap();
    println!("{:?}", fs::metadata(out.join("a/moved/c/file")).map(|m| m.len()).unwrap());
    println!("{:?}", std::env::var("GIVEN"));
    println!("{:?}", std::env::var("NOT_GIVEN"));
    let sum: u64 = (0..1000u64).map(|i| i.wrapping_mul(0x9e37_79b9)).sum();
    println!("{sum} {:.3} {:?}", 1.0f64 / 3.0, f32::MAX);
}
