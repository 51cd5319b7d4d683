//! Makes one declaration of what the runs of a script said, with a condition wherever they differ.

use std::collections::{BTreeMap, BTreeSet};

use super::runs::Said;
use crate::toml_text::quoted;

/// The output of the script for one set of features and one target.
#[derive(Debug, Clone)]
pub struct Combination {
    /// The features that the script's source names, as far as they are enabled.
    pub features: BTreeSet<String>,
    /// The target; `None` if the script does not ask about targets.
    pub target: Option<String>,
    /// The output of the run for this combination.
    pub said: Said,
}

/// A file of a baked declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path in OUT_DIR.
    pub path: String,
    /// The content, as a text of the schema.
    pub text: String,
    /// The condition under which OUT_DIR gets it; `None` means always.
    pub when: Option<String>,
}

/// Returns the declaration as TOML text in root form, without files, and its files. `features` are all that a condition
/// may name; `whole` says that the combinations are all that there are of them.
///
/// # Errors
/// The script links a library in a way that is not declared here, or the declaration is not valid.
pub fn declaration(
    all: &[Combination],
    features: &BTreeSet<String>,
    whole: bool,
    unix_hosts: bool,
) -> Result<(String, Vec<File>), String> {
    let mut text = "schema = 1\n".to_owned();
    let mut unsupported = Vec::new();
    if unix_hosts {
        unsupported.push("host = \"*-windows-*\"".to_owned());
    }
    if !whole {
        let each: BTreeSet<String> = all.iter().map(|one| exactly(one, features)).collect();
        unsupported.push(format!("not({})", any(each.into_iter().collect())));
    }
    if !unsupported.is_empty() {
        text.push_str(&format!("unsupported = {}\n", quoted(&any(unsupported))));
    }
    let when = |holds: &dyn Fn(&Said) -> bool| condition(all, features, holds);
    if let Some(odd) = all.iter().flat_map(|one| &one.said.cfgs).find(|cfg| !is_plain(cfg)) {
        return Err(format!("`rustc-cfg={odd}` is none that a declaration writes the same"));
    }
    text.push_str(&cfgs(all, &when));
    for (table, key, of) in [
        ("rustc-env", "value", (|said: &Said| &said.env) as fn(&Said) -> &BTreeMap<String, String>),
        ("links-metadata", "text", |said| &said.metadata),
    ] {
        let names: BTreeSet<&String> = all.iter().flat_map(|one| of(&one.said).keys()).collect();
        if !names.is_empty() {
            text.push_str(&format!("[{table}]\n"));
        }
        for name in names {
            let values: BTreeSet<&String> = all.iter().filter_map(|one| of(&one.said).get(name)).collect();
            let items = values
                .into_iter()
                .map(|value| item(key, value, when(&|said| of(said).get(name) == Some(value))));
            text.push_str(&format!("{} = [{}]\n", quoted(name), items.collect::<Vec<_>>().join(", ")));
        }
    }
    let warnings: BTreeSet<&String> = all.iter().flat_map(|one| &one.said.warnings).collect();
    let warnings: Vec<String> = warnings
        .into_iter()
        .map(|warning| item("value", warning, when(&|said| said.warnings.contains(warning))))
        .collect();
    if !warnings.is_empty() {
        text =
            text.replacen("schema = 1\n", &format!("schema = 1\nwarning = [{}]\n", warnings.join(", ")), 1);
    }
    let lists: BTreeSet<&Vec<String>> = all.iter().map(|one| &one.said.libs).collect();
    for list in lists {
        let when = when(&|said| said.libs == *list);
        for lib in list {
            let (kind, name) = match lib.split_once('=') {
                None => (None, lib.as_str()),
                Some((kind @ ("dylib" | "framework"), name)) => (Some(kind), name),
                Some(_) => {
                    return Err(format!("`rustc-link-lib={lib}` links what is no library of the system"));
                }
            };
            text.push_str(&format!("[[link]]\nlib = {}\n", quoted(name)));
            kind.iter().for_each(|kind| text.push_str(&format!("kind = {}\n", quoted(kind))));
            when.iter().for_each(|when| text.push_str(&format!("when = {}\n", quoted(when))));
        }
    }
    let parsed = inert_manifest_spec::parse_declaration(&text);
    let bad = parsed.diagnostics.iter().find(|bad| bad.severity == inert_manifest_spec::Severity::Error);
    let declaration = match (parsed.declaration, bad) {
        (Some(declaration), None) => inert_manifest_spec::write::declaration(&declaration),
        (_, bad) => {
            let why = bad.map_or("it is not whole", |bad| &bad.message);
            return Err(format!("what it says is beyond what a declaration may say: {why}"));
        }
    };
    let paths: BTreeSet<&String> = all.iter().flat_map(|one| one.said.files.keys()).collect();
    let mut files = Vec::new();
    for path in paths {
        let texts: BTreeSet<&String> = all.iter().filter_map(|one| one.said.files.get(path)).collect();
        for text in texts {
            let when = when(&|said| said.files.get(path) == Some(text));
            files.push(File { path: path.clone(), text: text.clone(), when });
        }
    }
    Ok((declaration, files))
}

