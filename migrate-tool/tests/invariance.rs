//! What must not change a declaration: other names for the same things, and the order in which a folder's entries and a map's
//! keys come.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inert_migrate_tool::{PackageSource, derive};
use proc_macro2::{Group, Ident, TokenStream, TokenTree};

/// The packages of `tests/cases`.
fn packages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    found.sort();
    // A part of them; `INERT_CHECKS=all` takes all.
    if !switched("INERT_CHECKS", "all") {
        found = found.into_iter().step_by(8).collect();
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "the tests' own switch")]
fn switched(name: &str, value: &str) -> bool {
    std::env::var(name).is_ok_and(|given| given == value)
}

fn source(folder: &Path) -> PackageSource {
    PackageSource::from_manifest(&folder.join("Cargo.toml")).expect("a manifest")
}

/// Runs over the packages on as many threads as there are processors, and says what differs.
fn compare(differs: impl Fn(&Path) -> Option<String> + Sync) {
    let packages = packages();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let differs = &differs;
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = packages
            .chunks(packages.len().div_ceil(threads).max(1))
            .map(|part| scope.spawn(move || part.iter().filter_map(|one| differs(one)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("a derivation never panics")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is derived, without where it stands.
fn said(source: &PackageSource) -> String {
    let derivation = derive(source);
    let reasons: BTreeSet<String> = derivation.residue.iter().map(|residue| residue.reason.clone()).collect();
    format!("{}\n{reasons:#?}", derivation.toml())
}

#[test]
fn other_names_change_nothing() {
    compare(|folder| {
        let plain = source(folder);
        let script = plain.script.clone()?;
        let text = std::fs::read_to_string(folder.join(&script)).ok()?;
        let renamed = renamed(&text)?;
        let mut other = source(folder);
        other.in_memory.insert(script.to_str()?.to_owned(), renamed.clone().into_bytes());
        let (before, after) = (derive(&plain).toml(), derive(&other).toml());
        (before != after).then(|| {
            format!("{}\n--- before\n{before}--- renamed\n{after}--- script\n{renamed}", folder.display())
        })
    });
}

#[test]
fn order_of_folders_and_seeds_changes_nothing() {
    compare(|folder| {
        let lines = |text: String| text.lines().map(str::to_owned).collect::<BTreeSet<String>>();
        let first = said(&source(folder));
        // Each map of a process has another seed.
        let again = said(&source(folder));
        let mut backwards = source(folder);
        backwards.backwards = true;
        let backwards = said(&backwards);
        (first != again || lines(first.clone()) != lines(backwards.clone())).then(|| {
            format!("{}\n--- first\n{first}--- again\n{again}--- backwards\n{backwards}", folder.display())
        })
    });
}

/// Modules of `std` that `core` has too, as far as scripts name them.
const CORE: [&str; 12] =
    ["str", "option", "result", "char", "iter", "mem", "cmp", "fmt", "ops", "num", "cell", "convert"];
/// Modules that get another name.
const ALIASED: [&str; 5] = ["env", "fs", "path", "process", "collections"];

/// The script with its locals renamed, `core::` for `std::`, and modules of std by names of their own; `None` where it is no
/// plain Rust.
fn renamed(text: &str) -> Option<String> {
    let tokens: TokenStream = text.parse().ok()?;
    let (mut locals, mut others) = (BTreeSet::new(), BTreeSet::new());
    names(&tokens.clone().into_iter().collect::<Vec<_>>(), &mut locals, &mut others);
    let locals: BTreeMap<String, String> =
        locals.difference(&others).map(|name| (name.clone(), format!("{name}_by_another_name"))).collect();
    // Inner attributes stay in front.
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut front = 0;
    while matches!(trees.get(front), Some(TokenTree::Punct(hash)) if hash.as_char() == '#')
        && matches!(trees.get(front + 1), Some(TokenTree::Punct(bang)) if bang.as_char() == '!')
    {
        front += 3;
    }
    let (attributes, items) = trees.split_at(front);
    let attributes: TokenStream = attributes.iter().cloned().collect();
    let items: TokenStream = rewritten(items, &locals).into_iter().collect();
    let uses: String = ALIASED
        .iter()
        .map(|name| format!("#[allow(unused_imports)] use ::std::{name} as {name}_of_std;\n"))
        .collect();
    Some(format!("{attributes}\n{uses}\n{items}"))
}

/// Collects the names that `let` and `for` bind, and the names of fields, functions, modules, macros and format arguments.
fn names(trees: &[TokenTree], locals: &mut BTreeSet<String>, others: &mut BTreeSet<String>) {
    let punct = |at: usize, wanted: char| matches!(trees.get(at), Some(TokenTree::Punct(one)) if one.as_char() == wanted);
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => {
                names(&group.stream().into_iter().collect::<Vec<_>>(), locals, others);
            }
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let word = |at: Option<usize>, wanted: &str| matches!(at.and_then(|at| trees.get(at)), Some(TokenTree::Ident(one)) if one == wanted);
                let before = at.checked_sub(1);
                let small = name.starts_with(|first: char| first.is_ascii_lowercase());
                let bound = word(before, "let")
                    || word(before, "mut") && word(at.checked_sub(2), "let")
                    || word(before, "for") && word(Some(at + 1), "in");
                if bound && small && name != "mut" {
                    locals.insert(name.clone());
                }
                let field = before.is_some_and(|before| punct(before, '.'))
                    && !at.checked_sub(2).is_some_and(|before| punct(before, '.'));
                let called = matches!(trees.get(at + 1), Some(TokenTree::Group(group))
                    if group.delimiter() == proc_macro2::Delimiter::Parenthesis);
                let labelled = punct(at + 1, ':') || before.is_some_and(|before| punct(before, ':'));
                let macro_name = punct(at + 1, '!') && !punct(at + 2, '=');
                let item =
                    ["fn", "mod", "struct", "enum", "const", "static", "type", "use", "as", "macro_rules"]
                        .iter()
                        .any(|word_before| word(before, word_before));
                let annotated = bound && punct(at + 1, ':') && !punct(at + 2, ':');
                if field || called || labelled && !annotated || macro_name || item {
                    others.insert(name);
                }
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                for part in text.split('{').skip(1) {
                    others.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
    // A script with macros of its own keeps all of its names.
    let own = trees.windows(2).any(|pair| {
        matches!(&pair[0], TokenTree::Ident(name) if name == "macro_rules")
            && matches!(&pair[1], TokenTree::Punct(bang) if bang.as_char() == '!')
    });
    if own {
        others.extend(locals.iter().cloned());
    }
}

fn rewritten(trees: &[TokenTree], locals: &BTreeMap<String, String>) -> Vec<TokenTree> {
    let mut out = Vec::new();
    let mut at = 0;
    let path = |at: usize| {
        let colon = |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(one)) if one.as_char() == ':');
        colon(at) && colon(at + 1)
    };
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Group(group) => {
                let inner: TokenStream =
                    rewritten(&group.stream().into_iter().collect::<Vec<_>>(), locals).into_iter().collect();
                out.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            TokenTree::Ident(name) if name == "std" && path(at + 1) && !(at >= 2 && path(at - 2)) => {
                let span = name.span();
                match trees.get(at + 3) {
                    Some(TokenTree::Ident(module)) if CORE.iter().any(|core| module == core) => {
                        out.push(TokenTree::Ident(Ident::new("core", span)));
                    }
                    // `std::env::var` by the module's other name; a `use` says where a thing truly is.
                    Some(TokenTree::Ident(module))
                        if ALIASED.iter().any(|aliased| module == aliased)
                            && path(at + 4)
                            && !in_use(trees, at) =>
                    {
                        let alias = Ident::new(&format!("{module}_of_std"), span);
                        out.push(TokenTree::Ident(Ident::new("crate", span)));
                        out.extend([trees[at + 1].clone(), trees[at + 2].clone(), TokenTree::Ident(alias)]);
                        at += 4;
                        continue;
                    }
                    _ => out.push(trees[at].clone()),
                }
            }
            TokenTree::Ident(name) => match locals.get(&name.to_string()) {
                Some(other) => out.push(TokenTree::Ident(Ident::new(other, name.span()))),
                None => out.push(trees[at].clone()),
            },
            other => out.push(other.clone()),
        }
        at += 1;
    }
    out
}

/// Tells whether a token is a part of a `use` item.
fn in_use(trees: &[TokenTree], at: usize) -> bool {
    let start = trees[..at]
        .iter()
        .rposition(|tree| matches!(tree, TokenTree::Punct(end) if end.as_char() == ';'))
        .map_or(0, |end| end + 1);
    trees[start..at].iter().any(|tree| matches!(tree, TokenTree::Ident(word) if word == "use"))
}
