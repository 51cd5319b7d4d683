//! The arguments for the linker, as rustc passes them to the compiler that links, or to `link.exe`.

use super::unlisted;
use super::value::{self, Value, Valued};
use crate::rules::{Refusal, path};
use crate::{Text, TextPart};

/// The treatment of a listed argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkArgument {
    /// Harmless: accepted without review.
    Common,
    /// The argument changes what is linked, or how the result is loaded; it belongs to the capability `link-arg`.
    Review,
}

/// The linkers that an argument is for. GNU linkers take a single option of Apple's or Windows' linkers for several
/// short options in one token, and the next token for a file to link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// Every linker accepts the argument with the same meaning, or refuses it.
    All,
    /// Only linkers for Apple's systems accept it.
    Apple,
    /// Only linkers for Windows accept it.
    Windows,
}

/// Returns the linkers that a listed argument is for; for any other target it is refused.
#[must_use]
pub fn link_argument_reader(argument: &str) -> Reader {
    if let Some(rest) = argument.strip_prefix("-Wl,") {
        return passed(rest).map_or(Reader::All, |(_, reader)| reader);
    }
    if OF_APPLE.contains(&argument) { Reader::Apple } else { Reader::All }
}

/// Returns the treatment of an argument. A path in it begins with `${out-dir}/` or `${manifest-dir}/`, written
/// exactly so.
///
/// # Errors
///
/// The argument is on no list.
pub fn link_argument(argument: &str) -> Result<LinkArgument, Refusal> {
    if let Some(rest) = argument.strip_prefix("-Wl,") {
        return passed(rest).map(|(verdict, _)| verdict).ok_or_else(|| refusal(argument));
    }
    if COMMON.contains(&argument)
        || value::any(COMMON_VALUED, argument)
        || msvc(argument, MSVC_COMMON, MSVC_COMMON_VALUED)
    {
        return Ok(LinkArgument::Common);
    }
    if REVIEW.contains(&argument)
        || value::any(REVIEW_VALUED, argument)
        || REVIEW_PATHS.iter().any(|prefix| argument.strip_prefix(prefix).is_some_and(is_path))
        || msvc(argument, &[], MSVC_REVIEW_VALUED)
        || MSVC_REVIEW_PATHS.iter().any(|prefix| {
            argument.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                && is_path(&argument[prefix.len()..])
        })
        || (is_path(argument) && OBJECTS.iter().any(|ending| argument.to_ascii_lowercase().ends_with(ending)))
    {
        return Ok(LinkArgument::Review);
    }
    Err(refusal(argument))
}

/// Checks an argument after `-Wl,` that a found library asks for by its `.pc` file or a variable of the user.
/// Accepted are the common arguments, and those that only libraries of the system may use, whose folders lie
/// anywhere.
///
/// # Errors
///
/// The argument is on no list.
pub fn library_argument(argument: &str) -> Result<(), Refusal> {
    let mut tokens = argument.strip_prefix("-Wl,").unwrap_or_default().split(',');
    while let Some(token) = tokens.next() {
        // An empty token remains where a framework was taken out of the list; it has no effect.
        if token.is_empty() {
            continue;
        }
        let common = PASSED.iter().filter(|row| row.2 == Common).map(|row| (row.0, row.1));
        common
            .chain(OF_LIBRARIES.iter().copied())
            .find_map(|row| taken(row, token, &mut tokens).map(drop))
            .ok_or_else(|| refusal(argument))?;
    }
    Ok(())
}

/// As [`link_argument`], for text with variables.
///
/// # Errors
///
/// The argument is on no list.
pub fn link_argument_text(text: &Text) -> Result<LinkArgument, Refusal> {
    let written: String = text
        .parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(literal) => literal.clone(),
            TextPart::Variable(name) if matches!(name.as_str(), "out-dir" | "manifest-dir") => {
                format!("${{{name}}}")
            }
            // The variable is a name or number of the build; none of these holds a comma, slash or space.
            TextPart::Variable(_) => "0".to_owned(),
        })
        .collect();
    // A literal `${out-dir}` (written `$${out-dir}`) does not mean the folder.
    if text.parts.iter().any(|part| matches!(part, TextPart::Literal(literal) if literal.contains("${"))) {
        return Err(refusal(&written));
    }
    link_argument(&written)
}

