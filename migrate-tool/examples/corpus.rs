//! Derives the scripts that a `crate,version,…` CSV file lists, from sources in a folder like cargo's registry
//! (`scripts/fetch-corpus.py` fetches them), and prints a table: derived, partly derived, or the reasons for the
//! residue.
//!
//! usage: corpus <csv> <registry src folder> [name filter]

use std::io::Write as _;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let args: Vec<String> = std::env::args().collect();
    let (Some(csv), Some(registry)) = (args.get(1), args.get(2)) else {
        return writeln!(out, "usage: corpus <csv> <registry src folder> [name filter]");
    };
    let filter = args.get(3).cloned().unwrap_or_default();
    let text = std::fs::read_to_string(csv)?;
    let mut rows = text.lines();
    let header: Vec<&str> = rows.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).unwrap_or(0);
    let (verdict_at, seen_at) = (column("verdict"), column("seen_in"));
    let (mut derived, mut partly, mut total, mut weight, mut covered) = (0, 0, 0, 0usize, 0usize);
    let mut times = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let (name, version) = (cells[0], cells[1]);
        let (verdict, seen) = (
            cells.get(verdict_at).copied().unwrap_or_default(),
            cells.get(seen_at).and_then(|n| n.parse().ok()).unwrap_or(0usize),
        );
        if !name.contains(&filter) || verdict != "declarative" && filter.is_empty() {
            continue;
        }
        let manifest = PathBuf::from(registry).join(format!("{name}-{version}")).join("Cargo.toml");
        let Ok(source) = inert_migrate_tool::PackageSource::from_manifest(&manifest) else {
            writeln!(out, "{name:32} {seen:3} missing")?;
            continue;
        };
        let start = std::time::Instant::now();
        let derivation = inert_migrate_tool::derive(&source);
        let time = start.elapsed();
        times.push(time);
        let declarative = verdict == "declarative";
        if declarative {
            total += 1;
            weight += seen;
        }
        let state = match &derivation.declaration {
            Some(declaration) if declaration.unsupported.is_some() => {
                if declarative {
                    partly += 1;
                    covered += seen;
                }
                format!(
                    "partly  {}",
                    declaration.unsupported.as_ref().map(ToString::to_string).unwrap_or_default()
                )
            }
            Some(_) => {
                if declarative {
                    derived += 1;
                    covered += seen;
                }
                "derived".to_owned()
            }
            None => "NO".to_owned(),
        };
        let state: String = state.chars().take(120).collect();
        writeln!(
            out,
            "{name:32} {seen:3} {:6.1}ms {}{state}",
            time.as_secs_f64() * 1e3,
            if declarative { "" } else { "(not declarative) " }
        )?;
        for residue in derivation.residue.iter().take(6) {
            let guard = residue.guard.as_ref().map_or_else(|| "always".to_owned(), ToString::to_string);
            let guard: String = guard.chars().take(100).collect();
            writeln!(out, "      {}:{}: {} [{guard}]", residue.file.display(), residue.line, residue.reason)?;
        }
    }
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    writeln!(
        out,
        "declarative: {derived} derived, {partly} partly, of {total}; by occurrence {covered} of {weight}; median {median:?}, slowest {:?}",
        times.last()
    )
}
