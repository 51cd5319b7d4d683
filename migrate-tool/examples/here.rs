//! Prints the effects of a package's derived declaration on this host, one a line, for comparison with the output of
//! the script itself (`scripts/compare-here.py`). Probes count as failed.
//!
//! usage: here <package folder> <output of `rustc --print cfg`> <host triple> <rustc minor> [feature…]

use std::io::Write as _;

use inert_manifest_spec::condition::{Channel, Fact, Truth, Version};
use inert_manifest_spec::types::{Cfg, Item, Link, TextPart};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let args: Vec<String> = std::env::args().collect();
    let manifest = std::path::Path::new(&args[1]).join("Cargo.toml");
    let cfg = std::fs::read_to_string(&args[2])?;
    let (host, minor) = (&args[3], args[4].parse::<u64>().unwrap_or_default());
    let features = &args[5..];
    let Ok(source) = inert_migrate_tool::PackageSource::from_manifest(&manifest) else { return Ok(()) };
    let derivation = inert_migrate_tool::derive(&source);
    let Some(declaration) = derivation.declaration else { return writeln!(out, "none") };
    let mut probes = false;
    let mut fact = |fact: &Fact| {
        Truth::from(match fact {
            Fact::TargetOption(name) => cfg.lines().any(|line| line == name),
            Fact::TargetKey { key, value } => cfg.lines().any(|line| line == format!("{key}=\"{value}\"")),
            Fact::Feature(name) => features.contains(name),
            Fact::Target(glob) | Fact::Host(glob) => glob.matches(host),
            Fact::Rustc(test) => test.holds(&Version { major: 1, minor, patch: 0 }),
            Fact::Channel(channel) => *channel == Channel::Stable,
            Fact::Profile(profile) => profile == "debug",
            Fact::OptLevel(level) => level == "0",
            Fact::Debug => true,
            Fact::Llvm(test) => test.holds(&Version { major: 22, minor: 1, patch: 2 }),
            Fact::RustcCommitDate(test) => test.holds(&"2026-04-14".to_owned()),
            Fact::Probe { .. } | Fact::Found { .. } => {
                probes = true;
                false
            }
            _ => false,
        })
    };
    let mut lines = Vec::new();
    if declaration.unsupported.as_ref().is_some_and(|when| when.evaluate(&mut fact) == Truth::Yes) {
        return writeln!(out, "unsupported");
    }
    for (name, when) in &declaration.cfg {
        match when {
            Cfg::Option(when) if when.evaluate(&mut fact) == Truth::Yes => {
                lines.push(format!("rustc-cfg={name}"))
            }
            Cfg::Option(_) => {}
            Cfg::Values(values) => {
                for (value, when) in values {
                    if when.evaluate(&mut fact) == Truth::Yes {
                        lines.push(format!("rustc-cfg={name}=\"{value}\""));
                    }
                }
            }
        }
    }
    let mut stands = |when: &Option<inert_manifest_spec::Condition>| {
        when.as_ref().is_none_or(|when| when.evaluate(&mut fact) == Truth::Yes)
    };
    for Item { value, when, .. } in &declaration.link {
        if let Link::Lib { name, .. } = value
            && stands(when)
        {
            let text: String = name
                .parts
                .iter()
                .map(|part| match part {
                    TextPart::Literal(text) | TextPart::Variable(text) => text.as_str(),
                })
                .collect();
            lines.push(format!("rustc-link-lib={text}"));
        }
    }
    for (name, value) in &declaration.rustc_env {
        if value.alternatives.iter().any(|item| stands(&item.when)) {
            lines.push(format!("rustc-env={name}"));
        }
    }
    for (path, file) in &declaration.out_dir {
        if file.alternatives.iter().any(|item| stands(&item.when)) {
            lines.push(format!("file {}", path.0));
        }
    }
    if declaration.error.iter().any(|item| stands(&item.when)) {
        lines = vec!["error".to_owned()];
    }
    if probes {
        lines.push("probes".to_owned());
    }
    lines.sort();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}
