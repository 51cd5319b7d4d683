//! Every recipe of `vendored-fallbacks/recipes` against the build script that it stands for: both are built by plain
//! cargo with a compiler that notes how it is called, the original as published and a copy whose build script is the
//! shim. Compared: compile commands (files, defines, includes in order, flags), directives, files in OUT_DIR, and the
//! global symbols of archives. What differs on purpose stands in the recipe's `[[oracle]]`.
//!
//! All of them take a while, so it is one of each kind ([`USUALLY`]) unless `INERT_ORACLE=all` says otherwise;
//! `INERT_RECIPE=libz-sys,ring` picks by name.

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

/// C, a library with a pkg-config side, assembly, C++.
const USUALLY: &[&str] = &["lz4-sys", "bzip2-sys", "psm", "snappy_src"];

#[test]
fn recipes() {
    let environment = inert_resolver::world::process_environment();
    let picked = environment.text("INERT_RECIPE").map(|names| names.split(',').collect::<Vec<_>>());
    let all = environment.text("INERT_ORACLE") == Some("all");
    let wanted =
        |name: &str| picked.as_ref().map_or(all || USUALLY.contains(&name), |picked| picked.contains(&name));
    // Of this checkout alone: another one may run the same.
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
