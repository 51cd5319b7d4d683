#[macro_use]
mod words;
mod tables;

const NAMES: &[(&str, &[&str])] = tables::NAMES;

fn main() {
    for (name, aliases) in NAMES {
        for alias in aliases.iter().filter(|alias| alias.len() > 2) {
            say!("{}_{}", name, alias);
        }
    }
    if std::env::var_os("CARGO_FEATURE_STOP").is_some() {
        std::process::exit(0);
    }
    say!("went_on");
}
