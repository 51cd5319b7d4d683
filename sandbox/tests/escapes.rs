//! Makes every attempt of `escapes/attempts.rs`, unconfined and confined: unconfined it succeeds, confined it
//! fails, as the user who runs the tests and, if that is root, as `nobody`; with each half of the confinement
//! alone, and with older versions of Landlock.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

#[path = "escapes/attempts.rs"]
#[allow(dead_code, unsafe_code, clippy::disallowed_methods, unreachable_pub, missing_docs)]
mod attempts;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use attempts::{ATTEMPTS, Bare};
use place::{Place, program};

/// The attempts that still succeed, with the reasons. Any other success fails the test.
const OPEN: &[(&str, &str)] = &[
    ("start-sh", "a program that was granted; it has the same rights"),
    ("loader-runs-a-file", "whoever may read a file can load it: the fence is files and the network"),
    ("status-of-the-key", "Landlock does not cover stat"),
    ("daemon", "it may fork; what it leaves is ended"),
];

/// Returns the names of the attempts that succeeded, with their messages.
fn through(place: &Place, command: Command) -> BTreeMap<String, String> {
    let mut tried = BTreeMap::new();
    for (name, text) in place.attempt_all(command) {
        if let Some(what) = text.strip_prefix("ESCAPED ") {
            tried.insert(name, what.to_owned());
        } else {
            assert!(text.starts_with("stopped ") || text.starts_with("ended"), "{name}: {text}");
        }
    }
    tried
}

fn names(through: &BTreeMap<String, String>) -> BTreeSet<&str> {
    through.keys().map(String::as_str).collect()
}

fn open() -> BTreeSet<&'static str> {
    OPEN.iter().map(|(name, _)| *name).collect()
}

fn bare_and_confined(user: Option<u32>) {
    let place = Place::new(user);
    let bare = through(&place, place.bare());
    for (name, needs, _) in ATTEMPTS {
        assert!(*needs == Bare::Depends || bare.contains_key(*name), "{name} proves nothing: it fails bare");
    }
    let after = place.out().join("after-the-build");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !after.exists() && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(after.exists(), "bare, what was left behind goes on");
    let place = Place::new(user);
    let before = place.digest();
    let confined = through(&place, place.confined(&[]));
    let more: Vec<_> = confined.iter().filter(|(name, _)| !open().contains(name.as_str())).collect();
    assert!(more.is_empty(), "these got out: {more:#?}");
    assert_eq!(place.digest(), before, "something outside changed");
    std::thread::sleep(std::time::Duration::from_millis(900));
    assert!(!place.out().join("after-the-build").exists(), "what was left behind was ended");
}

#[test]
fn nothing_gets_out() {
    bare_and_confined(None);
}

#[test]
fn nothing_gets_out_as_nobody() {
    if place::is_root() {
        bare_and_confined(Some(65534));
    }
}

/// With an older Landlock, the filter and the supervisor close its gaps.
#[test]
fn nothing_gets_out_with_an_older_landlock() {
    let expected = open();
    for abi in ["2", "3", "4", "5", "6"] {
        let place = Place::new(None);
        let before = place.digest();
        let confined = through(&place, place.confined(&["--abi", abi]));
        let more: Vec<_> = confined.iter().filter(|(name, _)| !expected.contains(name.as_str())).collect();
        assert!(more.is_empty(), "version {abi}: these got out: {more:#?}");
        assert_eq!(place.digest(), before, "version {abi}: something outside changed");
    }
}

/// Without a listener (an outer sandbox has one) changes of attributes are denied.
#[test]
fn nothing_gets_out_without_a_listener() {
    let place = Place::new(None);
    let before = place.digest();
    let confined = through(&place, place.confined(&["--no-listener"]));
    let more: Vec<_> = confined.iter().filter(|(name, _)| !open().contains(name.as_str())).collect();
    assert!(more.is_empty(), "these got out: {more:#?}");
    assert_eq!(place.digest(), before);
}

/// Each half prevents attempts that the other does not, so both are needed.
#[test]
fn both_halves_are_needed() {
    let by = |half: &str| {
        let place = Place::new(None);
        through(&place, place.confined(&["--only", half]))
    };
    let (landlock, filter) = (by("landlock"), by("filter"));
    for name in ["read-key", "append-to-bashrc", "cargos-lock", "sessions"] {
        assert!(names(&filter).contains(name) && !names(&landlock).contains(name), "{name}");
    }
    for name in ["udp", "chmod", "memory-file", "datagram-from-a-pair", "times-by-the-oldest-call"] {
        assert!(names(&landlock).contains(name) && !names(&filter).contains(name), "{name}");
    }
}

/// Tests a program that may start nothing, without a supervisor, like rustc for a unit that links nothing.
#[test]
fn nothing_gets_out_of_what_starts_nothing() {
    let place = Place::new(None);
    let before = place.digest();
    let confined = through(&place, place.confined(&["--become", "--no-spawn"]));
    let more: Vec<_> =
        confined.iter().filter(|(name, _)| !["status-of-the-key"].contains(&name.as_str())).collect();
    assert!(more.is_empty(), "these got out: {more:#?}");
    assert_eq!(place.digest(), before);
}

/// Tests that the program with the attempts compiles and starts.
#[test]
fn an_unknown_attempt_is_said() {
    let place = Place::new(None);
    let output = Command::new(program()).args(["no-such"]).args(place.words()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "no-such UNKNOWN no-such\n");
}
