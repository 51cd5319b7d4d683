//! Tests discovery for the twenty most common `-sys` crates in the trees of `.pc` files of distributions: Debian's
//! unchanged, others rebuilt from their packaging repositories, which each tree names.
//!
//! `tests/distributions/<name>.tree` holds a tree (`@file`) and the settings of its queries (`@target`, `@host`,
//! `@env`); `$ROOT` is the folder where the tree is laid out. `<name>.expected` holds the results, also those with
//! `PKG_CONFIG_ALL_STATIC=1` if they differ; `INERT_UPDATE=1` renews it. `questions.txt` holds the queries, unless
//! a tree has its own (`@ask`): `reports.tree` has `.pc` files of public reports, each queried under its report's
//! number.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use inert_manifest_spec::condition::{Comparison, Operator};
use inert_manifest_spec::{Guarded, Item, Library, VersionRange};
use inert_resolver::discovery::{self, Found};
use inert_resolver::request::{Request, Target};
use inert_resolver::world::process_environment;
use inert_resolver::{Dialect, World, directives};

/// A tree with the settings of its queries.
#[derive(Default)]
struct Tree {
    target: String,
    host: Option<String>,
    environment: Vec<(String, String)>,
    questions: Vec<String>,
}

impl Tree {
    /// Reads a tree and lays it out in a folder.
    fn lay_out(text: &str, root: &Path) -> Self {
        let mut tree = Self::default();
        let mut file: Option<(PathBuf, String)> = None;
        let here = |text: &str| text.replace("$ROOT", root.to_str().unwrap());
        let done = |file: Option<(PathBuf, String)>| {
            let Some((path, text)) = file else { return };
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for line in text.lines() {
            let said = line.strip_prefix('@').and_then(|said| said.split_once(' '));
            match (said, &mut file) {
                (Some(("file", path)), _) => done(file.replace((root.join(path), String::new()))),
                (Some(("target", triple)), _) => triple.clone_into(&mut tree.target),
                (Some(("host", triple)), _) => tree.host = Some(triple.to_owned()),
                (Some(("ask", question)), _) => tree.questions.push(question.to_owned()),
                (Some(("env", pair)), _) => {
                    let (name, value) = pair.split_once('=').unwrap();
                    tree.environment.push((name.to_owned(), here(value)));
                }
                (Some((other, _)), _) => panic!("@{other} is none of a tree's"),
                (None, Some((_, text))) => {
                    text.push_str(&here(line));
                    text.push('\n');
                }
                (None, None) => assert!(line.starts_with('#'), "{line}"),
            }
        }
        done(file);
        tree
    }

    fn find(&self, library: &Library, is_static: bool) -> Result<Found, Vec<String>> {
        let request = Request {
            target: Target { triple: self.target.clone(), ..Target::default() },
            host: self.host.clone().unwrap_or_else(|| self.target.clone()),
            ..Request::default()
        };
        let mut environment: inert_resolver::Environment = self
            .environment
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        if is_static {
            environment.set("PKG_CONFIG_ALL_STATIC", "1");
        }
        discovery::find(library, "x", &request, &mut World::new(environment, "/nowhere".into())).map_err(
            |missing| {
                missing.attempts.iter().map(ToString::to_string).chain(missing.unmet).collect::<Vec<_>>()
            },
        )
    }
}

/// Reads a line of `questions.txt`: the name and the library to look for.
fn question(line: &str) -> (&str, Library) {
    let mut words = line.split_whitespace();
    let mut word = || words.next().expect("four words");
    let (crate_, module, port, version) = (word(), word(), word(), word());
    let some = |word: &str| (word != "-").then(|| Item::always(word.to_owned()));
    let version = (version != "-").then(|| {
        let comparison = Comparison { operator: Operator::GreaterEqual, value: version.to_owned() };
        Guarded::always(VersionRange { comparisons: vec![comparison] })
    });
    let library = Library {
        pkg_config: some(module).into_iter().collect(),
        vcpkg: some(port).into_iter().collect(),
        version,
        print_system_libs: true,
        ..Library::default()
    };
    (crate_, library)
}

fn told(found: &Result<Found, Vec<String>>) -> String {
    let mut out = String::new();
    match found {
        Ok(found) => {
            let _ = writeln!(out, " {}", found.version.as_deref().unwrap_or("of no known version"));
            for line in directives::print(&found.link, Dialect::SingleColon).unwrap().lines() {
                let _ = writeln!(out, "  {}", line.trim_start_matches("cargo:rustc-"));
            }
            for folder in &found.include_dirs {
                let _ = writeln!(out, "  include {}", folder.display());
            }
            for (name, value) in &found.defines {
                let _ = writeln!(out, "  define {name} {value:?}");
            }
            for warning in found.warnings.iter().filter(|warning| warning.contains("is refused")) {
                let _ = writeln!(out, "  warning {warning}");
            }
        }
        Err(attempts) => {
            out.push_str(" not found\n");
            for attempt in attempts {
                let _ = writeln!(out, "  {}", attempt.replace('\n', " "));
            }
        }
    }
    out
}

#[test]
fn what_sys_crates_find_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/distributions");
    let questions = fs::read_to_string(folder.join("questions.txt")).unwrap();
    let update = process_environment().get("INERT_UPDATE").is_some();
    let (mut asked, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "tree") {
            continue;
        }
        let root =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("distributions").join(path.file_stem().unwrap());
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let tree = Tree::lay_out(&fs::read_to_string(&path).unwrap(), &root);
        let mut actual = String::new();
        let common = questions.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
        let lines: Vec<String> =
            if tree.questions.is_empty() { common.collect() } else { tree.questions.clone() };
        for line in &lines {
            let (name, library) = question(line);
            let plain = told(&tree.find(&library, false));
            let archives = told(&tree.find(&library, true));
            let _ = write!(actual, "{name}{plain}");
            if archives != plain {
                let _ = write!(actual, "{name}, static{archives}");
            }
            asked += 2;
        }
        let actual = actual.replace(root.to_str().unwrap(), "$ROOT");
        let expected = path.with_extension("expected");
        if update {
            fs::write(&expected, &actual).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != actual {
            wrong.push(format!("== {}\n{actual}", path.display()));
        }
    }
    assert!(asked >= 470, "only {asked} questions were asked");
    assert!(wrong.is_empty(), "these came out otherwise than .expected says:\n{}", wrong.join("\n"));
}
