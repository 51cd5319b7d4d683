//! Generates declarations from a seed. Every generated declaration is valid, so it must read back.

mod conditions;
mod random;
mod values;

pub(crate) use conditions::{Names, condition};
pub(crate) use random::Random;

use std::collections::BTreeMap;

use inert_manifest_spec::*;
use values::{flag, guarded, header, items, message, out_file, path, relative, source, text, word};

pub(crate) fn declaration(random: &mut Random) -> Declaration {
    // A question may refer only to earlier ones, so that no cycle arises.
    let mut names = Names::default();
    let mut declaration = Declaration { schema: 1, ..Declaration::default() };
    if random.chance(4) {
        declaration.unsupported = Some(condition(random, 3, &names));
    }
    if random.chance(4) {
        declaration.system_deps = Some(condition(random, 2, &names));
    }
    for index in 0..random.below(3) {
        let name = format!("lib{index}");
        let library = library(random, &names);
        declaration.library.insert(name.clone(), library);
        names.libraries.push(name);
    }
    for index in 0..random.below(4) {
        let name = format!("p{index}");
        let probe = Probe { kind: probe(random, &names), when: when(random, &names), span: 0..0 };
        declaration.probe.insert(name.clone(), probe);
        names.probes.push(name);
    }
    for index in 0..random.below(3) {
        let name = format!("cc{index}");
        let library = cc_library(random, &names);
        declaration.cc_library.insert(name, library);
    }
    for index in 0..random.below(4) {
        let cfg = if random.chance(2) {
            Cfg::Option(condition(random, 3, &names))
        } else {
            let values = ["a b", "", "64", "x.y"];
            Cfg::Values(
                (0..random.below(4))
                    .map(|at| (values[at].to_owned(), condition(random, 2, &names)))
                    .collect(),
            )
        };
        declaration.cfg.insert(format!("cfg{index}"), cfg);
    }
    for index in 0..random.below(3) {
        let value = guarded(random, &names, |random| text(random, true));
        declaration.rustc_env.insert(format!("A{index}_VERSION"), value);
    }
    for index in 0..random.below(3) {
        let file = guarded(random, &names, |random| out_file(random, true));
        declaration.out_dir.insert(RelativePath(format!("gen/file {index}.rs")), file);
    }
    for index in 0..random.below(3) {
        let value = guarded(random, &names, |random| match random.below(5) {
            4 => MetadataValue::PathList(vec![Item::always(path(random))]),
            0 => MetadataValue::Text(text(random, true)),
            3 => {
                MetadataValue::List(vec![Item::always(text(random, true)), Item::always(text(random, true))])
            }
            1 => MetadataValue::Path(path(random)),
            _ => MetadataValue::Paths(vec![
                Item::always(path(random)),
                Item::when(path(random), Condition::Constant(true)),
            ]),
        });
        declaration.links_metadata.insert(format!("key-{index}"), value);
    }
    declaration.error = items(random, &names, message);
    declaration.warning = items(random, &names, message);
    let (libraries, archives): (Vec<String>, Vec<String>) =
        (declaration.library.keys().cloned().collect(), declaration.cc_library.keys().cloned().collect());
    declaration.link = items(random, &names, |random| link(random, &libraries, &archives));
    declaration
}

fn when(random: &mut Random, names: &Names) -> Option<Condition> {
    random.chance(3).then(|| condition(random, 2, names))
}

fn probe(random: &mut Random, names: &Names) -> ProbeKind {
    let library = names.libraries.first().cloned().filter(|_| random.chance(2));
    let optional_header = random.chance(2).then(|| header(random));
    match random.below(9) {
        0 => ProbeKind::Macro { name: word(random), header: header(random), library },
        1 => ProbeKind::Header { header: header(random), library },
        2 => ProbeKind::Function { name: word(random), header: optional_header, library },
        3 => ProbeKind::SizeOf { c_type: "struct stat *".to_owned(), header: optional_header },
        4 => ProbeKind::Links {
            lib: word(random),
            source: random.chance(2).then(|| RelativePath("src/smoke.c".to_owned())),
        },
        5 => ProbeKind::CFlag { flag: flag(random), cpp: random.chance(2) },
        8 if !names.libraries.is_empty() => ProbeKind::Variable {
            name: "targets".to_owned(),
            library: names.libraries[0].clone(),
            word: random.chance(2).then(|| "x11".to_owned()),
        },
        6 => ProbeKind::PathExists { path: "/usr/include/a b.h".to_owned() },
        _ => {
            ProbeKind::Compiles(CompileProbe {
                source: if random.chance(2) {
                    ProbeSource::File(relative(random))
                } else {
                    ProbeSource::Text("fn main() {\n    print!(\"{}\", 'a');\n}\n".to_owned())
                },
                edition: random.chance(2).then(|| "2021".to_owned()),
                crate_type: random.chance(3).then(|| "bin".to_owned()),
                cfgs: items(random, names, |random| {
                    if random.chance(2) { word(random) } else { "a=\"b c\"".to_owned() }
                }),
                bootstrap: *random.pick(&[Bootstrap::Inherit, Bootstrap::Set, Bootstrap::Unset]),
                emit: *random.pick(&[ProbeEmit::Metadata, ProbeEmit::Object, ProbeEmit::LlvmIr]),
                cap_lints: random.chance(2),
                rustflags: random.chance(2),
                target: random.chance(2),
            })
        }
    }
}