/// Returns common arguments from every row of the lists, for tests that try them on real linkers.
pub fn link_argument_samples() -> impl Iterator<Item = String> {
    let passed = PASSED.iter().filter(|row| row.2 == Common).flat_map(|(name, takes, _)| match takes {
        Takes::Value(value) => {
            // The row is written `-z now` or `--soname=x`.
            let before = match () {
                () if name.len() == 1 || APPLE.contains(name) => format!("-Wl,-{name},"),
                () => format!("-Wl,--{name}="),
            };
            value::samples_of(*value).into_iter().map(|value| format!("{before}{value}")).collect()
        }
        Takes::Nothing | Takes::Path | Takes::RunPath | Takes::Folder
            if APPLE.contains(name) || name.len() == 1 =>
        {
            vec![format!("-Wl,-{name}")]
        }
        Takes::Nothing | Takes::Path | Takes::RunPath | Takes::Folder => vec![format!("-Wl,--{name}")],
    });
    let common = COMMON.iter().map(ToString::to_string).chain(value::samples(COMMON_VALUED));
    let msvc = MSVC_COMMON.iter().map(ToString::to_string).chain(value::samples(MSVC_COMMON_VALUED));
    passed.chain(common).chain(msvc.map(|name| format!("/{name}")))
}

/// Returns the lists as Markdown, for the reference.
pub(crate) fn reference() -> String {
    use crate::schema::listed;
    let of_row = |name: &str, takes: Takes| match takes {
        Takes::Nothing => format!("`{name}`"),
        Takes::Value(value) => format!("`{name}` {}", value.describe()),
        Takes::Path => format!("`{name}` *path*"),
        Takes::Folder => format!("`{name}` *absolute folder*"),
        Takes::RunPath => format!("`{name}` *`$ORIGIN`, `@loader_path`, `@rpath` and below*"),
    };
    let passed = |of: LinkArgument| {
        let rows = PASSED.iter().filter(|row| row.2 == of).map(|(name, takes, _)| of_row(name, *takes));
        rows.collect::<Vec<_>>().join(", ")
    };
    let of_libraries: Vec<String> = OF_LIBRARIES.iter().map(|(name, takes)| of_row(name, *takes)).collect();
    format!(
        "Common:\n\n- {}, {}\n- after `-Wl,`: {}\n- MSVC: {}, {}\n\nReviewed:\n\n- {}, {}, {} *path*, *path* ending in {}\n\
         - after `-Wl,`: {}\n- MSVC: {}, {} *path*\n\nIn the file of a library that was found, after `-Wl,`, the common ones \
         and:\n\n- {}\n",
        listed(COMMON),
        value::describe(COMMON_VALUED),
        passed(Common),
        listed(MSVC_COMMON),
        value::describe(MSVC_COMMON_VALUED),
        listed(REVIEW),
        value::describe(REVIEW_VALUED),
        listed(REVIEW_PATHS),
        listed(OBJECTS),
        passed(Review),
        value::describe(MSVC_REVIEW_VALUED),
        listed(MSVC_REVIEW_PATHS),
        of_libraries.join(", "),
    )
}

/// Checks the tokens after `-Wl,` one by one, each with the value that it takes.
fn passed(rest: &str) -> Option<(LinkArgument, Reader)> {
    let mut verdict = (LinkArgument::Common, Reader::All);
    let mut tokens = rest.split(',');
    while let Some(token) = tokens.next() {
        let of_row = PASSED
            .iter()
            .find_map(|row| taken((row.0, row.1), token, &mut tokens).map(|reader| (row.2, reader)));
        let (argument, reader) = of_row?;
        verdict.0 = verdict.0.max(argument);
        // No linker accepts a list that is for two systems at once.
        verdict.1 = match (verdict.1, reader) {
            (Reader::All, reader) | (reader, Reader::All) => reader,
            (a, b) if a == b => a,
            _ => return None,
        };
    }
    Some(verdict)
}

