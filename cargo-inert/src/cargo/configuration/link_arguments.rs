//! The closed list of arguments for the linker that the tree's configuration may give, in flags. Arguments that a
//! declaration may give without review are allowed too ([`inert_manifest_spec::rules::flags`]); the others are those
//! that applications need for their own programs, such as the choice of the linker and the size of the stack.
//!
//! An argument may have another meaning to another linker. So a value has to be in the same argument as its option,
//! except for arguments that only Apple's linkers get; an argument that GNU's linker would split is allowed only for
//! the linker that knows it.

use inert_manifest_spec::rules::flags::{LinkArgument, Reader, link_argument, link_argument_reader};
use inert_manifest_spec::rules::{libraries, names};

use super::flags::is_word;
use super::programs::{LINKERS, Named};
use super::scope::Scope;

/// The value that may follow the beginning of an argument.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Nothing,
    Number,
    Word,
    Symbol,
    /// A folder of the system, or one below the program's own.
    RunPath,
    /// A folder of the system.
    Folder,
    /// A linker by the short name that compilers have for it, or by its path.
    Linker,
    /// A linker by its name or path.
    Program,
    /// The plain name of a library.
    Library,
    /// A file of the tree, which the linker reads.
    File,
    /// A library of the system, by its name.
    SystemLibrary,
    /// The name of a linker script, without a path.
    Script,
    /// A keyword of `-z`.
    Keyword,
}

/// The targets for which an argument is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    All,
    /// Only if the key says that the target is Apple's.
    Apple,
    /// Only if the key says that the target has no operating system.
    Bare,
    /// Only if the same list selects LLVM's linker.
    Lld,
    /// Only if the key says that the target's linkers are those of ELF systems.
    Elf,
}

