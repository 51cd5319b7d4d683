//! One walk through a whole declaration, used by every check that needs to know what it mentions.

use std::collections::BTreeMap;
use std::fmt;

use crate::condition::Fact;
use crate::parse::Use;
use crate::*;

/// A question or library that other items may wait for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Probe(String),
    /// The answer whether a library is on the system.
    Found(String),
    /// A library from any provider, source build included.
    Library(String),
    CcLibrary(String),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, name) = match self {
            Self::Probe(name) => ("probe", name),
            Self::Found(name) => ("found", name),
            Self::Library(name) => ("library", name),
            Self::CcLibrary(name) => ("cc-library", name),
        };
        write!(f, "{what} `{}`", crate::render::escaped(name))
    }
}

impl Node {
    pub(crate) fn span(&self, declaration: &Declaration) -> Span {
        match self {
            Self::Probe(name) => declaration.probe.get(name).map(|probe| &probe.span),
            Self::Found(name) | Self::Library(name) => {
                declaration.library.get(name).map(|library| &library.span)
            }
            Self::CcLibrary(name) => declaration.cc_library.get(name).map(|library| &library.span),
        }
        .cloned()
        .unwrap_or_default()
    }
}

/// A part of a declaration that the walk reports.
pub(crate) enum Mention<'a> {
    Condition(&'a Condition),
    Text(&'a Text),
    Path(&'a PathRef),
    /// A name that refers to one of the declaration's tables.
    Name(Use),
}

/// A visitor of mentions; it also gets the place of the item that holds each.
pub(crate) type Visit<'v, 'a> = &'v mut dyn FnMut(Mention<'a>, &'a Span);

/// Returns the names that conditions, texts and paths refer to, each with its place.
pub(crate) fn uses(declaration: &Declaration) -> Vec<(Use, Span)> {
    let mut uses = Vec::new();
    everything(declaration, &mut |mention, span| {
        each_use(&mention, &mut |used| uses.push((used, span.clone())))
    });
    uses
}

/// Returns whether the declaration has any effect.
pub(crate) fn has_effects(declaration: &Declaration) -> bool {
    let Declaration {
        schema: _,
        unsupported: _,
        cfg,
        // A probe alone changes nothing.
        probe: _,
        rustc_env,
        out_dir,
        library,
        cc_library,
        system_deps,
        link,
        links_metadata,
        error,
        warning,
    } = declaration;
    !(cfg.is_empty()
        && system_deps.is_none()
        && rustc_env.is_empty()
        && out_dir.is_empty()
        && library.is_empty()
        && cc_library.is_empty()
        && link.is_empty()
        && links_metadata.is_empty()
        && error.is_empty()
        && warning.is_empty())
}

/// Returns the dependencies between probes and libraries: each node with the nodes that it waits for.
pub(crate) fn edges(declaration: &Declaration) -> BTreeMap<Node, Vec<Node>> {
    let mut edges = BTreeMap::new();
    for (name, item) in &declaration.probe {
        edges.insert(Node::Probe(name.clone()), targets(item, probe));
    }
    for (name, item) in &declaration.library {
        edges.insert(Node::Found(name.clone()), targets(item, library));
        let fallback = item.fallback.clone().map(Node::CcLibrary);
        edges.insert(
            Node::Library(name.clone()),
            [Node::Found(name.clone())].into_iter().chain(fallback).collect(),
        );
    }
    for (name, item) in &declaration.cc_library {
        edges.insert(Node::CcLibrary(name.clone()), targets(item, cc_library));
    }
    edges
}

/// Returns the nodes that `item` waits for.
fn targets<'a, T>(item: &'a T, walk: fn(&'a T, Visit<'_, 'a>)) -> Vec<Node> {
    let mut nodes = Vec::new();
    walk(item, &mut |mention, _| {
        let found = matches!(mention, Mention::Condition(_));
        each_use(&mention, &mut |used| match used {
            Use::Probe(name) => nodes.push(Node::Probe(name)),
            // A condition asks whether the library is on the system; everything else needs it from any provider.
            Use::Library(name) if found => nodes.push(Node::Found(name)),
            Use::Library(name) => nodes.push(Node::Library(name)),
            Use::CcLibrary(name) => nodes.push(Node::CcLibrary(name)),
            Use::Feature(_) | Use::BuildDependency(_) => {}
        });
    });
    nodes.sort();
    nodes.dedup();
    nodes
}

fn each_use(mention: &Mention<'_>, tell: &mut dyn FnMut(Use)) {
    match mention {
        Mention::Condition(condition) => condition.for_each_fact(&mut |fact| match fact {
            Fact::Feature(name) => tell(Use::Feature(name.clone())),
            Fact::Probe { name, .. } => tell(Use::Probe(name.clone())),
            Fact::Found { library, .. } | Fact::VersionKnown(library) => tell(Use::Library(library.clone())),
            _ => {}
        }),
        Mention::Text(text) => {
            for part in &text.parts {
                let TextPart::Variable(name) = part else { continue };
                let mut segments = name.split('.');
                match (segments.next(), segments.next()) {
                    (Some("probe"), Some(probe)) => tell(Use::Probe(probe.to_owned())),
                    (Some("library"), Some(library)) => tell(Use::Library(library.to_owned())),
                    _ => {}
                }
            }
        }
        Mention::Path(path) => match path {
            PathRef::LibraryInclude(library)
            | PathRef::LibraryIncludeLast(library)
            | PathRef::LibraryLib(library) => tell(Use::Library(library.clone())),
            PathRef::BuildDependency { package, .. } => tell(Use::BuildDependency(package.clone())),
            PathRef::Package(_) | PathRef::OutDir(_) | PathRef::Dep { .. } => {}
        },
        Mention::Name(used) => tell(used.clone()),
    }
}

const NOWHERE: &Span = &(0..0);

fn everything<'a>(declaration: &'a Declaration, visit: Visit<'_, 'a>) {
    when(declaration.unsupported.as_ref(), NOWHERE, visit);
    when(declaration.system_deps.as_ref(), NOWHERE, visit);
    for cfg in declaration.cfg.values() {
        match cfg {
            Cfg::Option(condition) => visit(Mention::Condition(condition), NOWHERE),
            Cfg::Values(values) => {
                values.values().for_each(|condition| visit(Mention::Condition(condition), NOWHERE));
            }
        }
    }
    declaration.probe.values().for_each(|item| probe(item, visit));
    declaration.rustc_env.values().for_each(|value| guarded(value, visit, text));
    declaration.out_dir.values().for_each(|file| guarded(file, visit, out_file));
    for item in declaration.library.values() {
        library(item, visit);
        if let Some(name) = &item.fallback {
            visit(Mention::Name(Use::CcLibrary(name.clone())), &item.span);
        }
    }
    declaration.cc_library.values().for_each(|item| cc_library(item, visit));
    list(&declaration.link, visit, link);
    declaration.links_metadata.values().for_each(|value| guarded(value, visit, metadata));
    list(&declaration.error, visit, text);
    list(&declaration.warning, visit, text);
}

fn probe<'a>(probe: &'a Probe, visit: Visit<'_, 'a>) {
    when(probe.when.as_ref(), &probe.span, visit);
    match &probe.kind {
        ProbeKind::Compiles(compile) => list(&compile.cfgs, visit, nothing),
        ProbeKind::Macro { library, .. }
        | ProbeKind::Header { library, .. }
        | ProbeKind::Function { library, .. } => {
            if let Some(name) = library {
                visit(Mention::Name(Use::Library(name.clone())), &probe.span);
            }
        }
        ProbeKind::Variable { library, .. } => {
            visit(Mention::Name(Use::Library(library.clone())), &probe.span);
        }
        ProbeKind::SizeOf { .. }
        | ProbeKind::Links { .. }
        | ProbeKind::CFlag { .. }
        | ProbeKind::PathExists { .. } => {}
    }
}