/// Returns the linkers that the token is for if it belongs to the row and its value, in the token or the next one,
/// is valid.
fn taken(row: (&str, Takes), token: &str, tokens: &mut std::str::Split<'_, char>) -> Option<Reader> {
    let (of, takes) = row;
    let (name, double) = match token.strip_prefix("--") {
        Some(name) => (name, true),
        None => (token.strip_prefix('-')?, false),
    };
    let (single, apple, letter) = (SINGLE.contains(&of), APPLE.contains(&of), of.len() == 1);
    // After two dashes a linker reads the whole name, or refuses it. After one dash, a linker that does not know
    // the name splits it into short options.
    let reader = match (double, single, apple) {
        (true, ..) if letter => return None,
        (true, _, false) | (_, true, _) => Reader::All,
        (_, _, true) => Reader::Apple,
        (false, false, false) if WINDOWS.contains(&of) => Reader::Windows,
        (false, false, false) => return None,
    };
    let value = match takes {
        Takes::Nothing => return (name == of).then_some(reader),
        _ if name == of => None,
        _ if letter => return None,
        _ => Some(name.strip_prefix(of)?.strip_prefix('=')?),
    };
    // A linker that does not expect the value in a token of its own takes it for a file.
    let reader = match value {
        Some(_) => reader,
        None if PAIRED.contains(&of) => reader,
        None if apple => Reader::Apple,
        None if WINDOWS.contains(&of) => Reader::Windows,
        None => return None,
    };
    // The value is not consumed until it fits: another row of the same name may be meant.
    let mut ahead = tokens.clone();
    let text = match value {
        Some(text) => text,
        None => ahead.next()?,
    };
    let fits = match takes {
        Takes::Value(value) => value.accepts(text),
        Takes::Path => is_path(text),
        Takes::RunPath => is_run_path(text),
        Takes::Folder => is_run_path(text) || is_folder(text),
        Takes::Nothing => false,
    };
    if fits && value.is_none() {
        *tokens = ahead;
    }
    fits.then_some(reader)
}

/// Returns whether a text is an absolute folder.
fn is_folder(text: &str) -> bool {
    (text.starts_with('/') || text.as_bytes().get(1) == Some(&b':'))
        && text.len() <= crate::rules::MAX_WORD
        && !text.chars().any(char::is_control)
}

/// Returns whether a text is the path of a file in the package or OUT_DIR.
fn is_path(text: &str) -> bool {
    ["${out-dir}/", "${manifest-dir}/"].iter().any(|base| {
        text.strip_prefix(base)
            .is_some_and(|rest| path::check(rest).is_ok() && !rest.contains([',', ' ', '=', '$']))
    }) || matches!(text, "${out-dir}" | "${manifest-dir}")
}

/// Returns whether a text is a folder for search at run time: relative to the program, never absolute.
fn is_run_path(text: &str) -> bool {
    ["$ORIGIN", "@loader_path", "@executable_path", "@rpath"].iter().any(|base| {
        text.strip_prefix(base).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('/')
                    .is_some_and(|rest| rest.split('/').all(|part| part == ".." || path::check(part).is_ok()))
        })
    })
}

fn msvc(argument: &str, exact: &[&str], valued: &[Valued]) -> bool {
    // Only the form with `/` is accepted: after `-` a GNU driver reads the option too, and `-Brepro` would set the
    // folder of its programs.
    let Some(name) = argument.strip_prefix('/') else { return false };
    let upper = name.to_ascii_uppercase();
    exact.contains(&upper.as_str())
        || valued.iter().any(|(prefix, value)| {
            upper.starts_with(prefix)
                && (value.accepts(&name[prefix.len()..]) || value.accepts(&upper[prefix.len()..]))
        })
}

fn refusal(argument: &str) -> Refusal {
    let help = [
        ("-l", "write it as a `link` entry with `lib`"),
        ("-L", "write it as a `link` entry with `search`"),
        ("-framework", "write it as `lib = \"…\"` with `kind = \"framework\"`"),
        ("-fuse-ld", "the linker is the user's choice: `-C link-arg` in their configuration"),
        ("-B", "where programs are found is the user's choice"),
        ("-Xlinker", "nothing is passed through unread; write `-Wl,…`"),
        ("@", "write the arguments one by one"),
    ]
    .iter()
    .find(|(prefix, _)| argument.starts_with(prefix))
    .map_or(
        "only listed arguments are given to a linker; a path begins with `${out-dir}/` or `${manifest-dir}/`",
        |(_, help)| *help,
    );
    unlisted(argument, help)
}

/// The value that a token after `-Wl,` takes, as `name=value` or as the next token.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Nothing,
    Value(Value),
    Path,
    RunPath,
    /// Any absolute folder, for libraries of the system.
    Folder,
}