type Row = (&'static str, Takes, For);

/// The arguments for the program that links.
const WORDS: &[Row] = &[
    ("-fuse-ld=", Takes::Linker, For::All),
    ("--ld-path=", Takes::Program, For::All),
    ("-l", Takes::Library, For::All),
    ("-L", Takes::Folder, For::All),
    ("-static", Takes::Nothing, For::All),
    ("-shared-libgcc", Takes::Nothing, For::All),
    ("-nolibc", Takes::Nothing, For::All),
    ("-m32", Takes::Nothing, For::All),
    ("-m64", Takes::Nothing, For::All),
    ("-mthumb", Takes::Nothing, For::All),
    ("-march=", Takes::Word, For::All),
    ("-mcpu=", Takes::Word, For::All),
    ("-mfpu=", Takes::Word, For::All),
    ("-mabi=", Takes::Word, For::All),
    ("-mfloat-abi=", Takes::Word, For::All),
    ("-mmcu=", Takes::Word, For::All),
    ("-mtune=", Takes::Word, For::All),
    ("-miphoneos-version-min=", Takes::Word, For::All),
    ("-mios-version-min=", Takes::Word, For::All),
    ("-mmacos-version-min=", Takes::Word, For::All),
    ("--target=", Takes::Word, For::All),
    ("--sysroot=", Takes::Folder, For::All),
    ("-stdlib=", Takes::Word, For::All),
    ("-rtlib=", Takes::Word, For::All),
    ("--rtlib=", Takes::Word, For::All),
    ("-unwindlib=", Takes::Word, For::All),
    ("--unwindlib=", Takes::Word, For::All),
    ("-fsanitize=", Takes::Word, For::All),
    ("-fno-lto", Takes::Nothing, For::All),
    ("-znow", Takes::Nothing, For::All),
    ("-zstack-size=", Takes::Number, For::All),
    ("-zmax-page-size=", Takes::Number, For::All),
    ("--no-rosegment", Takes::Nothing, For::All),
    ("--error-limit=", Takes::Number, For::All),
    ("--export-table", Takes::Nothing, For::All),
    ("--global-base=", Takes::Number, For::All),
    ("--initial-heap=", Takes::Number, For::All),
    ("--features=", Takes::Word, For::All),
    ("--no-check-features", Takes::Nothing, For::All),
    ("--no-gc-sections", Takes::Nothing, For::All),
    ("--build-id=", Takes::Word, For::All),
    ("-icf=", Takes::Word, For::Lld),
    ("--icf=", Takes::Word, For::All),
    ("-T", Takes::Script, For::Bare),
    ("--script=", Takes::Script, For::Bare),
    ("--omagic", Takes::Nothing, For::All),
    ("-s", Takes::Nothing, For::All),
    // Settings of Emscripten, with plain values.
    ("-sALLOW_MEMORY_GROWTH", Takes::Nothing, For::All),
    ("-sALLOW_MEMORY_GROWTH=", Takes::Number, For::All),
    ("-sINITIAL_MEMORY=", Takes::Word, For::All),
    ("-sMAXIMUM_MEMORY=", Takes::Word, For::All),
    ("-sSTACK_SIZE=", Takes::Word, For::All),
    ("-sUSE_PTHREADS=", Takes::Number, For::All),
    // Options of Microsoft's linker. Others read an argument with a slash as a file at the root of the system.
    ("/STACK:", Takes::Word, For::All),
    ("-stack:", Takes::Number, For::All),
    ("-STACK:", Takes::Number, For::All),
    ("/HEAP:", Takes::Word, For::All),
    ("/FORCE", Takes::Nothing, For::All),
    ("/FORCE:MULTIPLE", Takes::Nothing, For::All),
    ("/FORCE:UNRESOLVED", Takes::Nothing, For::All),
    ("/DEFAULTLIB:", Takes::SystemLibrary, For::All),
    ("/NODEFAULTLIB:", Takes::Word, For::All),
    ("/DELAYLOAD:", Takes::Word, For::All),
    ("/ENTRY:", Takes::Symbol, For::All),
    ("/EXPORT:", Takes::Symbol, For::All),
    ("/MACHINE:", Takes::Word, For::All),
    ("/PDBALTPATH:", Takes::Word, For::All),
    ("/DEBUG:", Takes::Word, For::All),
    ("/ALIGN:", Takes::Number, For::All),
    ("/FILEALIGN:", Takes::Number, For::All),
    ("/MERGE:", Takes::Word, For::All),
    ("/DYNAMICBASE:NO", Takes::Nothing, For::All),
];

/// The arguments that are passed on by `-Wl,`.
const PASSED: &[Row] = &[
    ("--no-rosegment", Takes::Nothing, For::All),
    ("--rosegment", Takes::Nothing, For::All),
    ("--warn-unresolved-symbols", Takes::Nothing, For::All),
    ("--error-unresolved-symbols", Takes::Nothing, For::All),
    ("--unresolved-symbols=", Takes::Word, For::All),
    ("--threads", Takes::Nothing, For::All),
    ("--threads=", Takes::Number, For::All),
    ("--no-threads", Takes::Nothing, For::All),
    ("--thread-count=", Takes::Number, For::All),
    ("--gdb-index", Takes::Nothing, For::All),
    ("--no-gdb-index", Takes::Nothing, For::All),
    ("--emit-relocs", Takes::Nothing, For::All),
    ("-q", Takes::Nothing, For::All),
    ("--no-keep-memory", Takes::Nothing, For::All),
    ("--no-map-whole-files", Takes::Nothing, For::All),
    ("--reduce-memory-overheads", Takes::Nothing, For::All),
    ("--print-gc-sections", Takes::Nothing, For::All),
    ("--print-memory-usage", Takes::Nothing, For::All),
    ("--stats", Takes::Nothing, For::All),
    ("--no-warn-search-mismatch", Takes::Nothing, For::All),
    ("--no-warnings", Takes::Nothing, For::All),
    ("--no-mmap-output-file", Takes::Nothing, For::All),
    ("--pack-dyn-relocs=", Takes::Word, For::All),
    ("--pack-relative-relocs", Takes::Nothing, For::All),
    ("--entry=", Takes::Symbol, For::All),
    ("--defsym=", Takes::Word, For::All),
    ("--wrap=", Takes::Symbol, For::All),
    ("--undefined=", Takes::Symbol, For::All),
    ("--undefined-version", Takes::Nothing, For::All),
    ("--no-undefined-version", Takes::Nothing, For::All),
    ("--image-base=", Takes::Word, For::All),
    ("--export-dynamic-symbol=", Takes::Word, For::All),
    ("--version-script=", Takes::File, For::All),
    ("--dynamic-list=", Takes::File, For::All),
    ("--rpath=", Takes::RunPath, For::All),
    ("--sort-section=", Takes::Word, For::All),
    ("--symbol-ordering-file=", Takes::File, For::All),
    ("-R/", Takes::Folder, For::All),
    ("-L/", Takes::Folder, For::All),
    ("-l", Takes::Library, For::All),
    ("-znocompstrtab", Takes::Nothing, For::All),
    ("-zstack-size=", Takes::Number, For::All),
    ("-zmax-page-size=", Takes::Number, For::All),
    ("-znow", Takes::Nothing, For::All),
    ("-zrelro", Takes::Nothing, For::All),
    ("-no_fixup_chains", Takes::Nothing, For::Apple),
    ("-no_exported_symbols", Takes::Nothing, For::Apple),
    ("-export_dynamic", Takes::Nothing, For::Apple),
    ("-search_paths_first", Takes::Nothing, For::Apple),
    ("-no_uuid", Takes::Nothing, For::Apple),
    ("-no_deduplicate", Takes::Nothing, For::Apple),
    ("-T", Takes::Script, For::Bare),
    ("--script=", Takes::Script, For::Bare),
    ("--nmagic", Takes::Nothing, For::All),
    ("--omagic", Takes::Nothing, For::All),
];

/// The arguments after `-Wl,` whose value is the next one, in all linkers that get these.
const PASSED_PAIRS: &[Row] = &[
    ("-rpath", Takes::RunPath, For::All),
    ("--rpath", Takes::RunPath, For::All),
    ("-undefined", Takes::Word, For::Apple),
    ("-framework", Takes::Library, For::Apple),
    ("-weak_framework", Takes::Library, For::Apple),
];

/// The arguments whose value is the next argument.
const PAIRS: &[Row] = &[
    ("-undefined", Takes::Word, For::Apple),
    ("-framework", Takes::Library, For::Apple),
    ("-weak_framework", Takes::Library, For::Apple),
    ("-arch", Takes::Word, For::Apple),
    // To other linkers the keyword is a file.
    ("-z", Takes::Keyword, For::Elf),
];

/// The keywords of `-z KEYWORD` and `-z KEYWORD=NUMBER` after `-Wl,`, in addition to those of declarations.
const KEYWORDS: &[&str] =
    &["pack-relative-relocs", "nopack-relative-relocs", "nocompstrtab", "origin", "initfirst"];
const NUMBERED: &[&str] = &["stack-size=", "max-page-size=", "common-page-size=", "start-stop-visibility="];

/// A row for the reference: the argument, what follows it, and whose keys it is for.
type Shown = (&'static str, &'static str, &'static str);

/// The lists by heading, for the reference.
pub(super) fn rows() -> Vec<(&'static str, Vec<Shown>)> {
    let of = |rows: &[Row]| {
        rows.iter().map(|(name, takes, reader)| (*name, takes.shown(), reader.shown())).collect()
    };
    vec![
        ("Words as whatever links is given them", of(WORDS)),
        ("Words with the next one as their value", of(PAIRS)),
        ("Behind `-Wl,`", of(PASSED)),
        ("Behind `-Wl,`, with the next one as their value", of(PASSED_PAIRS)),
    ]
}

/// Returns what is wrong with a list of arguments; `None` if it is harmless.
#[must_use]
pub fn objection(words: &[String], scope: &Scope<'_>) -> Option<String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let of = |why: &str| Some(format!("`{word}` {why}"));
        if let Some(passed) = word.strip_prefix("-Wl,") {
            if let Some(token) = passed_objection(passed, scope) {
                return of(&format!(
                    "holds `{token}`, which is not on the list of linker arguments{}",
                    help(token, scope)
                ));
            }
            continue;
        }
        if let Some(row) = PAIRS.iter().find(|row| row.0 == word && row.2.fits(scope)) {
            let value = rest.next().map(String::as_str).unwrap_or_default();
            if row.1.accepts(value, scope) {
                continue;
            }
            return of("lacks a value that is on the list of linker arguments");
        }
        // The linker copies the file into the program.
        if word == "-sectcreate" && scope.only.apple {
            let values: Vec<&String> = rest.by_ref().take(3).collect();
            let file = |text: &str| text == "/dev/null" || Takes::File.accepts(text, scope);
            if let [segment, section, path] = values[..]
                && is_word(segment)
                && is_word(section)
                && file(path)
            {
                continue;
            }
            return of("lacks a value that is on the list of linker arguments");
        }
        if !accepted(word, WORDS, scope) && !common(word, scope) {
            return of(&format!("is not on the list of linker arguments{}", help(word, scope)));
        }
    }
    None
}

/// Returns the first argument after `-Wl,` that is on no list.
fn passed_objection<'a>(passed: &'a str, scope: &Scope<'_>) -> Option<&'a str> {
    let mut tokens = passed.split(',').peekable();
    while let Some(token) = tokens.next() {
        let pair = PASSED_PAIRS.iter().find(|row| row.0 == token && row.2.fits(scope));
        let taken = match (pair, token, tokens.peek()) {
            (Some(row), _, Some(value)) => row.1.accepts(value, scope),
            (None, "-z", Some(value)) if keyword(value) => true,
            _ => false,
        };
        if taken {
            let _ = tokens.next();
            continue;
        }
        if accepted(token, PASSED, scope) || common(&format!("-Wl,{token}"), scope) {
            continue;
        }
        // `-soname,libx.so` in the form of declarations.
        if let Some(value) = tokens.peek()
            && common(&format!("-Wl,{token},{value}"), scope)
        {
            let _ = tokens.next();
            continue;
        }
        return Some(token);
    }
    None
}

fn keyword(text: &str) -> bool {
    KEYWORDS.contains(&text)
        || NUMBERED.iter().any(|name| {
            text.strip_prefix(name)
                .is_some_and(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric()))
        })
}

