//! The rules of `lint` beyond the schema, one row each.

use inert_manifest_spec::{
    Condition, Declaration, Diagnostic, Link, OutFile, PathRef, ProbeKind, ProbeSource, Severity, Span,
    needs_review_of, suggest,
};
use inert_migrate_tool::rewrite::{Needs, Shim, is_inert_only, needs};

use super::conditions;
use super::subject::Subject;

/// Reports a diagnostic.
type Say<'a> = dyn FnMut(Diagnostic) + 'a;

/// A rule of `lint`.
pub(super) struct Rule {
    /// The stable code of its diagnostics.
    pub(super) code: &'static str,
    /// Checks a package.
    pub(super) check: fn(&Subject, &mut Say<'_>),
}

/// The code for capabilities that a consumer's build refuses until they are reviewed.
pub(super) const REVIEW: &str = "inert::lint::review";

/// All rules, in the order in which they are checked.
pub(super) const RULES: &[Rule] = &[
    Rule { code: "inert::lint::misspelt-table", check: misspelt_table },
    Rule { code: "inert::lint::shim-without-declaration", check: shim_without_declaration },
    Rule { code: "inert::lint::script-beside", check: script_beside },
    Rule { code: "inert::lint::shim-dependency", check: shim_dependency },
    Rule { code: "inert::lint::rust-version", check: rust_version },
    Rule { code: REVIEW, check: review },
    Rule { code: "inert::lint::no-such-file", check: no_such_file },
    Rule { code: "inert::lint::not-published", check: not_published },
    Rule { code: "inert::lint::never-holds", check: never_holds },
    Rule { code: "inert::lint::unused", check: unused },
    Rule { code: "inert::lint::said-twice", check: said_twice },
    Rule { code: "inert::lint::version-of-a-source-build", check: version_of_a_source_build },
];

fn warning(message: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..error(message, span) }
}

fn error(message: impl Into<String>, span: Span) -> Diagnostic {
    // The caller replaces this code by the rule's own.
    Diagnostic::error("inert::lint", message, span)
}

/// Finds a table beside the declaration, or in its place, that no program reads.
fn misspelt_table(subject: &Subject, say: &mut Say<'_>) {
    for name in subject.keys(&["package", "metadata"]) {
        let close = suggest::nearest(&name, ["inert"]).is_some() || name.eq_ignore_ascii_case("inert");
        if name != "inert" && close {
            let span = subject.span(&["package", "metadata", &name], true).unwrap_or(0..0);
            say(error(format!("`[package.metadata.{name}]` is read by nobody"), span)
                .label("misspelt?")
                .help("write `[package.metadata.inert]`"));
        }
    }
    for path in [&["metadata", "inert"][..], &["workspace", "metadata", "inert"], &["package", "inert"]] {
        if let Some(span) = subject.span(path, true) {
            let message = format!("`[{}]` is read by nobody", path.join("."));
            say(error(message, span)
                .label("not where a package's declaration stands")
                .help("write `[package.metadata.inert]`"));
        }
    }
}

fn shim_without_declaration(subject: &Subject, say: &mut Say<'_>) {
    if let (Some(shim), false) = (subject.called(), subject.declared) {
        say(error("build.rs leaves all to `[package.metadata.inert]`, and there is none", 0..0)
            .help(format!("write the table, or take build.rs and `{}` away", shim.package())));
    }
}

/// Finds a script of the package's own beside a declaration: plain Cargo runs it, while Inert uses the declaration.
fn script_beside(subject: &Subject, say: &mut Say<'_>) {
    let (Some(declaration), Some(script)) = (subject.declaration(), &subject.script) else { return };
    if subject.shim().is_some() || is_inert_only(script) {
        return;
    }
    if let Some(shim) = Shim::guarding(script) {
        if declaration.unsupported.is_none() {
            say(warning(
                "what follows the shim's call in build.rs never runs: no `unsupported` leaves it a part",
                subject.place(),
            )
            .label("covers every build")
            .help(format!("leave `fn main() {{ {}; }}`, or declare `unsupported`", shim.call())));
        }
        return;
    }
    if let Some(shim) = Shim::ALL.into_iter().find(|shim| script.contains(shim.call().trim_end_matches("()")))
    {
        say(warning(
            "plain cargo does more than is declared: build.rs is not the shim's call alone",
            subject.place(),
        )
        .label("all that Inert does")
        .help(format!("declare the rest, and leave `fn main() {{ {}; }}`", shim.call())));
        return;
    }
    let derived = inert_migrate_tool::derive(&subject.source);
    let text = inert_manifest_spec::write::declaration;
    // As `migrate` writes it, from the catalog's entry for this script too.
    let said = text(declaration);
    if crate::commands::migrate::written(&subject.source).is_some_and(|written| text(&written) == said) {
        return;
    }
    let same = |derived: &inert_manifest_spec::Declaration| text(derived) == said;
    if derived.residue.is_empty() && derived.declaration.as_ref().is_some_and(same) {
        return;
    }
    say(warning("plain cargo runs build.rs, Inert goes by the declaration, and the two may differ", subject.place())
        .label("stands beside a script of its own")
        .help("`cargo inert verify --package-folder .` holds them against each other; without the table `cargo inert migrate` derives one"));
}

