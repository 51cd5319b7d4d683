//! Sets the spans of a declaration to `0..0`.

use super::{CcLibrary, Declaration, Guarded, Item, Library, MetadataValue, OutFile, ProbeKind};

pub(super) fn clear(declaration: &mut Declaration) {
    for probe in declaration.probe.values_mut() {
        probe.span = 0..0;
        if let ProbeKind::Compiles(compile) = &mut probe.kind {
            items(&mut compile.cfgs);
        }
    }
    declaration.rustc_env.values_mut().for_each(guarded);
    for file in declaration.out_dir.values_mut() {
        files(&mut file.alternatives);
    }
    declaration.library.values_mut().for_each(library);
    declaration.cc_library.values_mut().for_each(cc_library);
    items(&mut declaration.link);
    for value in declaration.links_metadata.values_mut() {
        guarded(value);
        for item in &mut value.alternatives {
            match &mut item.value {
                MetadataValue::Paths(paths) | MetadataValue::PathList(paths) => items(paths),
                MetadataValue::List(texts) => items(texts),
                MetadataValue::Text(_) | MetadataValue::Path(_) => {}
            }
        }
    }
    items(&mut declaration.error);
    items(&mut declaration.warning);
}

fn library(library: &mut Library) {
    library.span = 0..0;
    for list in [
        &mut library.pkg_config,
        &mut library.vcpkg,
        &mut library.libs,
        &mut library.frameworks,
        &mut library.modifiers,
    ] {
        items(list);
    }
    library.version.iter_mut().for_each(guarded);
    library.kind.iter_mut().for_each(guarded);
    library.prefer.iter_mut().for_each(guarded);
}

fn cc_library(library: &mut CcLibrary) {
    library.span = 0..0;
    for list in [&mut library.sources, &mut library.exclude, &mut library.include_dirs] {
        items(list);
    }
    items(&mut library.flags);
    library.defines.values_mut().for_each(guarded);
    library.install_headers.values_mut().for_each(guarded);
    for flag in [
        &mut library.cpp,
        &mut library.warnings,
        &mut library.extra_warnings,
        &mut library.debug,
        &mut library.pic,
        &mut library.static_crt,
    ] {
        flag.iter_mut().for_each(guarded);
    }
    for word in [&mut library.std, &mut library.opt_level, &mut library.cpp_link_stdlib] {
        word.iter_mut().for_each(guarded);
    }
}

fn files(list: &mut [Item<OutFile>]) {
    items(list);
    for item in list {
        if let OutFile::Concat(pieces) = &mut item.value {
            files(pieces);
        }
    }
}

fn guarded<T>(value: &mut Guarded<T>) {
    items(&mut value.alternatives);
}

fn items<T>(list: &mut [Item<T>]) {
    list.iter_mut().for_each(|item| item.span = 0..0);
}
