//! Rewrites a package for its author: the declaration goes into its Cargo.toml, the script becomes a shim. Texts in,
//! texts out; writing them is the caller's affair.
//!
//! Phases: [`readable()`] (what was derived, as a person would write it; the caller asks for it) → `dependencies` (what
//! the script alone needed goes) → `manifest` (the declaration comes) → `script` → the result is parsed again and must
//! say the same.

mod dependencies;
mod lints;
mod manifest;
mod readable;
mod script;

use inert_manifest_spec::Declaration;

pub use readable::readable;
pub use script::{Needs, Shim, is_inert_only, needs};

/// The way in which a declaration replaces the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// It calls `inert-build`, so that plain cargo does what the declaration says too.
    Shim,
    /// It says that plain cargo does not build the package; it does nothing where the declaration does nothing either.
    InertOnly,
    /// It stays, with its build-dependencies. Where the declaration covers every build only that is added; where it
    /// does not, the script's `main` begins with a call of `inert-build`, so that plain cargo goes by the declaration
    /// too, and by the script for the part that is left.
    Keep,
}

/// A request to rewrite a package.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The text of Cargo.toml.
    pub manifest: &'a str,
    /// The text of the script.
    pub script: &'a str,
    /// The declaration with the effects of the script.
    pub declaration: &'a Declaration,
    /// The way in which the declaration replaces the script.
    pub style: Style,
    /// The requirement on `inert-build`, as TOML: `"0.1"`, `{ path = "…" }`. The features that the declaration needs
    /// are added to it.
    pub resolver: &'a str,
}

/// The result of a rewrite: the new files of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The new text of Cargo.toml.
    pub manifest: String,
    /// The new text of the script; `None` removes it.
    pub script: Option<String>,
    /// Points that a person should look at, one sentence each: features that lost a build-dependency, and the like.
    pub notes: Vec<String>,
}

/// Why a package cannot be rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewriteError(pub String);

impl std::fmt::Display for RewriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RewriteError {}

/// Rewrites a package.
///
/// # Errors
/// The manifest is not TOML, has a declaration already, or would not say the same afterwards.
pub fn rewrite(wanted: &Wanted<'_>) -> Result<Rewritten, RewriteError> {
    let mut document: toml_edit::DocumentMut = wanted
        .manifest
        .parse()
        .map_err(|error: toml_edit::TomlError| RewriteError(error.message().to_owned()))?;
    if inert_manifest_spec::parse_manifest(wanted.manifest).declaration.is_some() {
        return Err(RewriteError("it already has `[package.metadata.inert]`".to_owned()));
    }
    let mut notes = Vec::new();
    // A script that stays goes on telling rustc of its cfgs.
    let declaration = &match wanted.style {
        Style::Keep => wanted.declaration.clone(),
        Style::Shim | Style::InertOnly => {
            lints::without_unset_cfgs(&mut document, wanted.declaration, wanted.script, &mut notes)
        }
    };
    let needs = needs(declaration);
    let links = document.get("package").and_then(|package| package.get("links")).is_some();
    let effects = has_effects(declaration);
    let removed = wanted.style != Style::Keep && !effects && !links;
    let foreign = dependencies::named_by(declaration);
    let promised = document.get("package").and_then(|package| package.get("rust-version")?.as_str());
    let broken = promised.and_then(|promised| Some((promised.to_owned(), needs.breaks_promise(promised)?)));
    let mut requirement = None;
    let mut guarded = None;
    if wanted.style == Style::Keep && declaration.unsupported.is_some() {
        match guard(wanted.script, &needs, &foreign, broken.as_ref()) {
            Ok(script) => {
                let named = dependencies::requirement(wanted.resolver, &needs)?;
                dependencies::add(&mut document, &named);
                requirement = Some(named);
                guarded = Some(script);
            }
            Err(why) => notes.push(format!("build.rs stays whole for plain cargo: {why}")),
        }
    }
    if wanted.style != Style::Keep {
        let shim = wanted.style == Style::Shim && !removed;
        if shim {
            requirement = Some(dependencies::requirement(wanted.resolver, &needs)?);
        }
        dependencies::replace(&mut document, declaration, requirement.as_ref(), &mut notes);
    }
    if removed && let Some(package) = document.get_mut("package").and_then(toml_edit::Item::as_table_like_mut)
    {
        package.remove("build");
    }
    if let (Some(name), Style::Shim, false) = (foreign.first(), wanted.style, removed) {
        return Err(RewriteError(format!(
            "the script uses files of the build-dependency `{name}`, and under plain cargo only a script of the package's own \
             finds them: `--keep-script` leaves it, and adds the declaration for Inert"
        )));
    }
    if let (Some((promised, (needed, package))), Style::Shim, false) = (&broken, wanted.style, removed) {
        notes.push(format!(
            "`rust-version = \"{promised}\"` no longer holds for plain cargo: `{package}` needs rustc 1.{needed}; raise it, or \
             migrate with `--keep-script`, which leaves plain cargo as it is"
        ));
    }
    let mut text = document.to_string();
    if let Some((name, requirement)) = requirement.filter(|_| !dependencies::has_table(&document)) {
        text = manifest::with_build_dependency(&text, name, &requirement);
    }
    if !removed {
        text = manifest::with_declaration(&text, declaration)?;
        check(&text, declaration)?;
    }
    let script = match wanted.style {
        _ if removed => None,
        Style::Keep => Some(guarded.unwrap_or_else(|| wanted.script.to_owned())),
        Style::Shim => Some(script::shim(wanted.script, needs.shim)),
        Style::InertOnly if effects => Some(script::refusal(wanted.script)),
        Style::InertOnly => Some(script::empty(wanted.script)),
    };
    let script = script.map(|script| with_line_ends_of(wanted.script, script));
    Ok(Rewritten { manifest: with_line_ends_of(wanted.manifest, text), script, notes })
}

