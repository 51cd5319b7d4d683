//! Prints the declaration that is derived from a package's build script, and the residue.
//!
//! usage: derive [--write] <package folder>…      (`--write` writes `expected.toml` and `expected-residue` there)

use std::io::Write as _;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut expect = false;
    for folder in std::env::args().skip(1) {
        if folder == "--write" {
            expect = true;
            continue;
        }
        let start = std::time::Instant::now();
        let manifest = PathBuf::from(&folder).join("Cargo.toml");
        let source = match inert_migrate_tool::PackageSource::from_manifest(&manifest) {
            Ok(source) => source,
            Err(error) => {
                writeln!(out, "# {error}")?;
                continue;
            }
        };
        let derivation = inert_migrate_tool::derive(&source);
        if expect {
            for (file, text) in
                [("expected.toml", derivation.toml()), ("expected-residue", derivation.residue_text())]
            {
                let path = PathBuf::from(&folder).join(file);
                if text.is_empty() {
                    // An empty expectation has no file.
                    let _ = std::fs::remove_file(path);
                } else {
                    std::fs::write(path, text)?;
                }
            }
        }
        writeln!(out, "# {} {} in {:?}", source.name, source.version, start.elapsed())?;
        for residue in &derivation.residue {
            let guard = residue.guard.as_ref().map_or_else(|| "always".to_owned(), ToString::to_string);
            writeln!(
                out,
                "# {}:{}:{}: {} [{guard}]",
                residue.file.display(),
                residue.line,
                residue.column,
                residue.reason
            )?;
        }
        match &derivation.declaration {
            Some(declaration) => writeln!(out, "{}", inert_manifest_spec::write::declaration(declaration))?,
            None => writeln!(out, "# no declaration")?,
        }
        writeln!(
            out,
            "# reads {:?}, env {:?}, assumes {:?}",
            derivation.reads, derivation.env, derivation.assumes
        )?;
    }
    Ok(())
}