use LinkArgument::{Common, Review};

/// The keywords of `-z` (GNU ld, lld) that loaders read as no more than a property of the program.
#[rustfmt::skip] // many short words: a line each is no easier to read
const Z_KEYWORDS: &[&str] = &[
    "relro", "norelro", "now", "lazy", "noexecstack", "defs", "nodefs", "muldefs", "text", "notext",
    "nodelete", "nodlopen", "combreloc", "nocombreloc", "common", "nocommon", "separate-code",
    "noseparate-code", "nocopyreloc", "ibt", "shstk", "start-stop-gc", "nostart-stop-gc",
    "keep-text-section-prefix", "rodynamic", "pac-plt", "force-bti",
];

/// The names that all linkers of ELF systems accept after one dash; Apple's accept them in the same way, or refuse
/// them.
#[rustfmt::skip] // many short words: a line each is no easier to read
const SINGLE: &[&str] = &[
    "as-needed", "no-as-needed", "gc-sections", "no-gc-sections", "no-undefined", "allow-shlib-undefined",
    "no-allow-shlib-undefined", "allow-multiple-definition", "Bsymbolic", "Bsymbolic-functions", "Bstatic",
    "Bdynamic", "start-group", "end-group", "export-dynamic", "E", "no-export-dynamic", "exclude-libs",
    "enable-new-dtags", "disable-new-dtags", "build-id", "hash-style", "O1", "O2", "O3", "s", "S", "strip-all",
    "strip-debug", "pie", "no-pie", "whole-archive", "no-whole-archive", "z", "u", "undefined", "soname", "h", "init",
    "fini", "e", "entry", "defsym", "rpath", "rpath-link", "version-script", "T", "wrap", "R",
];

/// The names that take the next token as their value in all of those linkers.
#[rustfmt::skip] // many short words: a line each is no easier to read
const PAIRED: &[&str] = &[
    "exclude-libs", "hash-style", "z", "u", "undefined", "soname", "h", "init", "fini", "e", "entry", "rpath",
    "rpath-link", "version-script", "dynamic-list", "T", "script", "wrap", "defsym", "retain-symbols-file", "R",
];

/// The names that only Apple's linkers accept.
#[rustfmt::skip] // many short words: a line each is no easier to read
const APPLE: &[&str] = &[
    "exported_symbols_list", "unexported_symbols_list", "order_file", "dead_strip", "dead_strip_dylibs",
    "no_dead_strip_inits_and_terms", "ObjC", "all_load", "headerpad_max_install_names", "no_compact_unwind",
    "no_warn_duplicate_libraries", "ld_classic", "flat_namespace", "stack_size", "compatibility_version",
    "current_version", "exported_symbol", "install_name", "weak_framework", "framework", "export_dynamic",
    "search_paths_first", "bind_at_load",
];

/// The names that the linkers for Windows accept after one dash, too.
const WINDOWS: &[&str] = &[
    "subsystem",
    "stack",
    "large-address-aware",
    "dynamicbase",
    "nxcompat",
    "high-entropy-va",
    "kill-at",
    "enable-auto-import",
    "export-all-symbols",
];

/// The arguments of the compiler driver that have a meaning only for Apple's systems.
const OF_APPLE: &[&str] =
    &["-ObjC", "-dead_strip", "-all_load", "-undefined", "dynamic_lookup", "-flat_namespace", "-bundle"];

