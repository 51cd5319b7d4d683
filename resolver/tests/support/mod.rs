//! Runs one case folder and writes down the result.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_manifest_spec::{Declaration, LinkKind};
use inert_resolver::request::{DepMetadata, LibrarySource, Request, Rustc, Said};
use inert_resolver::world::{Run, World, process_environment};
use inert_resolver::{Dialect, Environment, FailureKind, directives};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Returns the content of `expected.txt`: directives (reruns only if the request has `reruns = true`), files,
/// attempts that failed if it has `attempts = true`, or the failure. Folders are written as `$PKG`, `$OUT`.
pub(crate) fn run(case: &Path, name: &str) -> String {
    let root = std::env::temp_dir().join(format!("inert-cases-{}", std::process::id())).join(name);
    let _ = std::fs::remove_dir_all(&root);
    copy(&case.join("package"), &root.join("package"));
    std::fs::create_dir_all(root.join("package")).expect("a folder");
    let text = std::fs::read_to_string(case.join("request.toml")).unwrap_or_default();
    let table = DeTable::parse(&text).expect("request.toml is TOML");
    let settings = Settings { table: table.get_ref() };
    settings.symlinks(&root);
    let out = outcome(case, &root, &settings);
    let root = std::fs::canonicalize(&root).expect("it is there");
    let out = out
        .replace(&root.join("package").display().to_string(), "$PKG")
        .replace(&root.join("out").display().to_string(), "$OUT")
        .replace(&root.join("scratch").display().to_string(), "$SCRATCH");
    let _ = std::fs::remove_dir_all(&root);
    out
}

fn outcome(case: &Path, root: &Path, settings: &Settings<'_>) -> String {
    let text = std::fs::read_to_string(case.join("declaration.toml")).expect("declaration.toml");
    let parsed = inert_manifest_spec::parse_declaration(&text);
    let Some(declaration) = parsed.declaration else {
        let messages: Vec<String> =
            parsed.diagnostics.iter().map(|found| format!("{}: {}\n", found.code, found.message)).collect();
        return format!("not a declaration:\n{}", messages.concat());
    };
    let root = std::fs::canonicalize(root).expect("it is there");
    let mut world = World::new(settings.environment(&root), root.join("scratch"));
    let request = settings.request(&root, &world);
    std::fs::create_dir_all(&request.out_dir).expect("a folder");
    std::fs::write(request.out_dir.join("left-over.txt"), "of an earlier run").expect("writable");
    resolved(&declaration, &request, &mut world, settings)
}

fn resolved(
    declaration: &Declaration,
    request: &Request,
    world: &mut World,
    settings: &Settings<'_>,
) -> String {
    let mut out = String::new();
    let attempts = match inert_resolver::resolve(declaration, request, world) {
        Ok(resolution) => {
            let reruns = settings.flag("reruns");
            let shown: Vec<_> = resolution
                .directives
                .into_iter()
                .filter(|directive| reruns || !is_rerun(directive))
                .collect();
            match directives::print(&shown, Dialect::of(request.package.rust_version.as_deref())) {
                Ok(printed) => out.push_str(&printed),
                Err(error) => return format!("unprintable: {error}\n"),
            }
            out.push_str(&files(&request.out_dir));
            if let Err(changed) = resolution.journal.still_valid(&world.environment) {
                let _ = writeln!(out, "the journal is not valid: {changed}");
            }
            let again = inert_resolver::Journal::parse(&resolution.journal.to_text());
            assert_eq!(again.as_ref(), Ok(&resolution.journal), "a journal is read as it was written");
            resolution.attempts
        }
        Err(failure) => {
            let kind = match &failure.kind {
                FailureKind::Declared(_) => "declared",
                FailureKind::Unsupported => "unsupported",
                FailureKind::Declaration { .. } => "declaration",
                FailureKind::Refused { .. } => "refused",
                FailureKind::LibraryNotFound { .. } => "library-not-found",
                FailureKind::Library { .. } => "library",
                FailureKind::Tool { .. } => "tool",
                FailureKind::Build { .. } => "build",
                FailureKind::Io { .. } => "io",
            };
            let shown = if settings.flag("first-line") {
                failure.kind.to_string().lines().next().unwrap_or_default().to_owned()
            } else {
                failure.kind.to_string()
            };
            let _ = writeln!(out, "failure ({kind}): {shown}");
            if let Some(text) = settings.text("says") {
                let _ = writeln!(out, "says {text:?}: {}", failure.kind.to_string().contains(&text));
            }
            failure.attempts
        }
    };
    if settings.flag("attempts") {
        for attempt in attempts {
            let _ = writeln!(out, "attempt {}: {} {:?}", attempt.subject, attempt.method, attempt.outcome);
        }
    }
    out
}

