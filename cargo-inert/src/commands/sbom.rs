//! `cargo inert sbom`: a software bill of materials of a build, with its native part.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, ValueEnum};

use super::Outcome;
use super::cargo_arguments::BuildArguments;
use crate::driver::{self, Context, Failure};
use crate::inventory;
use crate::report::sbom::{self, Document};
use crate::{exit, report};

/// Write a software bill of materials of a build, with its native libraries
///
/// Packages of which the build compiles something, and the native code that is linked with them: libraries of the system with
/// version and package, bundled sources with the upstream version where it is known, shipped objects, licence files with digests. It is
/// made from the plan: nothing is compiled. What a script that runs will link is not known before; its package is named if it has a `links` key.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert sbom",
    bin_name = "cargo inert sbom",
    after_help = "The time in the document is that of SOURCE_DATE_EPOCH, if it is set; all else is the same for the same build.

Exit codes: 0 written, 1 the build cannot be planned under the policy, 2 bad usage, 101 Cargo fails or a file cannot be read.

Examples:
  cargo inert sbom > app.cdx.json
  cargo inert sbom --format spdx --locked --release --target x86_64-unknown-linux-musl > app.spdx.json"
)]
pub struct Arguments {
    /// The format: CycloneDX 1.6 or SPDX 2.3, both as JSON
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    cargo: BuildArguments,
}

/// The format of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// `CycloneDX` 1.6.
    #[default]
    Cyclonedx,
    /// SPDX 2.3.
    Spdx,
}

/// Runs `cargo inert sbom`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let invocation = arguments.cargo.invocation("build", context)?;
    let created = match context.environment.text("SOURCE_DATE_EPOCH") {
        Some(text) => {
            text.parse::<u64>().ok().filter(|seconds| *seconds <= sbom::LATEST).ok_or_else(|| {
                Failure::Arguments(format!(
                    "SOURCE_DATE_EPOCH={}: seconds since 1970 are expected, of a year with four digits",
                    crate::file::one_line(text)
                ))
            })?
        }
        None => SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default(),
    };
    let prepared = driver::prepare(context, &invocation)?;
    let inventory = inventory::of(context, &prepared).map_err(Failure::Unexpected)?;
    let root = &prepared.workspace.workspace_root;
    let document = Document {
        inventory: &inventory,
        name: root
            .file_name()
            .map_or_else(|| "workspace".to_owned(), |name| name.to_string_lossy().into_owned()),
        created: sbom::time(created),
    };
    match arguments.format {
        Format::Cyclonedx => report::print_json(&sbom::cyclonedx::document(&document)),
        Format::Spdx => report::print_json(&sbom::spdx::document(&document)),
    }
    Ok(exit::DONE)
}
