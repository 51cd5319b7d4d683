//! Tests the reports about all parts of a build: `cargo inert sbom`, `audit --format html`.
//!
//! On request, by programs that are not part of the tests: `INERT_SBOM_PYTHON` names a Python with the official
//! validators (`scripts/check-sbom`), `INERT_CHROMIUM` a Chromium that opens the page. Without them that part is left
//! out, and the test prints a message.

use std::collections::BTreeSet;
use std::path::PathBuf;

use inert_tests::{Sandbox, root, said};
use serde_json::Value;

/// Text that becomes markup, ends the page's data or confuses a reader if it is not escaped.
const HOSTILE: &str = "</script><img src=x onerror=\\\"document.title='taken'\\\"><!-- & \\u202e";

/// Writes an application: a package that bundles C, one that asks the system for a library, a proc macro, and what
/// only a replaced script would use.
fn application() -> Sandbox {
    let sandbox = Sandbox::new();
    let bundles = format!(
        "[package]\nname = \"bundles-sys\"\nversion = \"1.0.0+mine.2.5.1\"\nedition = \"2021\"\nlinks = \"mine\"\nlicense = \"MIT/Apache-2.0\"\n\
         description = \"{HOSTILE}\"\n[build-dependencies]\nunused = {{ path = \"../unused\" }}\n\
         [package.metadata.inert]\nschema = 1\n[package.metadata.inert.cc-library.mine]\nsources = [\"c/*.c\"]\n"
    );
    let asks = "[package]\nname = \"asks-sys\"\nversion = \"1.0.0\"\nedition = \"2021\"\nlinks = \"asked\"\nlicense = \"Proprietary <b>\"\n\
                [package.metadata.inert]\nschema = 1\n[package.metadata.inert.library.asked]\npkg-config = \"asked\"\nversion = \">=3\"\n";
    let plain = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{more}")
    };
    sandbox.write(&[
        (
            "app/Cargo.toml",
            &format!(
                "{}[dependencies]\nbundles-sys = {{ path = \"../bundles\" }}\nasks-sys = {{ path = \"../asks\" }}\nmacros = {{ path = \"../macros\" }}\n[workspace]\n",
                plain("app", "license = \"0BSD\"\n")
            ),
        ),
        ("app/src/main.rs", "fn main() {}"),
        ("bundles/Cargo.toml", &bundles),
        ("bundles/build.rs", "fn main() { panic!() }"),
        ("bundles/src/lib.rs", ""),
        ("bundles/c/one.c", "int one(void) {\n    return 1;\n}\n"),
        ("bundles/c/COPYING", "as you like"),
        ("bundles/LICENSE-MIT", "MIT"),
        ("asks/Cargo.toml", asks),
        ("asks/build.rs", "fn main() { panic!() }"),
        ("asks/src/lib.rs", ""),
        ("unused/Cargo.toml", &plain("unused", "")),
        ("unused/src/lib.rs", "compile_error!(\"nothing needs it\");"),
        ("macros/Cargo.toml", &plain("macros", "[lib]\nproc-macro = true\n")),
        ("macros/src/lib.rs", ""),
        ("system/lib/pkgconfig/asked.pc", "Name: asked\nVersion: 3.1\nDescription: x\nLibs: -lasked\n"),
        ("system/lib/libasked.so", "not looked into"),
    ]);
    sandbox
}

/// Runs a command on the application, with only its own `.pc` file on the system.
fn inert(sandbox: &Sandbox, words: &str) -> inert_tests::Said {
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert"]).args(words.split(' '));
    command
        .env("PKG_CONFIG_LIBDIR", sandbox.path("system/lib/pkgconfig"))
        .env("SOURCE_DATE_EPOCH", "1700000000");
    said(&mut command)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| item[key].as_str().expect("text")).collect()
}

#[expect(clippy::disallowed_methods, reason = "the harness's own switch")]
#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn program(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    if found.is_none() {
        eprintln!("left out: {variable} names no program");
    }
    found
}