/// Returns whether a declaration may give the argument without review. A declaration has variables for folders, which a
/// linker would read as text.
fn common(word: &str, scope: &Scope<'_>) -> bool {
    !word.contains("${")
        && link_argument(word) == Ok(LinkArgument::Common)
        && match link_argument_reader(word) {
            Reader::All => true,
            Reader::Apple => scope.only.apple,
            Reader::Windows => false,
        }
}

fn accepted(word: &str, rows: &[Row], scope: &Scope<'_>) -> bool {
    rows.iter().any(|(name, takes, reader)| {
        let rest = match word.get(..name.len()) {
            Some(start) if start == *name => &word[name.len()..],
            // Microsoft's options ignore case.
            Some(start) if name.starts_with('/') && start.eq_ignore_ascii_case(name) => &word[name.len()..],
            _ => return false,
        };
        // The slash of `-R/` belongs to the value.
        let rest = if name.ends_with('/') { &word[name.len() - 1..] } else { rest };
        reader.fits(scope) && takes.accepts(rest, scope)
    })
}

impl For {
    fn shown(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Apple => "Apple's systems",
            Self::Bare => "targets without a system",
            Self::Lld => "lists that name LLVM's linker",
            Self::Elf => "Linux, the BSDs, illumos, Fuchsia, Redox",
        }
    }

    fn fits(self, scope: &Scope<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Apple => scope.only.apple,
            Self::Bare => scope.only.bare,
            Self::Lld => scope.lld,
            Self::Elf => scope.only.elf,
        }
    }
}