/// Checks that the shim's package is among the build-dependencies, with the features that the declaration needs.
fn shim_dependency(subject: &Subject, say: &mut Say<'_>) {
    let (Some(declaration), Some(shim)) = (subject.declaration(), subject.called()) else { return };
    let needed = needs(declaration);
    let place = subject.span(&["build-dependencies"], true).unwrap_or_else(|| subject.place());
    let features = needed.features.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let write = match features.is_empty() {
        true => format!("{} = \"{}\"", needed.shim.package(), env!("CARGO_PKG_VERSION")),
        false => format!(
            "{} = {{ version = \"{}\", features = [{features}] }}",
            needed.shim.package(),
            env!("CARGO_PKG_VERSION")
        ),
    };
    let Some(span) = subject.span(&["build-dependencies", shim.package()], false) else {
        say(error(format!("build.rs calls `{}`, which is no build-dependency", shim.package()), place)
            .help(format!("write `{write}` under `[build-dependencies]`")));
        return;
    };
    if shim != needed.shim {
        let (message, severe) = match needed.shim {
            Shim::Resolver => ("`system-deps` is carried out by `inert-resolver` alone", true),
            Shim::Build => {
                ("`inert-build` does all that is declared here, and compiles in a tenth of the time", false)
            }
        };
        let found = if severe { error(message, span) } else { warning(message, span) };
        say(found.help(format!("write `{write}`, and `{}` in build.rs", needed.shim.call())));
        return;
    }
    let requirement = subject.text.get(span.clone()).unwrap_or_default();
    for feature in needed.features {
        if !requirement.contains(&format!("\"{feature}\"")) {
            say(error(
                format!("the declaration needs the feature `{feature}` of `{}`", shim.package()),
                span.clone(),
            )
            .label("without it")
            .help(format!("write `{write}`")));
        }
    }
}

/// Checks the package's `rust-version` against what its build-dependency needs.
fn rust_version(subject: &Subject, say: &mut Say<'_>) {
    let (Some(declaration), Some(shim)) = (subject.declaration(), subject.called()) else { return };
    let promised = subject.source.metadata.get("CARGO_PKG_RUST_VERSION").cloned().unwrap_or_default();
    let needed = Needs { shim, ..needs(declaration) };
    let has_cc = subject.span(&["build-dependencies", "cc"], false).is_some();
    if let Some((minor, package)) = needed.breaks_promise(&promised, has_cc).filter(|_| !promised.is_empty())
    {
        let span = subject.span(&["package", "rust-version"], false).unwrap_or(0..0);
        let message =
            format!("`rust-version = \"{promised}\"` is older than rustc 1.{minor}, which `{package}` needs");
        say(warning(message, span).label("promised here").help(format!(
            "raise it to 1.{minor}, or keep a script of your own (`cargo inert migrate --keep-script`), which Inert does not compile"
        )));
    }
}

/// Finds capabilities that a consumer's policy requires a review of.
fn review(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    for found in needs_review_of(declaration, &subject.source.name) {
        let message = format!(
            "a consumer's build refuses this until somebody there reviews it: `{}` ({})",
            found.what, found.capability
        );
        let help = match found.capability.name() {
            "env" => "variables that begin with the package's name pass by themselves",
            "link-arg" => "arguments of the common list pass by themselves (docs/reference/schema.md)",
            _ => "what is built from source, or found on the system, passes by itself",
        };
        say(warning(message, found.span).label("needs the consumer's word").help(help));
    }
}

/// A file of the package that a declaration names, or a pattern for several files.
struct Named {
    pattern: String,
    span: Span,
    /// False for `exclude`, which may match no file of this version.
    severe: bool,
}

