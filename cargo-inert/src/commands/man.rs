//! `cargo inert man`: writes the manual pages, for packages of distributions.

use std::path::PathBuf;

use clap::Parser;

use super::{Outcome, table};
use crate::driver::{Context, Failure};
use crate::{exit, file, report};

/// Write the manual pages: cargo-inert.1, and one for each command
///
/// `man cargo-inert` shows them once the folder is one of man's. The pages are the same for the same version of cargo-inert.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert man",
    bin_name = "cargo inert man",
    after_help = "Exit codes: 0 written, 2 bad usage, 101 the folder or a file cannot be written.

Examples:
  cargo inert man ~/.local/share/man/man1
  cargo inert man debian/tmp/usr/share/man/man1"
)]
pub struct Arguments {
    /// The folder, which is made if it is not there
    folder: PathBuf,
}

/// Runs `cargo inert man`.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let folder = context.cwd.join(&arguments.folder);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::Io(file::shown(&folder), error))?;
    let pages = pages().map_err(|error| Failure::Io("a manual page".to_owned(), error))?;
    for (name, page) in &pages {
        let path = folder.join(name);
        file::write_if_changed(&path, page).map_err(|error| Failure::Io(file::shown(&path), error))?;
    }
    report::status(&format!("{} pages in {}", pages.len(), file::shown(&folder)));
    Ok(exit::DONE)
}

/// Returns the name and the text of each page, in roff.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut tree = table::tree(table::PROGRAM);
    tree.build();
    let commands =
        tree.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let all = std::iter::once((table::PROGRAM.to_owned(), "cargo inert".to_owned(), &tree)).chain(
        commands.map(|command| {
            let name = command.get_name();
            (format!("{}-{name}", table::PROGRAM), format!("cargo inert {name}"), command)
        }),
    );
    all.map(|(title, typed, command)| {
        let mut text = Vec::new();
        let command = command.clone().bin_name(typed);
        clap_mangen::Man::new(command).title(title.clone()).render(&mut text)?;
        Ok((format!("{title}.1"), text))
    })
    .collect()
}