#[test]
fn cyclonedx_has_the_native_part() {
    let sandbox = application();
    let first = inert(&sandbox, "sbom").good().out;
    let bom = json(&first);
    assert_eq!((bom["bomFormat"].as_str(), bom["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    assert_eq!(bom["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(bom["metadata"]["component"]["name"], "app");
    let components = &bom["components"];
    let names: BTreeSet<&str> = texts(components, "name").into_iter().collect();
    // A package that only a replaced script would use is not part of the build.
    assert_eq!(names, ["asked", "asks-sys", "bundles-sys", "macros", "mine"].into());
    let find = |name: &str| {
        let mut all = components.as_array().unwrap().iter();
        all.find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}"))
    };
    let has = |name: &str, fact: &str, value: &str| {
        let wanted = serde_json::json!({ "name": format!("inert:{fact}"), "value": value });
        assert!(find(name)["properties"].as_array().unwrap().contains(&wanted), "{name}: {:#}", find(name));
    };
    assert_eq!(find("asked")["version"], "3.1");
    has("asked", "provider", "system");
    has("asked", "shared-object", sandbox.path("system/lib/libasked.so").to_str().unwrap());
    assert_eq!(find("mine")["version"], "2.5.1");
    has("mine", "version-from", "package-version");
    has("mine", "compiled-files", "1");
    has("mine", "compiled-lines", "3");
    assert_eq!(find("mine")["components"][0]["name"], "c/COPYING");
    assert_eq!(find("bundles-sys")["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(find("bundles-sys")["components"][0]["name"], "LICENSE-MIT");
    assert_eq!(find("asks-sys")["licenses"][0]["license"]["name"], "Proprietary <b>");
    assert_eq!(find("macros")["scope"], "excluded");
    // Every reference leads somewhere, and each name stands once.
    let mut refs = texts(components, "bom-ref");
    refs.push(bom["metadata"]["component"]["bom-ref"].as_str().unwrap());
    let known: BTreeSet<&str> = refs.iter().copied().collect();
    assert_eq!(known.len(), refs.len());
    for edge in bom["dependencies"].as_array().unwrap() {
        let on = edge["dependsOn"].as_array().into_iter().flatten();
        for one in on.chain([&edge["ref"]]) {
            assert!(known.contains(one.as_str().unwrap()), "{one}");
        }
    }
    assert_eq!(inert(&sandbox, "sbom").good().out, first, "the same build has the same document");
    let odd =
        said(sandbox.command("app", "cargo").args(["inert", "sbom"]).env("SOURCE_DATE_EPOCH", "yesterday"));
    let _ = odd.code(2);
}

#[test]
fn the_targets_are_those_of_what_is_built() {
    let sandbox = Sandbox::new();
    let manifest = "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[workspace]\n";
    sandbox.write(&[("app/Cargo.toml", manifest), ("app/src/lib.rs", "")]);
    // No script has a run for it.
    let bom = json(&inert(&sandbox, "sbom --target wasm32-wasip1").good().out);
    let properties = bom["metadata"]["properties"].as_array().unwrap();
    let of = |name: &str| properties.iter().filter(|one| one["name"] == name).collect::<Vec<_>>();
    assert_eq!(of("inert:target").len(), 1);
    assert_eq!(of("inert:target")[0]["value"], "wasm32-wasip1");
}

#[test]
fn spdx_has_the_native_part() {
    let sandbox = application();
    let document = json(&inert(&sandbox, "sbom --format spdx").good().out);
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    let packages = &document["packages"];
    let ids: Vec<&str> = texts(packages, "SPDXID");
    let known: BTreeSet<&str> = ids.iter().copied().chain(["SPDXRef-DOCUMENT"]).collect();
    assert_eq!(known.len(), ids.len() + 1);
    let relations = document["relationships"].as_array().unwrap();
    for relation in relations {
        assert!(known.contains(relation["spdxElementId"].as_str().unwrap()), "{relation}");
        assert!(known.contains(relation["relatedSpdxElement"].as_str().unwrap()), "{relation}");
    }
    let kinds: BTreeSet<&str> =
        relations.iter().map(|one| one["relationshipType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["BUILD_DEPENDENCY_OF", "CONTAINS", "DEPENDS_ON", "DESCRIBES"].into());
    let find = |name: &str| packages.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    assert_eq!(find("mine")["versionInfo"], "2.5.1");
    assert_eq!(find("asks-sys")["licenseDeclared"], "NOASSERTION");
    assert_eq!(find("asks-sys")["licenseComments"], "The manifest says: Proprietary <b>");
}

#[test]
fn the_official_validators_accept_both() {
    let Some(python) = program("INERT_SBOM_PYTHON") else { return };
    let sandbox = application();
    let mut command = sandbox.command("", root().join("scripts/check-sbom").to_str().unwrap());
    for format in ["cyclonedx", "spdx"] {
        let name = format!("{format}.json");
        sandbox.write(&[(&name, &inert(&sandbox, &format!("sbom --format {format}")).good().out)]);
        command.arg(sandbox.path(&name));
    }
    let checked = said(command.env("INERT_SBOM_PYTHON", python)).good();
    assert!(checked.out.contains("2 files, 0 errors"), "{}", checked.out);
}

/// Returns the data within a page.
fn data(page: &str) -> Value {
    let (_, behind) = page.split_once("id=\"data\">").expect("the data");
    json(behind.split_once("</script>").expect("its end").0)
}

#[test]
fn no_text_of_a_package_becomes_markup() {
    let sandbox = application();
    let page = inert(&sandbox, "audit --format html").good().out;
    assert!(!page.contains("<img") && !page.contains('\u{202e}'), "hostile text stands in the page as it is");
    assert_eq!(page.matches("</script>").count(), 2);
    let data = data(&page);
    let mut packages = data["packages"].as_array().unwrap().iter();
    let bundles = packages.find(|one| one["name"] == "bundles-sys").unwrap();
    assert!(bundles["description"].as_str().unwrap().starts_with("</script><img"), "{bundles}");
    assert_eq!(data["natives"].as_array().unwrap().len(), 2);
    let Some(chromium) = program("INERT_CHROMIUM") else { return };
    sandbox.write(&[("page.html", &page)]);
    let mut command = sandbox.command("", chromium.to_str().unwrap());
    let address = format!("file://{}#package=bundles-sys", sandbox.path("page.html").display());
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", &address]);
    command.env("HOME", sandbox.path(""));
    let dom = said(&mut command).good().out;
    assert!(dom.contains("This build runs no build script."), "the page's script did not run: {dom}");
    assert!(dom.contains("<p class=\"soft\">&lt;/script&gt;&lt;img src=x"), "the description is not shown");
    assert!(!dom.contains("<img") && !dom.contains("<title>taken"), "a package's text became markup");
    assert!(dom.contains("\\u{202e}"), "a character that changes the direction of text is not shown");
}

#[test]
fn the_page_shows_what_changed() {
    let sandbox = application();
    let git = |words: &str| {
        let _ = said(sandbox.command("app", "git").args(words.split(' '))).good();
    };
    let _ = inert(&sandbox, "lock").good();
    for words in [
        "init -q .",
        "add inert.lock Cargo.toml",
        "-c user.name=a -c user.email=a@localhost commit -qm first",
    ] {
        git(words);
    }
    sandbox.write(&[("app/inert.toml", "[policy]\nmembers = \"allow\"\ncapabilities = [\"cfg\", \"env\", \"file\", \"probe\", \"library\", \"cc\", \"tool\"]\n")]);
    let page = inert(&sandbox, "audit --format html --diff HEAD").code(1).out;
    let data = data(&page);
    assert_eq!(data["since"], "HEAD");
    assert_eq!(data["changes"][0]["label"], "weaker", "{}", data["changes"]);
    let _ = inert(&sandbox, "audit --format html --libraries").code(2);
}
