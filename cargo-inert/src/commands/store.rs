//! `cargo inert store`: shows what the user's store holds and what it saved.

use clap::Parser;
use serde::Serialize;

use super::Outcome;
use super::format::HumanOrJson;
use crate::driver::Context;
use crate::store::{self, Found, contents};
use crate::{exit, report};

/// Show what the store of finished C libraries holds and what it saved
///
/// Objects and archives that are compiled from packages' C sources are kept in one folder for all workspaces of a user.
/// Nothing is built, and no file of a workspace is read.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert store",
    bin_name = "cargo inert store",
    after_help = "INERT_STORE=off switches the store off; INERT_STORE_SIZE (5GiB) is how large it may be; `cargo inert clean --store` empties it.

Exit codes: 0 done, also where there is no store; 2 bad usage.

Examples:
  cargo inert store
  cargo inert store --format json"
)]
pub struct Arguments {
    /// How to say it: json is a stable interface
    #[arg(long, value_enum, default_value_t)]
    format: HumanOrJson,
}

/// The answer, schema 1.
#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    /// The folder of the store, if the user has a cache folder.
    folder: Option<String>,
    /// True if builds use the store.
    used: bool,
    /// The reason why they do not.
    reason: Option<String>,
    limit_bytes: u64,
    bytes: u64,
    contents: u64,
    results: u64,
    /// The number of objects that were taken from the store, and of those that were compiled.
    hits: u64,
    misses: u64,
    /// The time that compilers took for the objects that were taken, in milliseconds of one processor's wall time.
    saved_ms: u64,
}

/// Runs `cargo inert store`.
///
/// # Errors
/// There are none: what cannot be read counts as nothing.
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let environment = &context.environment;
    let folder = store::folder(environment);
    // A folder that is not there is not made: nothing is changed by looking.
    let (used, reason) = if environment.text("INERT_STORE") != Some("off")
        && folder.as_ref().is_some_and(|path| !path.exists())
    {
        (true, None)
    } else {
        match store::find(environment) {
            Found::Usable(_) => (true, None),
            Found::Off => (false, Some("INERT_STORE is `off`".to_owned())),
            Found::Unusable(problem) => (false, Some(problem)),
        }
    };
    let found = folder.as_deref().map(contents::count).unwrap_or_default();
    let answer = Answer {
        schema: 1,
        folder: folder.as_deref().map(crate::file::shown),
        used,
        reason,
        limit_bytes: store::limit(environment),
        bytes: found.bytes,
        contents: found.contents,
        results: found.results,
        hits: found.tally.hits,
        misses: found.tally.misses,
        saved_ms: found.tally.saved,
    };
    match arguments.format {
        HumanOrJson::Json => report::print_json(&answer),
        HumanOrJson::Human => report::print(&report::escaped(&shown(&answer))),
    }
    Ok(exit::DONE)
}

fn shown(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.folder.as_deref().unwrap_or("no store: there is no cache folder"));
    if let Some(reason) = &answer.reason {
        text.push_str(&format!("  not used: {reason}\n"));
    }
    let size = |bytes: u64| format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20);
    text.push_str(&format!(
        "  {} of at most {}: {} objects and archives, {} results\n",
        size(answer.bytes),
        size(answer.limit_bytes),
        answer.contents,
        answer.results
    ));
    text.push_str(&format!(
        "  {} objects taken, {} compiled; compilers took {}.{} s for those that were taken\n",
        answer.hits,
        answer.misses,
        answer.saved_ms / 1000,
        answer.saved_ms % 1000 / 100
    ));
    text
}