/// Returns the script that stays for the part that a declaration leaves out, with the call for the rest.
///
/// # Errors
/// Why plain cargo can only go on by the whole script, as the end of a sentence.
fn guard(
    script: &str,
    needs: &Needs,
    foreign: &std::collections::BTreeSet<String>,
    broken: Option<&(String, (u32, &str))>,
) -> Result<String, String> {
    if let Some(name) = foreign.first() {
        return Err(format!("the declaration names files of the build-dependency `{name}`"));
    }
    if let Some((promised, (needed, package))) = broken {
        return Err(format!(
            "`{package}`, which would carry the declaration out, needs rustc 1.{needed}, and `rust-version` is \"{promised}\""
        ));
    }
    script::guarded(script, needs.shim).ok_or_else(|| match needs.shim.guarding_call() {
        Some(_) => "it has no `fn main` of its own to call `inert-build` from".to_owned(),
        None => format!("`{}` carries out all of a declaration or nothing", needs.shim.package()),
    })
}

/// Returns the new text with `\r\n` at its line ends if all line ends of the old one are `\r\n`.
fn with_line_ends_of(old: &str, new: String) -> String {
    let windows = old.contains("\r\n") && old.matches('\n').count() == old.matches("\r\n").count();
    if windows { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new }
}

/// Returns whether a declaration has any effect; probes alone have none.
#[must_use]
pub fn has_effects(declaration: &Declaration) -> bool {
    let idle = Declaration {
        schema: declaration.schema,
        probe: declaration.probe.clone(),
        ..Declaration::default()
    };
    *declaration != idle
}

/// What was written is read back, and must be what was meant.
fn check(text: &str, declaration: &Declaration) -> Result<(), RewriteError> {
    let parsed = inert_manifest_spec::parse_manifest(text);
    let say = inert_manifest_spec::write::declaration;
    match parsed.declaration {
        Some(found) if say(&found) == say(declaration) => Ok(()),
        _ => {
            let first =
                parsed.diagnostics.first().map(|one| format!(": {}", one.message)).unwrap_or_default();
            Err(RewriteError(format!(
                "the rewritten Cargo.toml would not say what the script does{first}; please report this"
            )))
        }
    }
}