/// Visits all parts of a library but its fallback, which only the library as a whole waits for.
fn library<'a>(library: &'a Library, visit: Visit<'_, 'a>) {
    when(library.when.as_ref(), &library.span, visit);
    for names in [&library.pkg_config, &library.vcpkg, &library.libs, &library.frameworks, &library.modifiers]
    {
        list(names, visit, nothing);
    }
    optional(library.version.as_ref(), visit, nothing);
    optional(library.kind.as_ref(), visit, nothing);
    optional(library.prefer.as_ref(), visit, nothing);
}

fn cc_library<'a>(library: &'a CcLibrary, visit: Visit<'_, 'a>) {
    when(library.when.as_ref(), &library.span, visit);
    for paths in [&library.sources, &library.exclude, &library.include_dirs] {
        list(paths, visit, path);
    }
    library.defines.values().for_each(|define| {
        guarded(define, visit, |define, span, visit| {
            if let Define::Value(value) = define {
                visit(Mention::Text(value), span);
            }
        });
    });
    list(&library.flags, visit, nothing);
    for flag in [
        &library.cpp,
        &library.warnings,
        &library.extra_warnings,
        &library.debug,
        &library.pic,
        &library.static_crt,
    ] {
        optional(flag.as_ref(), visit, nothing);
    }
    for word in [&library.std, &library.opt_level, &library.cpp_link_stdlib] {
        optional(word.as_ref(), visit, nothing);
    }
    library.install_headers.values().for_each(|header| guarded(header, visit, path));
}

