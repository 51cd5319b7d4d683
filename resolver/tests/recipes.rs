//! Compares every recipe of `vendored-fallbacks/recipes` with the build script that it replaces. Plain cargo builds
//! both with a compiler that records its calls: the original as published, and a copy whose build script is the
//! shim. Compared are compile commands (files, defines, includes in order, flags), directives, files in OUT_DIR,
//! and the global symbols of archives. Intended differences are in the recipe's `[[oracle]]`.
//!
//! All of them take a while, so by default only one of each kind runs ([`USUALLY`]); `INERT_ORACLE=all` runs all,
//! and `INERT_RECIPE=libz-sys,ring` selects by name.

#[path = "recipes/commands.rs"]
mod commands;
#[path = "recipes/outcome.rs"]
mod outcome;
#[path = "recipes/project.rs"]
mod project;
#[path = "recipes/recipe.rs"]
mod recipe;

use std::fmt::Write as _;
use std::path::Path;

/// One recipe each for C, a library with a pkg-config side, assembly, and C++.
const USUALLY: &[&str] = &["lz4-sys", "bzip2-sys", "psm", "snappy_src"];

#[test]
fn recipes() {
    let environment = inert_resolver::world::process_environment();
    let picked = environment.text("INERT_RECIPE").map(|names| names.split(',').collect::<Vec<_>>());
    let all = environment.text("INERT_ORACLE") == Some("all");
    let wanted =
        |name: &str| picked.as_ref().map_or(all || USUALLY.contains(&name), |picked| picked.contains(&name));
    // The folder belongs to this checkout alone, since another one may run the same test.
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recipes");
    let mut report = String::new();
    let mut compared = 0;
    for recipe in recipe::all() {
        if !wanted(&recipe.name) {
            continue;
        }
        for (at, oracle) in recipe.oracles.iter().enumerate() {
            let place = work.join(format!("{}-{at}", recipe.name));
            let original = project::build(&place.join("original"), &work, &recipe, oracle, false);
            let ours = project::build(&place.join("ours"), &work, &recipe, oracle, true);
            let differences = match (original, ours) {
                (Ok(original), Ok(ours)) => outcome::differences(&original, &ours, oracle),
                (Err(error), _) => vec![format!("the original does not build: {error}")],
                (_, Err(error)) => vec![format!("ours does not build: {error}")],
            };
            compared += 1;
            if !differences.is_empty() {
                let _ = writeln!(report, "== {} {} {:?}", recipe.name, oracle.version, oracle.features);
                differences.iter().for_each(|difference| report.push_str(&format!("  {difference}\n")));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(compared > 0, "nothing was compared");
}

/// Writes the list of intended differences for the documentation, from the recipes' own `except`.
#[test]
fn differences_are_listed() {
    let mut text = "<!-- Generated from the recipes: `INERT_UPDATE=1 cargo test -p inert-resolver --test recipes`. -->\n\n\
                    # Recipes: what differs from the scripts on purpose\n\n\
                    Compile commands, directives, files and symbols are compared with what the original build script does \
                    (docs/guide/source-builds.md says how, and what differs for all alike). For each recipe, how many comparisons \
                    there are, and the differences that are meant; a comparison fails where one is no longer there.\n\n\
                    | recipe | comparisons | what differs |\n|---|---|---|\n"
        .to_owned();
    for recipe in recipe::all() {
        let mut excepts: Vec<String> = Vec::new();
        for oracle in &recipe.oracles {
            let features = oracle.features.join(", ");
            for except in &oracle.except {
                let except = except.replace('|', "\\|");
                excepts.push(format!(
                    "`{except}` ({}{}{features})",
                    oracle.version,
                    if features.is_empty() { "" } else { ", " }
                ));
            }
        }
        if recipe.oracles.is_empty() {
            continue;
        }
        let _ = writeln!(text, "| {} | {} | {} |", recipe.name, recipe.oracles.len(), excepts.join("<br>"));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/differences-recipes.md");
    if inert_resolver::world::process_environment().get("INERT_UPDATE").is_some() {
        std::fs::write(&page, &text).expect("writable");
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    assert_eq!(written, text, "run it again with INERT_UPDATE=1");
}
