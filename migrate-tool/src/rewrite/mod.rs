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
    let links = document.get("package").and_then(|package| package.get("links")).is_some();
    let promised = document.get("package").and_then(|package| package.get("rust-version")?.as_str());
    let promised = promised.map(str::to_owned);
    let had_cc = dependencies::has(&document, "cc");
    let broken = |needs: &Needs| {
        let promised = promised.clone()?;
        let needed = needs.breaks_promise(&promised, had_cc)?;
        Some((promised, needed))
    };
    // A script that stays goes on telling rustc of its cfgs.
    let (mut declaration, mut style) = (wanted.declaration.clone(), wanted.style);
    if style != Style::Keep {
        let (mut changed, mut said) = (document.clone(), Vec::new());
        let rest = lints::without_unset_cfgs(&mut changed, wanted.declaration, wanted.script, &mut said);
        let goes = !has_effects(&rest) && !links;
        let loses = loss(&rest, broken(&needs(&rest)).as_ref()).filter(|_| style == Style::Shim && !goes);
        if let Some(why) = loses {
            notes.push(format!("build.rs stays for plain cargo, and the declaration is for Inert: {why}"));
            style = Style::Keep;
        } else {
            (document, declaration) = (changed, rest);
            notes.extend(said);
        }
    }
    let declaration = &declaration;
    let needs = needs(declaration);
    let effects = has_effects(declaration);
    let removed = style != Style::Keep && !effects && !links;
    let mut requirement = None;
    let mut guarded = None;
    if style == Style::Keep && declaration.unsupported.is_some() {
        match guard(wanted.script, declaration, &needs, broken(&needs).as_ref()) {
            Ok(script) => {
                let named = dependencies::requirement(wanted.resolver, &needs)?;
                dependencies::add(&mut document, &named);
                requirement = Some(named);
                guarded = Some(script);
            }
            Err(why) => notes.push(format!("build.rs stays whole for plain cargo: {why}")),
        }
    }
    if style != Style::Keep {
        let shim = style == Style::Shim && !removed;
        if shim {
            requirement = Some(dependencies::requirement(wanted.resolver, &needs)?);
        }
        dependencies::replace(&mut document, declaration, requirement.as_ref(), &mut notes);
    }
    if removed && let Some(package) = document.get_mut("package").and_then(toml_edit::Item::as_table_like_mut)
    {
        package.remove("build");
    }
    let mut text = document.to_string();
    if let Some((name, requirement)) = requirement.filter(|_| !dependencies::has_table(&document)) {
        text = manifest::with_build_dependency(&text, name, &requirement);
    }
    if !removed {
        text = manifest::with_declaration(&text, declaration)?;
        check(&text, declaration)?;
    }
    let script = match style {
        _ if removed => None,
        Style::Keep => Some(guarded.unwrap_or_else(|| wanted.script.to_owned())),
        Style::Shim => Some(script::shim(wanted.script, needs.shim)),
        Style::InertOnly if effects => Some(script::refusal(wanted.script)),
        Style::InertOnly => Some(script::empty(wanted.script)),
    };
    let script = script.map(|script| with_line_ends_of(wanted.script, script));
    Ok(Rewritten { manifest: with_line_ends_of(wanted.manifest, text), script, notes })
}

/// A `rust-version` that does not hold any more, and the `N` of 1.N that a package needs.
type Broken = (String, (u32, &'static str));

/// Returns what users of plain cargo would lose by a shim in the script's place, as a sentence; `None` if nothing.
fn loss(declaration: &Declaration, broken: Option<&Broken>) -> Option<String> {
    if let Some(name) = dependencies::named_by(declaration).first() {
        return Some(format!(
            "it uses files of the build-dependency `{name}`, which only a script of the package's own finds"
        ));
    }
    if declaration.system_deps.is_some() {
        return Some(
            "Inert carries `[package.metadata.system-deps]` out by itself, and `system-deps` does so at less cost than the shim's \
             package"
                .to_owned(),
        );
    }
    broken.map(|(promised, (needed, package))| {
        format!(
            "`{package}` needs rustc 1.{needed}, and `rust-version` is \"{promised}\"; raise that first to have the shim"
        )
    })
}

/// Returns the script that stays for the part that a declaration leaves out, with the call for the rest.
///
/// # Errors
/// Why plain cargo can only go on by the whole script, as the end of a sentence.
fn guard(
    script: &str,
    declaration: &Declaration,
    needs: &Needs,
    broken: Option<&Broken>,
) -> Result<String, String> {
    let never = inert_manifest_spec::Condition::Constant(false);
    let rest = Declaration {
        unsupported: None,
        cfg: declaration
            .cfg
            .clone()
            .into_iter()
            .filter(|(_, cfg)| !matches!(cfg, inert_manifest_spec::types::Cfg::Option(condition) if *condition == never))
            .collect(),
        ..declaration.clone()
    };
    if !has_effects(&rest) {
        return Err("elsewhere it does nothing that a call could take over".to_owned());
    }
    if let Some(name) = dependencies::named_by(declaration).first() {
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
