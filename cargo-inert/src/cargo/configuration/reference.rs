//! The lists as a page of the reference, from the tables that judge.

use super::{flags, keys, link_arguments, variables};
use keys::Rule;

const HEAD: &str = "# Cargo's configuration in the tree\n\nGenerated from the tables that judge it; `INERT_UPDATE=1 cargo test -p cargo-inert \
--test reference` renews it.\n\nWhat `.cargo/config.toml` in the tree that is built may say, and `[profile]` in the workspace's manifest: \
the forms below, and nothing else. A file that says more is accepted by its digest ([`[[configuration]]`](policy.md)), or \
stands in Cargo's own folder, where it is the user's word.\n";

/// The page.
#[must_use]
pub fn page() -> String {
    let mut text = HEAD.to_owned();
    text += "\n## Keys\n\nThe first row that fits a key counts; `*` is any part of it, `**` any parts. A key that fits none is refused.\n\n";
    text += "| key | what may stand there |\n|---|---|\n";
    for (key, rule) in keys::KEYS {
        text += &format!("| `{}` | {} |\n", key.join("."), of_rule(*rule));
    }
    text += &list("Keys of a profile", keys::PROFILE.iter().copied());
    text += &list("Switches of `[unstable]`", keys::UNSTABLE.iter().copied());
    text += "\nAn alias may say anything. Where a command of `cargo inert exec` uses one of the tree's, its options for Cargo's own commands must be \
             on a list (what chooses among the packages and features of the tree, or says how something is shown; paths in the tree), and what \
             its `--config` sets, or its words after `--` give the compiler, is held to this page; `--trust`, `--policy` and their like only the caller says.\n";
    text += "\n## Flags for rustc and rustdoc\n\nA list is taken apart as the compiler does it (clusters, `--codegen=`, values in the next word), \
             and the whole of it is judged where any item is the tree's. Lints, `--cfg` (of names that are not the target's), `--check-cfg`, \
             `--remap-path-prefix`, `--cap-lints`, `-g`, `-O`, `-l` with a library's plain name and `-L` with a folder of the system's \
             may stand, and:\n";
    for (heading, rows) in flags::rows() {
        text += &list(heading, rows.iter().map(String::as_str));
    }
    text += "\n## Arguments for the linker\n\n`-Clink-arg` and its like, and what an allowed build script prints as `rustc-link-arg`. An argument means \
             one thing to every linker of the targets that its key is for; the last column says for which keys alone it may stand. \
             Besides: what a declaration may give without review ([The declaration](schema.md)).\n";
    for (heading, rows) in link_arguments::rows() {
        text += &format!("\n{heading}:\n\n| argument | followed by | for |\n|---|---|---|\n");
        for (name, takes, reader) in rows {
            text += &format!("| `{name}` | {takes} | {reader} |\n");
        }
    }
    text += "\n## Variables\n\nOf `[env]`; a name has letters, digits, `_`, `-` and `.` alone. The first row that fits counts, and no row that begins with `*` reaches a name that a tool is known to read. \
             What a declaration may set (`rustc-env`, [The declaration](schema.md)) may stand, too, with a value without a path.\n\n\
             | name | value |\n|---|---|\n";
    for (name, forms) in variables::rows() {
        text += &format!("| `{name}` | {forms} |\n");
    }
    text
}

fn list<'a>(heading: &str, items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<String> = items.map(|item| format!("`{item}`")).collect();
    format!("\n{heading}: {}.\n", items.join(", "))
}

fn of_rule(rule: Rule) -> String {
    match rule {
        Rule::Any => "anything".to_owned(),
        Rule::Rustc => "flags for rustc, see below".to_owned(),
        Rule::Rustdoc => "flags for rustdoc, see below".to_owned(),
        Rule::Program(names) => format!("the bare name of {}, which PATH finds outside of the tree", names.join(", ")),
        Rule::Linker => "a linker: its bare name, which PATH finds outside of the tree, or its path in a folder of the system's; for \
                         targets that are built for"
            .to_owned(),
        Rule::Runner => "a program by its bare name, which PATH finds outside of the tree, or by its path in a folder of the system's".to_owned(),
        Rule::CredentialProvider => "one of Cargo's own providers, or an installed `cargo-credential-*`".to_owned(),
        Rule::Backend => flags::BACKENDS.join(", "),
        Rule::Folder => "a folder in the tree".to_owned(),
        Rule::Target => "names of targets, no specification's file".to_owned(),
        Rule::Override => "nothing, but for `cfg(…)`, where Cargo does not read it: it stands for a build script without a word of its package".to_owned(),
        Rule::Unstable => "a switch of the list below".to_owned(),
        Rule::Variable => "variables, see below".to_owned(),
        Rule::Include => "files, which are held to the same".to_owned(),
        Rule::Nothing(why) => format!("nothing: {why}"),
    }
}