const PASSED: &[(&str, Takes, LinkArgument)] = &[
    ("as-needed", Takes::Nothing, Common),
    ("no-as-needed", Takes::Nothing, Common),
    ("gc-sections", Takes::Nothing, Common),
    ("no-gc-sections", Takes::Nothing, Common),
    ("no-undefined", Takes::Nothing, Common),
    ("allow-shlib-undefined", Takes::Nothing, Common),
    ("no-allow-shlib-undefined", Takes::Nothing, Common),
    ("allow-multiple-definition", Takes::Nothing, Common),
    ("Bsymbolic", Takes::Nothing, Common),
    ("Bsymbolic-functions", Takes::Nothing, Common),
    ("Bsymbolic-non-weak", Takes::Nothing, Common),
    ("Bstatic", Takes::Nothing, Common),
    ("Bdynamic", Takes::Nothing, Common),
    ("start-group", Takes::Nothing, Common),
    ("end-group", Takes::Nothing, Common),
    ("export-dynamic", Takes::Nothing, Common),
    ("E", Takes::Nothing, Common),
    ("no-export-dynamic", Takes::Nothing, Common),
    ("export-dynamic-symbol", Takes::Value(Value::Symbol), Common),
    ("exclude-libs", Takes::Value(Value::Word), Common),
    ("enable-new-dtags", Takes::Nothing, Common),
    ("disable-new-dtags", Takes::Nothing, Common),
    ("eh-frame-hdr", Takes::Nothing, Common),
    ("build-id", Takes::Nothing, Common),
    ("build-id", Takes::Value(Value::Of(&["none", "md5", "sha1", "uuid", "fast", "tree"])), Common),
    ("hash-style", Takes::Value(Value::Of(&["sysv", "gnu", "both"])), Common),
    (
        "compress-debug-sections",
        Takes::Value(Value::Of(&["none", "zlib", "zlib-gnu", "zlib-gabi", "zstd"])),
        Common,
    ),
    ("icf", Takes::Value(Value::Of(&["none", "safe", "all"])), Common),
    ("O1", Takes::Nothing, Common),
    ("O2", Takes::Nothing, Common),
    ("O3", Takes::Nothing, Common),
    ("s", Takes::Nothing, Common),
    ("S", Takes::Nothing, Common),
    ("strip-all", Takes::Nothing, Common),
    ("strip-debug", Takes::Nothing, Common),
    ("pie", Takes::Nothing, Common),
    ("no-pie", Takes::Nothing, Common),
    ("fatal-warnings", Takes::Nothing, Common),
    ("no-fatal-warnings", Takes::Nothing, Common),
    ("warn-common", Takes::Nothing, Common),
    ("whole-archive", Takes::Nothing, Common),
    ("no-whole-archive", Takes::Nothing, Common),
    ("push-state", Takes::Nothing, Common),
    ("pop-state", Takes::Nothing, Common),
    ("z", Takes::Value(Value::Of(Z_KEYWORDS)), Common),
    ("u", Takes::Value(Value::Symbol), Common),
    ("undefined", Takes::Value(Value::Symbol), Common),
    ("soname", Takes::Value(Value::Word), Common),
    ("h", Takes::Value(Value::Word), Common),
    ("wrap", Takes::Value(Value::Symbol), Review),
    ("init", Takes::Value(Value::Symbol), Review),
    ("fini", Takes::Value(Value::Symbol), Review),
    ("e", Takes::Value(Value::Symbol), Review),
    ("entry", Takes::Value(Value::Symbol), Review),
    ("defsym", Takes::Value(Value::Word), Review),
    ("rpath", Takes::RunPath, Review),
    ("version-script", Takes::Path, Review),
    ("dynamic-list", Takes::Path, Review),
    ("retain-symbols-file", Takes::Path, Review),
    ("script", Takes::Path, Review),
    ("T", Takes::Path, Review),
    ("exported_symbols_list", Takes::Path, Review),
    ("unexported_symbols_list", Takes::Path, Review),
    ("order_file", Takes::Path, Review),
    // Arguments of Apple's ld.
    ("dead_strip", Takes::Nothing, Common),
    ("dead_strip_dylibs", Takes::Nothing, Common),
    ("no_dead_strip_inits_and_terms", Takes::Nothing, Common),
    ("ObjC", Takes::Nothing, Common),
    ("all_load", Takes::Nothing, Common),
    ("headerpad_max_install_names", Takes::Nothing, Common),
    ("no_compact_unwind", Takes::Nothing, Common),
    ("no_warn_duplicate_libraries", Takes::Nothing, Common),
    ("ld_classic", Takes::Nothing, Common),
    ("flat_namespace", Takes::Nothing, Review),
    ("stack_size", Takes::Value(Value::Word), Common),
    ("compatibility_version", Takes::Value(Value::Version), Common),
    ("current_version", Takes::Value(Value::Version), Common),
    ("exported_symbol", Takes::Value(Value::Symbol), Common),
    ("install_name", Takes::RunPath, Review),
    ("weak_framework", Takes::Value(Value::Word), Review),
    // Arguments for Windows by GNU's driver, and for wasm.
    ("subsystem", Takes::Value(Value::Word), Common),
    ("stack", Takes::Value(Value::Word), Common),
    ("large-address-aware", Takes::Nothing, Common),
    ("dynamicbase", Takes::Nothing, Common),
    ("nxcompat", Takes::Nothing, Common),
    ("high-entropy-va", Takes::Nothing, Common),
    ("kill-at", Takes::Nothing, Common),
    ("enable-auto-import", Takes::Nothing, Common),
    ("export-all-symbols", Takes::Nothing, Common),
    ("no-entry", Takes::Nothing, Common),
    ("export", Takes::Value(Value::Symbol), Common),
    ("import-memory", Takes::Nothing, Common),
    ("export-memory", Takes::Nothing, Common),
    ("export-table", Takes::Nothing, Common),
    ("import-table", Takes::Nothing, Common),
    ("growable-table", Takes::Nothing, Common),
    ("shared-memory", Takes::Nothing, Common),
    ("allow-undefined", Takes::Nothing, Common),
    ("stack-first", Takes::Nothing, Common),
    ("initial-memory", Takes::Value(Value::Number), Common),
    ("max-memory", Takes::Value(Value::Number), Common),
    ("nmagic", Takes::Nothing, Common),
    ("omagic", Takes::Nothing, Common),
];