fn link<'a>(link: &'a Link, span: &'a Span, visit: Visit<'_, 'a>) {
    match link {
        Link::Library(name) => visit(Mention::Name(Use::Library(name.clone())), span),
        Link::CcLibrary(name) => visit(Mention::Name(Use::CcLibrary(name.clone())), span),
        Link::Lib { name, .. } => visit(Mention::Text(name), span),
        Link::Search { path, .. } => visit(Mention::Path(path), span),
        Link::Arg { arg, .. } => visit(Mention::Text(arg), span),
    }
}

fn out_file<'a>(file: &'a OutFile, span: &'a Span, visit: Visit<'_, 'a>) {
    match file {
        OutFile::Text(text) => visit(Mention::Text(text), span),
        OutFile::Copy(path) => visit(Mention::Path(path), span),
        OutFile::Concat(pieces) => list(pieces, visit, out_file),
        OutFile::Template(template) => {
            visit(Mention::Path(&template.file), span);
            template.replace.values().for_each(|text| visit(Mention::Text(text), span));
        }
        OutFile::Bytes(_) | OutFile::Directory => {}
    }
}

fn metadata<'a>(value: &'a MetadataValue, span: &'a Span, visit: Visit<'_, 'a>) {
    match value {
        MetadataValue::Text(text) => visit(Mention::Text(text), span),
        MetadataValue::Path(path) => visit(Mention::Path(path), span),
        MetadataValue::Paths(paths) | MetadataValue::PathList(paths) => list(paths, visit, path),
        MetadataValue::List(texts) => list(texts, visit, text),
    }
}

fn text<'a>(text: &'a Text, span: &'a Span, visit: Visit<'_, 'a>) {
    visit(Mention::Text(text), span);
}

fn path<'a>(path: &'a PathRef, span: &'a Span, visit: Visit<'_, 'a>) {
    visit(Mention::Path(path), span);
}

fn nothing<'a, T>(_: &'a T, _: &'a Span, _: Visit<'_, 'a>) {}

fn when<'a>(condition: Option<&'a Condition>, span: &'a Span, visit: Visit<'_, 'a>) {
    if let Some(condition) = condition {
        visit(Mention::Condition(condition), span);
    }
}

fn optional<'a, T>(
    value: Option<&'a Guarded<T>>,
    visit: Visit<'_, 'a>,
    inner: fn(&'a T, &'a Span, Visit<'_, 'a>),
) {
    if let Some(value) = value {
        guarded(value, visit, inner);
    }
}

fn guarded<'a, T>(value: &'a Guarded<T>, visit: Visit<'_, 'a>, inner: fn(&'a T, &'a Span, Visit<'_, 'a>)) {
    list(&value.alternatives, visit, inner);
}

fn list<'a, T>(items: &'a [Item<T>], visit: Visit<'_, 'a>, inner: fn(&'a T, &'a Span, Visit<'_, 'a>)) {
    for item in items {
        when(item.when.as_ref(), &item.span, visit);
        inner(&item.value, &item.span, visit);
    }
}