fn library(random: &mut Random, names: &Names) -> Library {
    let mut library = Library {
        when: when(random, names),
        optional: random.chance(2),
        pkg_config: items(random, names, word),
        version: random.chance(2).then(|| guarded(random, names, range)),
        vcpkg: items(random, names, word),
        libs: items(random, names, word),
        frameworks: items(random, names, word),
        header: Some(header(random)),
        version_macro: random.chance(3).then(|| word(random)),
        env_prefix: None,
        env: BTreeMap::new(),
        kind: random
            .chance(3)
            .then(|| guarded(random, names, |random| *random.pick(&[LinkKind::Static, LinkKind::Dylib]))),
        modifiers: Vec::new(),
        search: random.chance(2),
        print_system_libs: random.chance(2),
        fallback: None,
        prefer: random
            .chance(3)
            .then(|| guarded(random, names, |random| *random.pick(&[Prefer::Source, Prefer::System]))),
        link: random.chance(2),
        span: 0..0,
    };
    if !library.libs.is_empty() && random.chance(2) {
        let modifier = (*random.pick(&["+whole-archive", "-bundle", "-verbatim"])).to_owned();
        library.modifiers.push(Item { when: when(random, names), ..Item::always(modifier) });
    }
    let own = library.libs.first().map(|item| item.value.to_uppercase()).filter(|name| name.is_ascii());
    if let Some(own) = own.filter(|own| own.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
        library.env_prefix = random.chance(3).then(|| own.clone());
        if random.chance(2) {
            library.env.insert("lib-dir".to_owned(), vec![format!("{own}_LIB_DIR")]);
        }
    }
    if random.chance(2) {
        library.env.insert("static".to_owned(), vec![word(random), word(random)]);
    }
    library
}

fn range(random: &mut Random) -> VersionRange {
    let comparison = |random: &mut Random| condition::Comparison {
        operator: *random.pick(&condition::Operator::ALL),
        value: (*random.pick(&["1", "1.2.11", "3.0.0-beta1", "2020.1~rc"])).to_owned(),
    };
    VersionRange { comparisons: (0..=random.below(2)).map(|_| comparison(random)).collect() }
}

fn cc_library(random: &mut Random, names: &Names) -> CcLibrary {
    let boolean =
        |random: &mut Random| random.chance(3).then(|| guarded(random, names, |random| random.chance(2)));
    let [cpp, warnings, extra_warnings, debug, pic, static_crt] = std::array::from_fn(|_| boolean(random));
    let choice = |random: &mut Random, words: &'static [&'static str]| {
        random.chance(3).then(|| guarded(random, names, |random| (*random.pick(words)).to_owned()))
    };
    CcLibrary {
        when: when(random, names),
        sources: items(random, names, source),
        exclude: items(random, names, path),
        include_dirs: items(random, names, path),
        defines: (0..random.below(4))
            .map(|index| {
                let define = guarded(random, names, |random| match random.below(4) {
                    0 => Define::Flag,
                    1 => Define::Value(Text::literal(
                        (*random.pick(&["0", "7", "007", "1234567890123", "-1", "1.5"])).to_owned(),
                    )),
                    _ => Define::Value(text(random, true)),
                });
                (format!("D{index}"), define)
            })
            .collect(),
        flags: items(random, names, |random| CcFlag {
            flag: flag(random),
            if_supported: random.chance(3),
            compiler: *random.pick(&[None, None, Some(CompilerFamily::Gnu), Some(CompilerFamily::Msvc)]),
        }),
        cpp,
        cpp_link_stdlib: choice(random, &["none", "stdc++", "c++"]),
        std: choice(random, &["c11", "c++17"]),
        warnings,
        extra_warnings,
        opt_level: choice(random, &["0", "s", "3"]),
        debug,
        pic,
        static_crt,
        install_headers: (0..random.below(3))
            .map(|index| (RelativePath(format!("include/{index}.h")), guarded(random, names, path)))
            .collect(),
        folder: random.chance(3).then(|| relative(random)),
        link: random.chance(2),
        modifiers: (*random.pick(&[&[][..], &["+whole-archive"], &["-bundle", "+verbatim"]]))
            .iter()
            .map(ToString::to_string)
            .collect(),
        span: 0..0,
    }
}

fn link(random: &mut Random, libraries: &[String], archives: &[String]) -> Link {
    match random.below(5) {
        0 if !libraries.is_empty() => Link::Library(random.pick(libraries).clone()),
        1 if !archives.is_empty() => Link::CcLibrary(random.pick(archives).clone()),
        2 => Link::Search {
            path: PathRef::Package(relative(random)),
            kind: *random.pick(&[None, Some(SearchKind::Native), Some(SearchKind::All)]),
            files: vec!["libx.a".to_owned(), "x.lib".to_owned()],
        },
        3 => Link::Arg {
            arg: Text::literal(*random.pick(&["-Wl,--as-needed", "-rdynamic", "/SUBSYSTEM:WINDOWS"])),
            scope: random
                .pick(&[ArgScope::All, ArgScope::Bins, ArgScope::Bin("b".to_owned()), ArgScope::Tests])
                .clone(),
        },
        _ => Link::Lib {
            name: Text {
                parts: vec![
                    TextPart::Literal("windows.".to_owned()),
                    TextPart::Variable("package.version".to_owned()),
                ],
            },
            kind: *random.pick(&[
                None,
                Some(LinkKind::Static),
                Some(LinkKind::RawDylib),
                Some(LinkKind::Framework),
            ]),
            modifiers: Vec::new(),
            rename: random.chance(4).then(|| "windows".to_owned()),
        },
    }
}