/// The arguments that only a library that was found may use in addition: it belongs to the system or the user, and
/// its folders lie outside the build.
const OF_LIBRARIES: &[(&str, Takes)] = &[
    ("rpath", Takes::Folder),
    ("R", Takes::Folder),
    ("rpath-link", Takes::Folder),
    ("wrap", Takes::Value(Value::Symbol)),
    ("defsym", Takes::Value(Value::Word)),
    ("framework", Takes::Value(Value::Word)),
    ("weak_framework", Takes::Value(Value::Word)),
    ("copy-dt-needed-entries", Takes::Nothing),
    ("no-copy-dt-needed-entries", Takes::Nothing),
    // Arguments of Apple's ld.
    ("export_dynamic", Takes::Nothing),
    ("search_paths_first", Takes::Nothing),
    ("bind_at_load", Takes::Nothing),
];

#[rustfmt::skip] // many short words: a line each is no easier to read
const COMMON: &[&str] = &[
    "-rdynamic", "-pthread", "-static-libgcc", "-static-libstdc++", "-static-pie", "-no-pie", "-pie",
    "-nopie", "-s", "-ObjC", "-dead_strip", "-all_load", "-nostartfiles", "-nodefaultlibs", "-nostdlib",
    "-mwindows", "-mconsole", "-municode", "--export-dynamic", "--gc-sections", "--no-gc-sections",
    "--as-needed", "--nmagic", "-nmagic", "--no-entry", "--import-memory", "--export-memory",
    "--export-table", "--import-table", "--growable-table", "--shared-memory", "--allow-undefined",
    "--stack-first", "--export-dynamic", "-znoexecstack", "-zrelro", "-znow", "-O0", "-O1", "-O2", "-O3",
    "-Os",
];

const COMMON_VALUED: &[Valued] = &[
    ("--export=", Value::Symbol),
    ("--export-if-defined=", Value::Symbol),
    ("--initial-memory=", Value::Number),
    ("--max-memory=", Value::Number),
    ("-zstack-size=", Value::Number),
    ("-mmacosx-version-min=", Value::Version),
    ("-fsanitize=", Value::Of(&["address", "undefined", "thread", "memory", "leak", "fuzzer"])),
];

const REVIEW: &[&str] = &[
    "-undefined",
    "dynamic_lookup",
    "-static",
    "-shared",
    "-flat_namespace",
    "-bundle",
    "-nolibc",
    "--relocatable",
    "-r",
];

const REVIEW_VALUED: &[Valued] =
    &[("-e", Value::Symbol), ("--entry=", Value::Symbol), ("--defsym=", Value::Word), ("-T", Value::Word)];

const REVIEW_PATHS: &[&str] = &["-T", "--script=", "--version-script=", "--dynamic-list=", "-Wl,-T"];

/// The endings of objects and resources that are given by their path.
const OBJECTS: &[&str] = &[".o", ".obj", ".a", ".lib", ".res"];

