//! Prints the declaration that the catalog has for a version: `declaration NAME VERSION`. `scripts/catalog-refresh`
//! tries it with a newer version.

use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "a program for maintainers")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, name, version] = &arguments[..] else { return ExitCode::from(2) };
    let files = inert_catalog::texts(name);
    let found = files
        .iter()
        .flat_map(|text| inert_catalog::declarations(text))
        .find(|(versions, _)| versions.contains(version));
    let Some((_, declaration)) = found else { return ExitCode::FAILURE };
    print!("{declaration}");
    ExitCode::SUCCESS
}
