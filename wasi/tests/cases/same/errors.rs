//! The errors of file operations, by kind. (std for WASI has no kind for a folder that is not empty.)
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    fs::write(out.join("file"), "").unwrap();
    fs::create_dir(out.join("folder")).unwrap();
    fs::write(out.join("folder/inside"), "").unwrap();
    println!("{:?}", kind(fs::read("data/missing")));
    println!("{:?}", kind(fs::read("data/one.txt/below")));
    println!("{:?}", kind(fs::read_dir("data/missing").map(|_| ())));
    println!("{:?}", kind(fs::write(out.join("missing/file"), "")));
    println!("{:?}", kind(fs::create_dir(out.join("folder"))));
    println!("{:?}", kind(fs::create_dir(out.join("missing/folder"))));
    println!("{:?}", kind(fs::remove_file(out.join("missing"))));
    println!("{:?}", kind(fs::File::create_new(out.join("file")).map(|_| ())));
    println!("{:?}", kind(fs::rename(out.join("missing"), out.join("x"))));
    println!("{:?}", kind(fs::metadata("data/missing/..").map(|_| ())));
    println!("{} {} {}", PathBuf::from("data/one.txt").exists(), PathBuf::from("data/one.txt/").exists(), PathBuf::from("data").is_dir());
    println!("{:?}", kind(fs::read_to_string("data/not-utf8")));
}