#[rustfmt::skip] // many short words: a line each is no easier to read
const MSVC_COMMON: &[&str] = &[
    "NOLOGO", "DEBUG", "DEBUG:FULL", "DEBUG:NONE", "DEBUG:FASTLINK", "OPT:REF", "OPT:NOREF", "OPT:ICF",
    "OPT:NOICF", "OPT:REF,ICF", "INCREMENTAL", "INCREMENTAL:NO", "DYNAMICBASE", "DYNAMICBASE:NO",
    "NXCOMPAT", "NXCOMPAT:NO", "LARGEADDRESSAWARE", "LARGEADDRESSAWARE:NO", "HIGHENTROPYVA",
    "HIGHENTROPYVA:NO", "GUARD:CF", "GUARD:NO", "CETCOMPAT", "CETCOMPAT:NO", "LTCG", "LTCG:OFF",
    "FORCE:MULTIPLE", "FORCE:UNRESOLVED", "MANIFEST:NO", "MANIFEST:EMBED", "MANIFESTUAC:NO", "WX", "WX:NO",
    "BREPRO", "SAFESEH", "SAFESEH:NO", "RELEASE", "IGNORE:4217", "NOENTRY", "TSAWARE",
    "DEPENDENTLOADFLAG:0X800", "NODEFAULTLIB",
];

const MSVC_COMMON_VALUED: &[Valued] = &[
    (
        "SUBSYSTEM:",
        Value::ListOf(&[
            "CONSOLE",
            "WINDOWS",
            "NATIVE",
            "POSIX",
            "EFI_APPLICATION",
            "5.01",
            "5.02",
            "6.00",
            "6.01",
            "6.02",
            "10.0",
        ]),
    ),
    ("STACK:", Value::Word),
    ("HEAP:", Value::Word),
    ("IGNORE:", Value::Number),
    ("NODEFAULTLIB:", Value::Word),
    ("EXPORT:", Value::Symbol),
    ("INCLUDE:", Value::Symbol),
    ("VERSION:", Value::Version),
    ("DEPENDENTLOADFLAG:", Value::Word),
];

const MSVC_REVIEW_VALUED: &[Valued] = &[
    ("ENTRY:", Value::Symbol),
    ("DEFAULTLIB:", Value::Word),
    ("DELAYLOAD:", Value::Word),
    ("ALTERNATENAME:", Value::Word),
    ("MERGE:", Value::Word),
    ("SECTION:", Value::Word),
    ("BASE:", Value::Word),
];

const MSVC_REVIEW_PATHS: &[&str] = &["/DEF:", "/MANIFESTINPUT:", "/WHOLEARCHIVE:", "/NATVIS:", "/ORDER:@"];

#[cfg(test)]
mod tests {
    use super::{LinkArgument, link_argument};

    #[test]
    fn verdicts() {
        for argument in [
            "-Wl,--as-needed",
            "-Wl,-z,relro,-z,now",
            "-rdynamic",
            "/SUBSYSTEM:WINDOWS",
            "-Wl,-soname,libx.so.1",
            "-Wl,--build-id=sha1",
            "-Wl,--build-id",
        ] {
            assert_eq!(link_argument(argument), Ok(LinkArgument::Common), "{argument}");
        }
        for argument in [
            "-Wl,-rpath,$ORIGIN/../lib",
            "-T${out-dir}/link.x",
            "-Wl,--version-script=${manifest-dir}/x.map",
            "${out-dir}/a.res",
            "/DEF:${manifest-dir}/x.def",
        ] {
            assert_eq!(link_argument(argument), Ok(LinkArgument::Review), "{argument}");
        }
        for argument in [
            "-Wl,-plugin,x.so",
            "-Wl,-rpath,/tmp",
            "-fuse-ld=bfd",
            "-wrapper",
            "@args",
            "-specs=x",
            "-Wl,-Map,/tmp/x",
            "-Wl,--as-needed,-o,/tmp/x",
            "-Wl,",
            "-Wl,-T,/tmp/x",
            "-B.",
            "-Wl,@file",
            "-Xlinker",
            "-Wl,-z",
            "-o",
            "/OUT:x",
            "-T${out-dir}/../x",
            "-Wl,-dynamic-linker,/tmp/ld",
            "--sysroot=/x",
        ] {
            assert!(link_argument(argument).is_err(), "{argument}");
        }
    }
}