impl Takes {
    fn shown(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Number => "a number",
            Self::Word => "a word without a path",
            Self::Symbol => "a symbol",
            Self::RunPath => {
                "a folder of the system's, or one from `$ORIGIN`, `@loader_path`, `@executable_path` or `@rpath`"
            }
            Self::Folder => "a folder of the system's",
            Self::Linker => "bfd, gold, lld, mold or wild, or a linker's path in a folder of the system's",
            Self::Program => {
                "a linker's bare name, found outside of the tree, or its path in a folder of the system's"
            }
            Self::Library => "a library's plain name",
            Self::File => "a file of the tree",
            Self::SystemLibrary => "a library of the system's, by its name",
            Self::Script => "a linker script's bare name",
            Self::Keyword => "a keyword that may stand behind `-Wl,-z,`",
        }
    }

    fn accepts(self, text: &str, scope: &Scope<'_>) -> bool {
        match self {
            Self::Nothing => text.is_empty(),
            Self::Number => {
                !text.is_empty()
                    && text.strip_prefix("0x").unwrap_or(text).bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Self::Word => is_word(text) && !text.starts_with('-'),
            Self::Symbol => {
                text.chars().all(|c| c.is_ascii_alphanumeric() || "_$.?@".contains(c))
                    && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '?')
            }
            Self::RunPath => is_below_the_program(text) || Self::Folder.accepts(text, scope),
            Self::Folder => !text.contains([',', ' ']) && scope.places.is_of_the_system(text),
            Self::Linker => {
                // For a short name the compiler looks for `ld.<name>`.
                let short = ["bfd", "gold", "lld", "mold", "wild"].contains(&text);
                let program = if short { format!("ld.{text}") } else { text.to_owned() };
                (short || text.contains(['/', '\\']))
                    && scope.programs.named(&program, &Named::Any(LINKERS)).is_ok()
            }
            Self::Program => scope.programs.named(text, &Named::Any(LINKERS)).is_ok(),
            Self::Library => names::is_link_name(text),
            Self::File => !text.contains([',', ' ']) && scope.places.is_of_the_tree(text),
            Self::SystemLibrary => {
                let name = text.strip_suffix(".lib").or_else(|| text.strip_suffix(".LIB")).unwrap_or(text);
                names::is_link_name(text)
                    && (RUNTIMES.contains(&&*name.to_ascii_lowercase()) || libraries::is_reserved(name))
            }
            Self::Script => names::is_link_name(text) && text.contains('.'),
            Self::Keyword => keyword(text) || common(&format!("-Wl,-z,{text}"), scope),
        }
    }
}

