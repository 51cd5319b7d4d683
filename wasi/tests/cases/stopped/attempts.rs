//! Ways out. Each prints a line with `stopped` or `ESCAPED`.
use std::fs;
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

fn tell<T, E: std::fmt::Debug>(what: &str, result: Result<T, E>) {
    println!("{} {what}", if result.is_ok() { "ESCAPED" } else { "stopped" });
}

fn main() {
    let victim = std::env::var("VICTIM").unwrap();
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let out = std::env::var("OUT_DIR").unwrap();
    tell("absolute read", fs::read(format!("{victim}/secret")));
    tell("absolute write", fs::write(format!("{victim}/written"), ""));
    tell("read above the package", fs::read(format!("{package}/../victim/secret")));
    tell("read above by a relative path", fs::read("../victim/secret"));
    tell("write above OUT_DIR", fs::write(format!("{out}/../victim/written"), ""));
    tell("write above by the package", fs::write(format!("{package}/data/../../victim/written"), ""));
    tell("symlink in the package", fs::read("data/link"));
    tell("symlinked folder in the package", fs::read("data/link-to-folder/secret"));
    tell("list a symlinked folder", fs::read_dir("data/link-to-folder"));
    tell("hidden file", fs::read(".git/config"));
    tell("hidden file by another way", fs::read(format!("{package}/data/../.git/config")));
    tell("hidden file in capitals", fs::read(".GIT/config"));
    tell("list a hidden folder", fs::read_dir(".git"));
    tell("hidden name", fs::read_dir(".").unwrap().find(|entry| entry.as_ref().unwrap().file_name() == ".git").ok_or(()));
    tell("pipe in the package", fs::read("data/pipe"));
    tell("write to the package", fs::write(format!("{package}/written"), ""));
    tell("write to the package by a relative path", fs::write("written", ""));
    tell("truncate a file of the package", fs::File::options().write(true).truncate(true).open("data/one.txt"));
    tell("rename out of the package", fs::rename("data/one.txt", format!("{out}/one.txt")));
    tell("remove a file of the package", fs::remove_file("data/one.txt"));
    tell("remove a folder of the package", fs::remove_dir_all("data"));
    tell("make a folder in the package", fs::create_dir("made"));
    tell("hard link", fs::hard_link("data/one.txt", format!("{out}/hard")));
    // libc for WASI has no working folder: what no folder that was handed in is named after lies below the package.
    tell("list the root", fs::read_dir("/").unwrap().map(|entry| entry.unwrap().file_name()).find(|name| name == "usr" || name == "tmp").ok_or(()));
    tell("list the folder above", fs::read_dir(".."));
    tell("the home's variable", std::env::var("HOME"));
    tell("all of the environment", std::env::vars().find(|(name, _)| name == "PATH").ok_or(()));
    tell("start a program", Command::new("/bin/true").status());
    tell("start a shell by name", Command::new("sh").arg("-c").arg("true").status());
    tell("connect", TcpStream::connect("127.0.0.1:1"));
    tell("datagram", UdpSocket::bind("127.0.0.1:0"));
    tell("thread", std::thread::Builder::new().spawn(|| ()));
    tell("a process's files", fs::read("/proc/self/environ"));
    tell("a device", fs::read("/dev/null"));
}