fn is_rerun(directive: &directives::Directive) -> bool {
    use directives::Directive::{RerunIfChanged, RerunIfEnvChanged};
    matches!(directive, RerunIfChanged(_) | RerunIfEnvChanged(_))
}

/// The settings in `request.toml`.
struct Settings<'a> {
    table: &'a DeTable<'a>,
}

impl Settings<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.table.get(key)?.get_ref().as_str().map(str::to_owned)
    }

    fn flag(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().as_bool() == Some(true))
    }

    fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let Some(table) = self.table.get(key).and_then(|value| value.get_ref().as_table()) else {
            return Vec::new();
        };
        table.iter().map(|(name, value)| (name.get_ref().to_string(), string(value))).collect()
    }

    fn symlinks(&self, root: &Path) {
        for (link, target) in self.pairs("symlinks") {
            let target = target.replace("$ROOT", &root.display().to_string());
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, root.join(link)).expect("a symlink");
        }
    }

    /// Returns PATH and HOME of this process, and the case's own variables; `$PKG` is replaced by the package's
    /// folder.
    fn environment(&self, root: &Path) -> Environment {
        let process = process_environment();
        let kept = ["PATH", "HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME"];
        let mut environment: Environment =
            kept.iter().filter_map(|name| Some((*name, process.get(name)?.to_owned()))).collect();
        for (name, value) in self.pairs("env") {
            environment.set(name, value.replace("$PKG", &root.join("package").display().to_string()));
        }
        environment
    }

    fn request(&self, root: &Path, world: &World) -> Request {
        let mut request = Request::default();
        let or = |key: &str, default: &str| self.text(key).unwrap_or_else(|| default.to_owned());
        request.package.name = or("name", "example");
        request.package.version = or("version", "1.2.3");
        request.package.manifest_dir = root.join("package");
        request.package.links = self.text("links");
        request.package.rust_version = self.text("rust-version");
        request.out_dir = root.join("out");
        request.profile = or("profile", "debug");
        request.opt_level = or("opt-level", "0");
        request.debug = self.flag("debug");
        request.features =
            or("features", "").split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        request.rustc = rustc(&mut World::new(world.environment.clone(), world.scratch.clone()));
        request.host = or("host", &request.rustc.host.clone());
        request.target.triple = or("target", &request.host.clone());
        for (name, value) in self.pairs("cfg") {
            let values = (!value.is_empty()).then(|| value.split(',').map(str::to_owned).collect());
            request.target.cfgs.insert(name, values);
        }
        for (name, value) in self.pairs("dep") {
            let (links, key) = name.split_once('.').expect("links.key");
            request.dep.set(links, key, value.replace("$ROOT", &root.display().to_string()));
        }
        for (links, folder) in self.pairs("dep-roots") {
            let folder = PathBuf::from(folder.replace("$ROOT", &root.display().to_string()));
            let values = self.pairs("dep").into_iter().filter_map(|(name, _)| {
                let (of, key) = name.split_once('.')?;
                let variable = DepMetadata::variable(of, key);
                (of == links)
                    .then(|| request.dep.variables.get(&variable).cloned().map(|value| (variable, value)))?
            });
            let values: BTreeSet<_> = values.collect();
            let all = request.dep.producers.get_or_insert_default();
            let said = all.entry(links).or_insert(Said::Only { values, roots: Vec::new() });
            if let Said::Only { roots, .. } = said {
                roots.push(folder);
            }
        }
        if let Some(all) = &mut request.dep.producers {
            for (name, _) in self.pairs("dep") {
                let (links, _) = name.split_once('.').expect("links.key");
                all.entry(links.to_owned()).or_insert(Said::Anything);
            }
        }
        for (name, folder) in self.pairs("build-dependencies") {
            request.build_dependencies.insert(name, root.join("package").join(folder));
        }
        for (name, source) in self.pairs("libraries") {
            let source = match source.as_str() {
                "system-first" => LibrarySource::SystemFirst,
                "source-first" => LibrarySource::SourceFirst,
                "source-only" => LibrarySource::SourceOnly,
                "system-only" => LibrarySource::SystemOnly,
                other => panic!("not a source: {other}"),
            };
            request.libraries.by_name.insert(name, source);
        }
        for (name, kind) in self.pairs("library-kind") {
            let kind = if kind == "static" { LinkKind::Static } else { LinkKind::Dylib };
            request.libraries.kind.insert(name, kind);
        }
        for (name, folder) in self.pairs("library-prefix") {
            request.libraries.prefix.insert(name, root.join("package").join(folder));
        }
        request.stamp = self.text("stamp").map(PathBuf::from);
        if self.flag("store") {
            let folder = root.join("store");
            request.store = Some(inert_resolver::store::StorePlace { folder, ..Default::default() });
        }
        if let Some(version) = self.text("rustc") {
            let text = format!("release: {version}\nhost: {}\n", request.rustc.host);
            request.rustc = Rustc::parse(request.rustc.path.clone(), &text).expect("a version");
        }
        request
    }
}