/// Returns whether a cfg is a name, or a name with a text that is not empty and has no escapes.
fn is_plain(cfg: &str) -> bool {
    let Some((_, value)) = cfg.split_once('=') else { return true };
    let inner = value.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(['"', '\\']))
}

/// Returns the condition under which something holds; `None` means always.
type When<'a> = dyn Fn(&dyn Fn(&Said) -> bool) -> Option<String> + 'a;

fn cfgs(all: &[Combination], when: &When<'_>) -> String {
    let set = |when: Option<String>| when.map_or("true".to_owned(), |when| quoted(&when));
    let mut names: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for cfg in all.iter().flat_map(|one| &one.said.cfgs).collect::<BTreeSet<_>>() {
        let (name, value) = match cfg.split_once('=') {
            Some((name, value)) => (name.trim(), value.trim().trim_matches('"')),
            None => (cfg.trim(), ""),
        };
        names
            .entry(name.to_owned())
            .or_default()
            .insert(value.to_owned(), set(when(&|said| said.cfgs.contains(cfg))));
    }
    for name in all.iter().flat_map(|one| &one.said.known_cfgs) {
        names.entry(name.clone()).or_insert_with(|| [(String::new(), "false".to_owned())].into());
    }
    let mut text = if names.is_empty() { String::new() } else { "[cfg]\n".to_owned() };
    for (name, values) in names {
        match values.get("").filter(|_| values.len() == 1) {
            Some(when) => text.push_str(&format!("{} = {when}\n", quoted(&name))),
            None => {
                let values: Vec<String> =
                    values.iter().map(|(value, when)| format!("{} = {when}", quoted(value))).collect();
                text.push_str(&format!("{} = {{ {} }}\n", quoted(&name), values.join(", ")));
            }
        }
    }
    text
}

fn item(key: &str, value: &str, when: Option<String>) -> String {
    let when = when.map(|when| format!(", when = {}", quoted(&when))).unwrap_or_default();
    format!("{{ {key} = {}{when} }}", quoted(value))
}

/// Returns the condition that is true for exactly this combination.
fn exactly(one: &Combination, features: &BTreeSet<String>) -> String {
    let mut parts: Vec<String> = features
        .iter()
        .map(|feature| literal(feature, one.features.contains(feature)))
        .chain(one.target.iter().map(|target| format!("target = {}", quoted(target))))
        .collect();
    if parts.is_empty() { "all()".to_owned() } else { all_of(&mut parts) }
}

fn literal(feature: &str, on: bool) -> String {
    let holds = format!("feature = {}", quoted(feature));
    if on { holds } else { format!("not({holds})") }
}

