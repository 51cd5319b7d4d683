//! Many independent features, and a loop that runs until nothing changes over their graph: a feature is on if one that
//! depends on it is. The separate paths would be 2^48.
use std::cell::Cell;
use std::collections::BTreeMap;
use std::env;

const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("f00", &["f03", "f11"], &["lib0"]),
    ("f01", &["f10", "f16"], &["lib1"]),
    ("f02", &[], &["lib2"]),
    ("f03", &["f24", "f26"], &["lib3"]),
    ("f04", &["f31"], &["lib4"]),
    ("f05", &[], &["lib0"]),
    ("f06", &["f41", "f45"], &["lib1"]),
    ("f07", &["f04", "f46"], &["lib2"]),
    ("f08", &[], &["lib3"]),
    ("f09", &["f08", "f18"], &["lib4"]),
    ("f10", &["f13", "f25"], &["lib0"]),
    ("f11", &[], &["lib1"]),
    ("f12", &["f23", "f39"], &["lib2"]),
    ("f13", &["f28", "f46"], &["lib3"]),
    ("f14", &[], &["lib4"]),
    ("f15", &["f12", "f38"], &["lib0"]),
    ("f16", &["f19", "f43"], &["lib1"]),
    ("f17", &[], &["lib2"]),
    ("f18", &["f05", "f33"], &["lib3"]),
    ("f19", &["f10", "f40"], &["lib4"]),
    ("f20", &[], &["lib0"]),
    ("f21", &["f06", "f20"], &["lib1"]),
    ("f22", &["f13", "f25"], &["lib2"]),
    ("f23", &[], &["lib3"]),
    ("f24", &["f27", "f35"], &["lib4"]),
    ("f25", &["f34", "f40"], &["lib0"]),
    ("f26", &[], &["lib1"]),
    ("f27", &["f00", "f02"], &["lib2"]),
    ("f28", &["f07"], &["lib3"]),
    ("f29", &[], &["lib4"]),
    ("f30", &["f17", "f21"], &["lib0"]),
    ("f31", &["f22", "f28"], &["lib1"]),
    ("f32", &[], &["lib2"]),
    ("f33", &["f32", "f42"], &["lib3"]),
    ("f34", &["f01", "f37"], &["lib4"]),
    ("f35", &[], &["lib0"]),
    ("f36", &["f15", "f47"], &["lib1"]),
    ("f37", &["f04", "f22"], &["lib2"]),
    ("f38", &[], &["lib3"]),
    ("f39", &["f14", "f36"], &["lib4"]),
    ("f40", &["f19", "f43"], &["lib0"]),
    ("f41", &[], &["lib1"]),
    ("f42", &["f09", "f29"], &["lib2"]),
    ("f43", &["f16", "f34"], &["lib3"]),
    ("f44", &[], &["lib4"]),
    ("f45", &["f30", "f44"], &["lib0"]),
    ("f46", &["f01", "f37"], &["lib1"]),
    ("f47", &[], &["lib2"]),
];

struct Header {
    asked: bool,
    on: Cell<bool>,
    dependencies: &'static [&'static str],
    libraries: &'static [&'static str],
}

struct Graph(BTreeMap<&'static str, Header>);

impl Graph {
    fn new() -> Self {
        let header = |&(name, dependencies, libraries): &(&'static str, &'static [&'static str], &'static [&'static str])| {
            (name, Header { asked: false, on: Cell::new(false), dependencies, libraries })
        };
        Graph(TABLE.iter().map(header).collect())
    }

    fn ask(&mut self) {
        for (name, header) in &mut self.0 {
            if env::var(&format!("CARGO_FEATURE_{}", name.to_uppercase())).is_ok() {
                header.asked = true;
                header.on.set(true);
            }
        }
    }

    fn follow(&self) {
        let mut done = false;
        while !done {
            done = true;
            for (_, header) in &self.0 {
                if header.on.get() {
                    for name in header.dependencies {
                        let other = &self.0.get(name).expect(name);
                        if !other.on.get() {
                            done = false;
                            other.on.set(true);
                        }
                    }
                }
            }
        }
    }

    fn print(&self) {
        for (name, header) in &self.0 {
            if header.on.get() && !header.asked {
                println!("cargo:rustc-cfg=needs_{name}");
            }
        }
        let mut libraries: Vec<_> =
            self.0.values().filter(|header| header.on.get()).flat_map(|header| header.libraries.iter()).collect();
        libraries.sort();
        libraries.dedup();
        for library in libraries {
            println!("cargo:rustc-link-lib={library}");
        }
    }
}

fn main() {
    let mut graph = Graph::new();
    graph.ask();
    graph.follow();
    graph.print();
}
