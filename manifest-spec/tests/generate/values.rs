//! Generates guards, texts, paths and single tokens.

use inert_manifest_spec::{
    Condition, Guarded, Item, OutFile, PathRef, RelativePath, Template, Text, TextPart,
};

use super::{Names, Random, condition};

/// Generates one plain value, one guarded value, or alternatives that do not evidently overlap.
pub(crate) fn guarded<T>(
    random: &mut Random,
    names: &Names,
    mut value: impl FnMut(&mut Random) -> T,
) -> Guarded<T> {
    if random.chance(2) {
        return Guarded::always(value(random));
    }
    let mut alternatives: Vec<Item<T>> = Vec::new();
    for _ in 0..=random.below(3) {
        let when = condition(random, 2, names);
        if when != Condition::Constant(true)
            && alternatives.iter().all(|item| item.when.as_ref() != Some(&when))
        {
            alternatives.push(Item::when(value(random), when));
        }
    }
    if alternatives.is_empty() {
        return Guarded::always(value(random));
    }
    if random.chance(2) {
        alternatives.push(Item { value: value(random), when: None, otherwise: true, span: 0..0 });
    }
    Guarded { alternatives }
}

pub(crate) fn items<T>(
    random: &mut Random,
    names: &Names,
    mut value: impl FnMut(&mut Random) -> T,
) -> Vec<Item<T>> {
    let mut last = None;
    (0..random.below(5))
        .map(|_| {
            // Neighbours often share a condition, and are then written as one entry.
            if random.chance(2) {
                last = random.chance(2).then(|| condition(random, 2, names));
            }
            Item { value: value(random), when: last.clone(), otherwise: false, span: 0..0 }
        })
        .collect()
}

/// Generates text with variables; with `line`, on one line.
pub(crate) fn text(random: &mut Random, line: bool) -> Text {
    let pieces: &[&str] = if line {
        &["plain", " $", "$$", "${", "}", "\"", "'", "\\", "größe", " "]
    } else {
        &[
            "plain",
            "$",
            "${x}",
            "\n",
            "\r\n",
            "'''",
            "\"\"\"",
            "\\",
            "'",
            "\"",
            "\t",
            "\u{1b}[31m",
            "\u{7f}",
            "\u{a0}",
            "line \\\n  x",
        ]
    };
    let mut parts: Vec<TextPart> = Vec::new();
    for _ in 0..random.below(6) {
        if random.chance(3) {
            parts.push(TextPart::Variable(
                (*random.pick(&["target", "package.version.patch", "cfg.target_os"])).to_owned(),
            ));
        } else if let Some(TextPart::Literal(last)) = parts.last_mut() {
            last.push_str(random.pick::<&str>(pieces));
        } else {
            parts.push(TextPart::Literal((*random.pick(pieces)).to_owned()));
        }
    }
    Text { parts }
}

pub(crate) fn out_file(random: &mut Random, top: bool) -> OutFile {
    match random.below(if top { 6 } else { 3 }) {
        0 => OutFile::Text(text(random, false)),
        1 => OutFile::Copy(path(random)),
        2 => OutFile::Bytes((0..random.below(9)).map(|_| random.below(256) as u8).collect()),
        3 => OutFile::Directory,
        4 => OutFile::Template(Template {
            file: path(random),
            replace: (0..random.below(3)).map(|i| (format!("@{i}@"), text(random, false))).collect(),
            without_lines: (0..random.below(3)).map(|i| format!("#cmakedefine {i}")).collect(),
        }),
        _ => OutFile::Concat((0..random.below(4)).map(|_| Item::always(out_file(random, false))).collect()),
    }
}

pub(crate) fn path(random: &mut Random) -> PathRef {
    match random.below(5) {
        0 => PathRef::OutDir(relative(random)),
        1 => PathRef::Dep {
            links: "a-b".to_owned(),
            key: "include".to_owned(),
            first: random.chance(2),
            path: relative(random),
        },
        2 => PathRef::BuildDependency { package: "lua-src".to_owned(), path: relative(random) },
        _ => PathRef::Package(relative(random)),
    }
}

pub(crate) fn relative(random: &mut Random) -> RelativePath {
    RelativePath((*random.pick(&[".", "a.c", "src/a b/c.h", ".hidden/x", "größe.c", "$x"])).to_owned())
}

pub(crate) fn header(random: &mut Random) -> String {
    (*random.pick(&["a.h", "openssl/opensslv.h", "c++/x"])).to_owned()
}

pub(crate) fn word(random: &mut Random) -> String {
    (*random.pick(&["z", "a1", "zlib", "q_x"])).to_owned()
}

pub(crate) fn flag(random: &mut Random) -> String {
    (*random.pick(&["-O2", "-fno-strict-aliasing", "-Wno-unused", "/wd4996"])).to_owned()
}

/// Generates text that is shown to the user.
pub(crate) fn message(random: &mut Random) -> Text {
    let mut message = text(random, true);
    if let Some(TextPart::Literal(last)) = message.parts.last_mut() {
        last.push_str(random.pick::<&str>(&["\nsecond line", "\ttab\n", ""]));
    }
    message
}

pub(crate) fn source(random: &mut Random) -> PathRef {
    let path = RelativePath((*random.pick(&["a.c", "src/**/*.cpp", "größe.S", "x.o"])).to_owned());
    if random.chance(2) { PathRef::Package(path) } else { PathRef::OutDir(path) }
}