fn string(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        other => panic!("not a string: {other:?}"),
    }
}

fn rustc(world: &mut World) -> Rustc {
    let program = world.find_program("rustc").expect("rustc is on PATH");
    let run = Run { program: program.clone(), args: vec!["-vV".into()], ..Run::default() };
    let output = world.run(&run).expect("rustc runs");
    Rustc::parse(program, &String::from_utf8_lossy(&output.stdout)).expect("it says what it is")
}

/// Returns every file below OUT_DIR with its text, or for archives the global symbols that they define.
fn files(folder: &Path) -> String {
    let mut paths = Vec::new();
    walk(folder, &mut paths);
    paths.sort();
    let mut out = String::new();
    for path in paths {
        let name = path.strip_prefix(folder).expect("below it").display().to_string();
        if path.is_dir() {
            let _ = writeln!(out, "folder {name}");
            continue;
        }
        let bytes = std::fs::read(&path).expect("readable");
        if bytes.starts_with(b"!<arch>") {
            let _ = writeln!(out, "archive {name}: {}", symbols(&path).join(" "));
            continue;
        }
        let _ = writeln!(out, "file {name}:");
        match String::from_utf8(bytes) {
            Ok(text) => text.lines().for_each(|line| out.push_str(&format!("  |{line}\n"))),
            Err(error) => out.push_str(&format!("  {:02x?}\n", error.into_bytes())),
        }
    }
    out
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            let before = paths.len();
            walk(&path, paths);
            if paths.len() == before {
                paths.push(path);
            }
        } else {
            paths.push(path);
        }
    }
}

fn symbols(archive: &Path) -> Vec<String> {
    let mut world = World::new(process_environment(), archive.with_file_name("nm-scratch"));
    let program = world.find_program("nm").expect("binutils are installed with the C compiler");
    let args = vec!["-g".into(), "--defined-only".into(), "-j".into(), archive.into()];
    let output = world.run(&Run { program, args, ..Run::default() }).expect("nm runs");
    let _ = std::fs::remove_dir_all(&world.scratch);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut symbols: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.ends_with(':'))
        .map(str::to_owned)
        .collect();
    symbols.sort();
    symbols
}

fn copy(from: &Path, to: &Path) {
    let mut paths = Vec::new();
    walk(from, &mut paths);
    for path in paths {
        let place = to.join(path.strip_prefix(from).expect("below it"));
        if path.is_dir() {
            std::fs::create_dir_all(&place).expect("a folder");
        } else {
            std::fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            std::fs::copy(&path, &place).expect("a copy");
        }
    }
}