/// Returns the condition that tells the combinations in which something holds from the others; `None` if it holds in
/// all.
fn condition(
    all: &[Combination],
    features: &BTreeSet<String>,
    holds: &dyn Fn(&Said) -> bool,
) -> Option<String> {
    let targets: BTreeSet<&Option<String>> = all.iter().map(|one| &one.target).collect();
    let of = |target: Option<&Option<String>>| -> Branch {
        let rows: Vec<(&BTreeSet<String>, bool)> = all
            .iter()
            .filter(|one| target.is_none_or(|target| one.target == *target))
            .map(|one| (&one.features, holds(&one.said)))
            .collect();
        tree(&rows, features)
    };
    let each: Vec<(&Option<String>, Branch)> =
        targets.into_iter().map(|target| (target, of(Some(target)))).collect();
    let same = each.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let branch = match each.first() {
        Some((_, first)) if same => first.clone(),
        _ => {
            let parts = each.iter().filter_map(|(target, branch)| {
                let target = format!("target = {}", quoted(target.as_deref().unwrap_or_default()));
                match branch {
                    Branch::Never => None,
                    Branch::Always => Some(target),
                    Branch::When(when) => Some(all_of(&mut vec![target, when.clone()])),
                }
            });
            Branch::When(any(parts.collect()))
        }
    };
    match branch {
        Branch::Always => None,
        Branch::Never => Some("any()".to_owned()),
        Branch::When(when) => Some(when),
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Branch {
    Always,
    Never,
    When(String),
}

/// Returns the condition on features that is true for exactly the rows that hold. At each step the feature is asked
/// first that leaves the fewest rows undecided.
fn tree(rows: &[(&BTreeSet<String>, bool)], features: &BTreeSet<String>) -> Branch {
    if rows.iter().all(|(_, holds)| *holds) {
        return Branch::Always;
    }
    if rows.iter().all(|(_, holds)| !holds) {
        return Branch::Never;
    }
    let split = |feature: &String| -> [Vec<(&BTreeSet<String>, bool)>; 2] {
        let (on, off) = rows.iter().partition(|(set, _)| set.contains(feature));
        [on, off]
    };
    let open = |part: &[(&BTreeSet<String>, bool)]| {
        let constant = part.windows(2).all(|pair| pair[0].1 == pair[1].1);
        if constant { 0 } else { part.len() }
    };
    let best = features
        .iter()
        .filter(|feature| split(feature).iter().all(|part| !part.is_empty()))
        .min_by_key(|feature| split(feature).iter().map(|part| open(part)).sum::<usize>());
    // Two combinations with the same features say the same, so a feature tells them apart.
    let Some(feature) = best else { return Branch::Never };
    let [on, off] = split(feature).map(|part| tree(&part, features));
    let with = |on_side: bool, branch: Branch| match branch {
        Branch::Never => None,
        Branch::Always => Some(literal(feature, on_side)),
        Branch::When(when) => Some(all_of(&mut vec![literal(feature, on_side), when])),
    };
    match (on, off) {
        (Branch::Always, Branch::When(when)) => Branch::When(any(vec![literal(feature, true), when])),
        (Branch::When(when), Branch::Always) => Branch::When(any(vec![literal(feature, false), when])),
        (on, off) => Branch::When(any(with(true, on).into_iter().chain(with(false, off)).collect())),
    }
}

fn any(mut parts: Vec<String>) -> String {
    if parts.len() == 1 { parts.remove(0) } else { format!("any({})", parts.join(", ")) }
}

fn all_of(parts: &mut Vec<String>) -> String {
    if parts.len() == 1 { parts.remove(0) } else { format!("all({})", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(features: &[&str], target: Option<&str>, file: &str) -> Combination {
        let features = features.iter().map(|feature| (*feature).to_owned()).collect();
        let files = [("x.rs".to_owned(), file.to_owned())].into();
        Combination { features, target: target.map(str::to_owned), said: Said { files, ..Said::default() } }
    }

    fn conditions(all: &[Combination], whole: bool) -> (String, Vec<(String, String)>) {
        let features: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
        let (text, files) = declaration(all, &features, whole, false).unwrap();
        (text, files.into_iter().map(|file| (file.text, file.when.unwrap_or_default())).collect())
    }

    #[test]
    fn what_differs_gets_the_shortest_condition() {
        let all = [
            one(&[], None, "0"),
            one(&["a"], None, "1"),
            one(&["b"], None, "2"),
            one(&["a", "b"], None, "2"),
        ];
        let (text, files) = conditions(&all, true);
        assert_eq!(text, "schema = 1\n");
        let expected = [
            ("0", "all(not(feature = \"a\"), not(feature = \"b\"))"),
            ("1", "all(feature = \"a\", not(feature = \"b\"))"),
            ("2", "feature = \"b\""),
        ];
        assert_eq!(files, expected.map(|(text, when)| (text.to_owned(), when.to_owned())));
    }

    #[test]
    fn what_was_not_run_is_not_covered() {
        let (text, files) = conditions(&[one(&["a"], Some("t"), "1")], false);
        let unsupported = "not(all(feature = \"a\", not(feature = \"b\"), target = \"t\"))";
        assert!(text.contains(&format!("unsupported = '{unsupported}'")), "{text}");
        assert_eq!(files, [("1".to_owned(), String::new())]);
        let (_, files) = conditions(&[one(&["a"], Some("t"), "1"), one(&["a"], Some("u"), "2")], false);
        assert_eq!(files[1], ("2".to_owned(), "target = \"u\"".to_owned()));
    }

    #[test]
    fn a_cfg_is_said_as_it_was_or_not_at_all() {
        for (cfg, expected) in [
            ("a", true),
            ("a=\"b\"", true),
            ("a = \"b c\"", true),
            ("a=\"\"", false),
            ("a=b", false),
            ("a=\"\"b\"\"", false),
            ("a=\"\\\"\"", false),
        ] {
            let mut said = one(&[], None, "");
            said.said.cfgs = [cfg.to_owned()].into();
            assert_eq!(declaration(&[said], &BTreeSet::new(), true, false).is_ok(), expected, "{cfg}");
        }
    }

    #[test]
    fn archives_are_not_baked() {
        let mut said = one(&[], None, "");
        said.said.libs = vec!["static=x".to_owned()];
        assert!(declaration(&[said], &BTreeSet::new(), true, false).is_err());
    }
}
