//! Measures the cost of finding a library, in process and by a `pkg-config` process:
//! `cargo bench -p inert-tests --bench discovery`.
//!
//! The modules are those of a gtk4 and GStreamer application; modules that are not installed are left out.

#![expect(clippy::print_stdout, reason = "a bench prints its numbers")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::{Request, Target};
use inert_resolver::{World, discovery};

const HOST: &str = "x86_64-unknown-linux-gnu";

const MODULES: &[&str] = &[
    "glib-2.0",
    "gobject-2.0",
    "gio-2.0",
    "cairo",
    "cairo-gobject",
    "pango",
    "pangocairo",
    "gdk-pixbuf-2.0",
    "graphene-1.0",
    "gtk4",
    "gtk4-x11",
    "gtk4-wayland",
    "libadwaita-1",
    "gstreamer-1.0",
    "gstreamer-base-1.0",
    "gstreamer-app-1.0",
    "gstreamer-audio-1.0",
    "gstreamer-video-1.0",
    "gstreamer-pbutils-1.0",
    "gstreamer-play-1.0",
    "gstreamer-gl-1.0",
    "libsoup-3.0",
    "harfbuzz",
    "fontconfig",
    "freetype2",
    "librsvg-2.0",
    "openssl",
    "zlib",
    "sqlite3",
    "libcurl",
];

fn main() {
    let (mut ours, mut theirs, mut compared) = (Duration::ZERO, Duration::ZERO, 0);
    println!("{:<24} {:>12} {:>12}", "module", "in process", "pkg-config");
    for module in MODULES {
        let Some(process) = median(|| process(module)) else { continue };
        let Some(reading) = median(|| reading(module)) else { continue };
        println!("{module:<24} {:>9} µs {:>9} µs", reading.as_micros(), process.as_micros());
        ours += reading;
        theirs += process;
        compared += 1;
    }
    println!("{:<24} {:>9} µs {:>9} µs", format!("{compared} modules"), ours.as_micros(), theirs.as_micros());
    println!("{:.1} times less", theirs.as_secs_f64() / ours.as_secs_f64());
}

/// Returns the median of several runs, each in a world of its own, as for stand-ins.
fn median(mut once: impl FnMut() -> Option<Duration>) -> Option<Duration> {
    let mut times: Vec<Duration> = (0..11).map(|_| once()).collect::<Option<_>>()?;
    times.sort();
    Some(times[times.len() / 2])
}

fn reading(module: &str) -> Option<Duration> {
    let library = Library { pkg_config: vec![Item::always(module.to_owned())], ..Library::default() };
    let request = Request {
        target: Target { triple: HOST.to_owned(), ..Target::default() },
        host: HOST.to_owned(),
        ..Request::default()
    };
    let environment = [(OsString::from("PATH"), OsString::from("/usr/bin:/bin"))].into_iter().collect();
    let start = Instant::now();
    let mut world = World::new(environment, PathBuf::from("/nowhere"));
    discovery::find(&library, "x", &request, &mut world).ok()?;
    Some(start.elapsed())
}

/// Runs the program as the `pkg-config` crate does: for the flags, then for the version.
#[expect(clippy::disallowed_methods, reason = "what is compared with is a program")]
fn process(module: &str) -> Option<Duration> {
    let start = Instant::now();
    for arguments in [["--libs", "--cflags"].as_slice(), &["--modversion"]] {
        let output = Command::new("pkg-config")
            .args(arguments)
            .arg(module)
            .envs([("PKG_CONFIG_ALLOW_SYSTEM_LIBS", "1"), ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", "1")])
            .output()
            .ok()?;
        output.status.success().then_some(())?;
    }
    Some(start.elapsed())
}