/// The runtime libraries of Microsoft's compiler.
const RUNTIMES: &[&str] = &[
    "libcmt",
    "libcmtd",
    "libvcruntime",
    "libvcruntimed",
    "libucrt",
    "libucrtd",
    "msvcrt",
    "msvcrtd",
    "ucrt",
    "ucrtd",
    "vcruntime",
    "vcruntimed",
    "oldnames",
    "legacy_stdio_definitions",
    "onecore",
    "onecore_apiset",
    "onecoreuap",
];

/// Returns whether a path is relative to the program, with any folder after that.
fn is_below_the_program(text: &str) -> bool {
    ["$ORIGIN", "@loader_path", "@executable_path", "@rpath"].iter().any(|base| {
        text.strip_prefix(base).is_some_and(|rest| {
            (rest.is_empty() || rest.starts_with('/'))
                && rest.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-+".contains(c))
        })
    })
}

fn help(word: &str, scope: &Scope<'_>) -> &'static str {
    let of = |rows: &[Row]| rows.iter().any(|row| word.starts_with(row.0) && !row.2.fits(scope));
    if of(WORDS) || of(PASSED) || of(PAIRS) || of(PASSED_PAIRS) {
        return " for every target; write it below the target that it is for, `[target.<triple>]`";
    }
    let starts = [
        "-B", "--prefix", "-specs", "--specs", "-wrapper", "-fplugin", "-plugin", "--plugin", "@", "-Xclang",
    ];
    if starts.iter().any(|start| word.starts_with(start)) {
        return "; it would start a program or load code";
    }
    ""
}