fn named(declaration: &Declaration) -> Vec<Named> {
    let mut found = Vec::new();
    let mut add = |path: &PathRef, span: &Span, severe: bool| {
        if let PathRef::Package(path) = path
            && path.0 != "."
        {
            found.push(Named { pattern: path.0.clone(), span: span.clone(), severe });
        }
    };
    for archive in declaration.cc_library.values() {
        archive.sources.iter().for_each(|item| add(&item.value, &item.span, true));
        archive.exclude.iter().for_each(|item| add(&item.value, &item.span, false));
        archive.include_dirs.iter().for_each(|item| add(&item.value, &item.span, true));
        for header in archive.install_headers.values() {
            header.alternatives.iter().for_each(|item| add(&item.value, &item.span, true));
        }
    }
    for file in declaration.out_dir.values() {
        for item in &file.alternatives {
            let mut pieces = vec![&item.value];
            while let Some(piece) = pieces.pop() {
                match piece {
                    OutFile::Copy(path) => add(path, &item.span, true),
                    OutFile::Template(template) => add(&template.file, &item.span, true),
                    OutFile::Concat(more) => pieces.extend(more.iter().map(|item| &item.value)),
                    OutFile::Text(_) | OutFile::Bytes(_) | OutFile::Directory => {}
                }
            }
        }
    }
    for item in &declaration.link {
        if let Link::Search { path, .. } = &item.value {
            add(path, &item.span, true);
        }
    }
    for probe in declaration.probe.values() {
        let path = match &probe.kind {
            ProbeKind::Compiles(compile) => match &compile.source {
                ProbeSource::File(path) => Some(path),
                ProbeSource::Text(_) => None,
            },
            ProbeKind::Links { source, .. } => source.as_ref(),
            _ => None,
        };
        if let Some(path) = path {
            add(&PathRef::Package(path.clone()), &probe.span, true);
        }
    }
    found
}

/// Returns whether a file, or a folder that contains it, matches a pattern.
fn matches(pattern: &str, file: &str) -> bool {
    let parts: Vec<&str> = pattern.split('/').filter(|part| *part != ".").collect();
    let file: Vec<&str> = file.split('/').collect();
    below(&parts, &file)
}

fn below(pattern: &[&str], file: &[&str]) -> bool {
    match (pattern.split_first(), file.split_first()) {
        // A pattern for a folder matches all files in it.
        (None, _) => true,
        (Some((&"**", rest)), _) => {
            below(rest, file) && !file.is_empty()
                || file.split_first().is_some_and(|(_, more)| below(pattern, more))
        }
        (Some((part, rest)), Some((name, more))) => of_name(part, name) && below(rest, more),
        (Some(_), None) => false,
    }
}

fn of_name(pattern: &str, name: &str) -> bool {
    let (mut rest, mut left) = (pattern.chars(), name.chars());
    match (rest.next(), left.next()) {
        (None, None) => true,
        (Some('*'), None) => of_name(rest.as_str(), name),
        (Some('*'), Some(_)) => of_name(rest.as_str(), name) || of_name(pattern, left.as_str()),
        (Some('?'), Some(_)) => of_name(rest.as_str(), left.as_str()),
        (Some(one), Some(other)) => one == other && of_name(rest.as_str(), left.as_str()),
        _ => false,
    }
}

fn no_such_file(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    let all = named(declaration);
    if all.is_empty() {
        return;
    }
    let files = subject.files();
    for named in all {
        if files.iter().any(|file| matches(&named.pattern, file)) {
            continue;
        }
        let near = suggest::nearest(&named.pattern, files.iter().map(String::as_str));
        let what = match named.pattern.contains(['*', '?']) {
            true => format!("the pattern `{}` matches no file of the package", named.pattern),
            false => format!("the package has no `{}`", named.pattern),
        };
        let found = if named.severe { error(what, named.span) } else { warning(what, named.span) };
        say(found
            .label("nothing there")
            .help(near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default()));
    }
}

