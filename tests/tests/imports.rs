//! Checks the layers of docs/architecture.md against the imports of every file.
//!
//! A layer imports the layers below it. It may import another layer of the same row only if the table permits it,
//! and an exception that is no longer needed fails as well.

#[path = "imports/read.rs"]
mod read;

use std::collections::BTreeSet;

use read::Package;

/// The rows of one package, from the top down.
struct Layers {
    package: &'static str,
    /// The modules of each row; a file belongs to the module with the longest matching name.
    rows: &'static [&'static [&'static str]],
    /// The permitted imports within a row.
    beside: &'static [(&'static str, &'static str)],
    /// The permitted imports of single files upwards, with the reason for each.
    upwards: &'static [(&'static str, &'static str, &'static str)],
    /// The greatest number of files that may import one another in a circle.
    circle: usize,
}

const LAYERS: &[Layers] = &[
    Layers {
        package: "cargo-inert",
        rows: &[
            &["bin"],
            &["commands"],
            &["bake"],
            &["report", "verify"],
            &["inventory"],
            &["driver"],
            &["lock", "wrapper", "freshness", "stand_in"],
            &["plan"],
            &["confine"],
            &["plan::model"],
            &["policy"],
            &["store"],
            &["artifacts"],
            &["cargo"],
            &["console", "digest", "environment", "exit", "file", "random", "toml_text"],
        ],
        beside: &[
            ("verify", "report"),
            ("wrapper", "freshness"),
            ("wrapper", "stand_in"),
            ("freshness", "stand_in"),
            ("console", "environment"),
            ("digest", "file"),
            ("file", "random"),
            ("random", "digest"),
        ],
        upwards: &[],
        circle: 4,
    },
    Layers {
        package: "resolver",
        rows: &[
            &["build_script", "shared"],
            &["resolve"],
            &["effects", "probes"],
            &["engine"],
            &["outcomes"],
            &["discovery"],
            &["facts"],
            &["directives"],
            &["failure", "pkgconf", "request", "world"],
            &["journal"],
        ],
        beside: &[],
        upwards: &[],
        circle: 4,
    },
    Layers {
        package: "migrate-tool",
        rows: &[
            &["generated", "mir_oracle", "rust_oracle"],
            &["agreement"],
            &["lower", "models", "rewrite"],
            &["interp"],
            &["trace"],
            &["semantics"],
            &["value"],
            &["derivation"],
            &["assumptions", "source"],
            &["logic"],
        ],
        beside: &[],
        upwards: &[],
        circle: 9,
    },
];

#[test]
fn each_layer_imports_only_downwards() {
    let mut problems = Vec::new();
    for layers in LAYERS {
        let package = Package::read(&inert_tests::root().join(layers.package).join("src"));
        assert!(package.imports.len() > 10, "{}: no files were read", layers.package);
        let (mut beside, mut upwards) = (BTreeSet::new(), BTreeSet::new());
        // The root composes the layers, and re-exports the public items.
        for (from, targets) in package.imports.iter().filter(|(from, _)| !from.is_empty()) {
            let Some((row, layer)) = layers.of(from) else {
                problems.push(format!("{}: {from} is in no layer", layers.package));
                continue;
            };
            for to in targets.iter().filter(|to| !to.is_empty()) {
                let Some((below, other)) = layers.of(to) else { continue };
                if let Some(exception) = layers.upwards.iter().find(|(a, b, _)| a == from && b == to) {
                    upwards.insert(exception);
                } else if below < row {
                    problems.push(format!("{}: {from} imports {to}, which is above it", layers.package));
                } else if below == row && layer != other {
                    match layers.beside.iter().find(|pair| **pair == (layer, other)) {
                        Some(pair) => drop(beside.insert(*pair)),
                        None => problems
                            .push(format!("{}: {from} imports {to}, which stands beside it", layers.package)),
                    }
                }
            }
        }
        let dead = layers.beside.iter().filter(|pair| !beside.contains(*pair));
        problems.extend(
            dead.map(|(a, b)| {
                format!("{}: {a} does not import {b} any more; remove the row", layers.package)
            }),
        );
        let dead = layers.upwards.iter().filter(|row| !upwards.contains(row));
        problems.extend(dead.map(|(a, b, _)| {
            format!("{}: {a} does not import {b} any more; remove the row", layers.package)
        }));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_circle_is_large() {
    let mut problems = Vec::new();
    for layers in LAYERS {
        let package = Package::read(&inert_tests::root().join(layers.package).join("src"));
        for circle in package.circles() {
            if circle.len() > layers.circle {
                problems.push(format!("{}: {} files: {}", layers.package, circle.len(), circle.join(", ")));
            }
        }
    }
    assert!(problems.is_empty(), "files that import one another:\n{}", problems.join("\n"));
}

impl Layers {
    /// Returns the row and the name of the layer that a file is in.
    fn of(&self, module: &str) -> Option<(usize, &'static str)> {
        let inside = |layer: &&str| {
            module == *layer || module.strip_prefix(*layer).is_some_and(|rest| rest.starts_with("::"))
        };
        let all = self.rows.iter().enumerate();
        let found = all
            .filter_map(|(at, row)| row.iter().copied().find(|layer| inside(layer)).map(|layer| (at, layer)));
        found.max_by_key(|(_, layer)| layer.len())
    }
}

/// Tests the reader itself on a folder with every form of an import.
#[test]
fn every_form_of_an_import_is_read() {
    let src = inert_tests::root().join("tests/tests/imports/sample");
    let package = Package::read(&src);
    let lines = package.imports.iter().map(|(from, to)| {
        format!("{from} -> {}\n", to.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    });
    let expected = std::fs::read_to_string(src.join("expected.txt")).expect("expected.txt");
    assert_eq!(lines.collect::<String>(), expected);
    assert_eq!(package.circles(), [["a::b", "c"]]);
}
