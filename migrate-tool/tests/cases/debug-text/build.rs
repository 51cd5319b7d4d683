//! A `Debug` that the script implements, over rustc's numbers; replacements in texts known only during the build.
use std::fmt::{self, Debug, Display};

struct Version {
    minor: u16,
    parts: Vec<u8>,
}

#[derive(Debug)]
struct Plain {
    name: String,
    on: Option<bool>,
}

impl Debug for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_struct("Version").field("minor", &self.minor).field("parts", &self.parts).finish()
    }
}

struct Render<'a>(&'a Version);

impl<'a> Display for Render<'a> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        Debug::fmt(self.0, formatter)
    }
}

fn main() {
    let rustc = rustc_version::version().unwrap();
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    let minor = std::env::var("CARGO_PKG_VERSION_MINOR").unwrap().parse().unwrap();
    let version = Version { minor, parts: vec![1, 2] };
    std::fs::write(out.join("pretty"), format!("{:#}\n", Render(&version))).unwrap();
    std::fs::write(out.join("flat"), format!("{:?} {rustc}", version)).unwrap();
    let plain = Plain { name: "a\"b".to_string(), on: Some(true) };
    std::fs::write(out.join("derived"), format!("{plain:?}\n{plain:#?}\n")).unwrap();
    let target = std::env::var("TARGET").unwrap();
    let text = "{TARGET} is {HOST} is {TARGET}".replace("{TARGET}", &target.escape_debug().to_string());
    std::fs::write(out.join("replaced"), text.replacen("{HOST}", "host", 1)).unwrap();
}
