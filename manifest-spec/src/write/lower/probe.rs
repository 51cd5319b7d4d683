//! Writes `probe`, as `parse/probe.rs` reads it.

use super::Writer;
use super::guard::items;
use crate::write::toml::Node;
use crate::{Bootstrap, CompileProbe, Probe, ProbeEmit, ProbeKind, ProbeSource, keys};

pub(super) fn probe(name: &str, probe: &Probe) -> Node {
    let mut table = Writer::of(&keys::PROBE);
    match &probe.kind {
        ProbeKind::Compiles(probe) => compiles(&mut table, probe),
        ProbeKind::Macro { name, header, library } => {
            table.string("macro", Some(name));
            table.string("header", Some(header));
            table.string("library", library.as_deref());
        }
        ProbeKind::Header { header, library } => {
            table.string("header", Some(header));
            table.string("library", library.as_deref());
        }
        ProbeKind::Function { name, header, library } => {
            table.string("function", Some(name));
            table.string("header", header.as_deref());
            table.string("library", library.as_deref());
        }
        ProbeKind::SizeOf { c_type, header } => {
            table.string("sizeof", Some(c_type));
            table.string("header", header.as_deref());
        }
        ProbeKind::Links { lib, source } => {
            table.string("links", Some(lib));
            table.string("source", source.as_ref().map(|source| source.0.as_str()));
        }
        ProbeKind::CFlag { flag, cpp } => {
            table.string("c-flag", Some(flag));
            table.boolean("cpp", *cpp, false);
        }
        ProbeKind::Variable { name, library, word } => {
            table.string("variable", Some(name));
            table.string("library", Some(library));
            table.string("word", word.as_deref());
        }
        ProbeKind::PathExists { path } => table.string("path-exists", Some(path)),
    }
    table.condition("when", probe.when.as_ref());
    Node::table(name, table.finish())
}

fn compiles(table: &mut Writer, probe: &CompileProbe) {
    let CompileProbe { source, edition, crate_type, cfgs, bootstrap, emit, cap_lints, rustflags, target } =
        probe;
    match source {
        ProbeSource::File(path) => table.string("compiles", Some(&path.0)),
        ProbeSource::Text(text) => table.string("compiles-text", Some(text)),
    }
    table.string("edition", edition.as_deref());
    table.string("crate-type", crate_type.as_deref());
    table.put_list("cfgs", items(cfgs, |cfg| Node::String(cfg.clone())));
    table.string(
        "emit",
        match emit {
            ProbeEmit::Metadata => None,
            ProbeEmit::Object => Some("obj"),
            ProbeEmit::LlvmIr => Some("llvm-ir"),
        },
    );
    table.string(
        "rustc-bootstrap",
        match bootstrap {
            Bootstrap::Inherit => None,
            Bootstrap::Unset => Some("unset"),
            Bootstrap::Set => Some("set"),
        },
    );
    table.boolean("cap-lints", *cap_lints, true);
    table.boolean("rustflags", *rustflags, true);
    table.boolean("target", *target, true);
}