/// Finds files that exist and that `cargo package` leaves out.
fn not_published(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    let all = named(declaration);
    if all.is_empty() {
        return;
    }
    let Some(published) = subject.published() else { return };
    let files = subject.files();
    for named in all {
        let of_it = |file: &&String| matches(&named.pattern, file);
        let left_out = files.iter().filter(of_it).find(|file| !published.contains(file));
        // Other files of an include folder, such as notes and build files, may be left out.
        let any = files.iter().filter(of_it).any(|file| published.contains(file));
        if let Some(file) = left_out.filter(|_| !any || named.pattern.contains(['*', '?'])) {
            say(error(
                format!("`cargo package` leaves `{file}` out, which `{}` names", named.pattern),
                named.span,
            )
            .label("not in the published package")
            .help("add it to `include`, or take it out of `exclude` and .gitignore"));
        }
    }
}

fn never_holds(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    for placed in conditions::all(declaration) {
        // `false` is deliberate: a cfg that is known and never set.
        if matches!(placed.condition, Condition::Constant(_)) {
            continue;
        }
        if conditions::can_hold(placed.condition) == Some(false) {
            let path: Vec<&str> =
                ["package", "metadata", "inert"].into_iter().chain(placed.what.split('.')).collect();
            let span =
                if placed.span == (0..0) { subject.span(&path, false).unwrap_or(0..0) } else { placed.span };
            say(warning(
                format!("this condition of `{}` never holds: {}", placed.what, placed.condition),
                span,
            )
            .label("on no target, with no features")
            .help("write `any(…)` where either is meant"));
        }
    }
}

/// Finds probes and libraries that nothing refers to.
fn unused(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    let text = inert_manifest_spec::write::declaration(declaration);
    let asked = |facts: &[&str], variable: &str, name: &str| {
        let fact = facts.iter().any(|fact| {
            text.match_indices(&format!("{fact} = \"{name}"))
                .any(|(at, found)| text[at + found.len()..].starts_with(['"', ' ', '<', '>', '=']))
        });
        fact || text.contains(&format!("${{{variable}.{name}."))
            || text.contains(&format!("${{{variable}.{name}}}"))
    };
    for (name, probe) in &declaration.probe {
        if !asked(&["probe"], "probe", name) {
            say(warning(format!("nothing asks for the probe `{name}`"), probe.span.clone())
                .label("never asked"));
        }
    }
    for (name, library) in &declaration.library {
        let linked =
            library.link || declaration.link.iter().any(|item| item.value == Link::Library(name.clone()));
        let probed = text.contains(&format!("library = \"{name}\""));
        if !linked && !probed && !asked(&["found", "version_known"], "library", name) {
            say(warning(
                format!("nothing links the library `{name}` or asks about it"),
                library.span.clone(),
            )
            .label("never looked for"));
        }
    }
}

/// Finds libraries that `[package.metadata.system-deps]` names as well.
fn said_twice(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    let tables = subject.keys(&["package", "metadata", "system-deps"]);
    for (name, library) in &declaration.library {
        let modules = || library.pkg_config.iter().map(|item| item.value.as_str());
        for table in &tables {
            let path = ["package", "metadata", "system-deps", table.as_str()];
            let named =
                subject.span(&path, false).and_then(|span| subject.text.get(span)).unwrap_or_default();
            if modules().any(|module| module == table || named.contains(&format!("name = \"{module}\""))) {
                let message = format!(
                    "`[package.metadata.system-deps.{table}]` asks for the library `{name}` as well: one of them is enough"
                );
                say(warning(message, library.span.clone())
                    .label("said twice")
                    .help("`system-deps = true` carries that table out; or take it away"));
            }
        }
    }
}

/// Finds uses of `${library.x.version}` where the library may be built from source, which has no version.
fn version_of_a_source_build(subject: &Subject, say: &mut Say<'_>) {
    let Some(declaration) = subject.declaration() else { return };
    for (name, library) in &declaration.library {
        let Some(fallback) = &library.fallback else { continue };
        let variable = format!("${{library.{name}.version}}");
        for (at, _) in subject.text.match_indices(&variable) {
            let line = subject.text[..at].rfind('\n').map_or(0, |end| end + 1);
            let end = subject.text[at..].find('\n').map_or(subject.text.len(), |end| at + end);
            let guarded = ["found", "version_known"].iter().any(|fact| {
                let said = &subject.text[line..end];
                said.contains(&format!("{fact} = \"{name}")) || said.contains(&format!("{fact} = \\\"{name}"))
            });
            if !guarded {
                let message =
                    format!("where `{fallback}` is built in its place, the library `{name}` has no version");
                say(error(message, at..at + variable.len())
                    .label("no value there")
                    .help(format!("guard it: `when = 'version_known = \"{name}\"'`")));
            }
        }
    }
}
