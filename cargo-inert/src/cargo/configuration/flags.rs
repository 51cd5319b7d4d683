//! The closed list of flags for rustc and rustdoc that the tree's configuration may give. None of them loads code into
//! the compiler, names a file that it writes, or reaches the arguments of the linker (which [`super::link_arguments`]
//! judges).
//!
//! A list of flags is judged option by option, as the compiler reads it ([`super::getopts`]). A list in which each
//! option is complete keeps its meaning when Cargo appends it to another.

use super::getopts::{self, Given};
use super::link_arguments;
use super::places::Places;
use super::programs::{LINKERS, Named};
use super::scope::Scope;

/// The values that an option accepts after `=`. Each option may also have no value, which means "on".
#[derive(Debug, Clone, Copy)]
enum Takes {
    /// `y`, `n`, `yes`, `off`, `true`, …: see `SWITCH`.
    Switch,
    /// A number in decimal digits.
    Number,
    /// Letters, digits and `+ - _ . , : = ~`, so that the value cannot be a path; see `is_word`.
    Word,
    /// One of the listed values.
    Of(&'static [&'static str]),
}

impl Takes {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Switch => SWITCH.contains(&value),
            Self::Number => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Word => is_word(value),
            Self::Of(words) => words.contains(&value),
        }
    }
}

impl Takes {
    /// Behind the option's name.
    fn shown(self) -> &'static str {
        match self {
            Self::Switch => "[=yes|no]",
            Self::Number => "=<number>",
            Self::Word => "=<word>",
            Self::Of(_) => "=<one of a list>",
        }
    }
}

const SWITCH: &[&str] = &["y", "yes", "on", "true", "n", "no", "off", "false"];

/// Returns whether a value cannot be a path: it has no separator, is not made of dots only, and is no argument file
/// (`@…`).
pub(super) fn is_word(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 1024
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "+-_.,:=~".contains(c))
        && value.chars().any(|c| c.is_ascii_alphanumeric())
        && !value.contains("..")
}

use Takes::{Number, Of, Switch, Word};

/// The options of `-C` (the rustc book, "Codegen Options"), except those that [`codegen`] judges.
#[rustfmt::skip] // a table: a row each is easier to compare with the book
const CODEGEN: &[(&str, Takes)] = &[
    ("code-model", Word), ("codegen-units", Number), ("collapse-macro-debuginfo", Word),
    ("control-flow-guard", Word), ("debug-assertions", Switch), ("debuginfo", Word),
    ("default-linker-libraries", Switch), ("dwarf-version", Number), ("embed-bitcode", Switch),
    ("force-frame-pointers", Word), ("force-unwind-tables", Switch), ("inline-threshold", Number),
    ("instrument-coverage", Word), ("jump-tables", Switch), ("link-dead-code", Switch),
    ("link-self-contained", Word), ("linker-features", Word), ("linker-flavor", Of(FLAVORS)),
    ("linker-plugin-lto", Switch), ("lto", Word), ("metadata", Word), ("no-prepopulate-passes", Switch),
    ("no-redzone", Switch), ("no-stack-check", Switch), ("no-vectorize-loops", Switch),
    ("no-vectorize-slp", Switch), ("opt-level", Word), ("overflow-checks", Switch), ("panic", Word),
    ("prefer-dynamic", Switch), ("relocation-model", Word), ("relro-level", Word), ("remark", Word),
    ("rpath", Switch), ("save-temps", Switch), ("soft-float", Switch), ("split-debuginfo", Word),
    ("strip", Word), ("symbol-mangling-version", Word), ("target-cpu", Word), ("target-feature", Word),
    ("unsafe-allow-abi-mismatch", Word),
];

/// The values of `linker-flavor`: how rustc passes arguments to the linker. The only linkers that rustc starts by
/// itself for them are part of its toolchain.
const FLAVORS: &[&str] = &[
    "em",
    "gcc",
    "gnu",
    "gnu-cc",
    "gnu-lld",
    "gnu-lld-cc",
    "ld",
    "ld.lld",
    "ld64.lld",
    "darwin",
    "darwin-cc",
    "darwin-lld",
    "darwin-lld-cc",
    "lld-link",
    "msvc",
    "msvc-lld",
    "unix",
    "unix-cc",
    "wasm-ld",
    "wasm-lld",
    "wasm-lld-cc",
    "bpf-linker",
    "bpf",
    "ptx-linker",
    "ptx",
    "llbc",
];

/// The options of `-Z` (`rustc -Z help`), except those that [`unstable`] judges. Stable rustc accepts none of them.
#[rustfmt::skip] // a table
const UNSTABLE: &[(&str, Takes)] = &[
    ("allow-features", Word), ("annotate-moves", Word), ("box-noalias", Switch), ("branch-protection", Word),
    ("cf-protection", Word), ("check-cfg-all-expected", Switch), ("codegen-backend", Of(BACKENDS)),
    ("contract-checks", Switch), ("cross-crate-inline-threshold", Word), ("debug-info-for-profiling", Switch),
    ("debuginfo-compression", Word), ("deduplicate-diagnostics", Switch), ("default-visibility", Word),
    ("direct-access-external-data", Switch), ("dwarf-version", Number), ("dylib-lto", Switch),
    ("ehcont-guard", Switch), ("embed-metadata", Switch), ("embed-source", Switch), ("emit-stack-sizes", Switch),
    ("emscripten-wasm-eh", Switch), ("export-executable-symbols", Switch), ("extra-const-ub-checks", Switch),
    ("fewer-names", Switch), ("fixed-x18", Switch), ("flatten-format-args", Switch), ("fmt-debug", Word),
    ("function-return", Word), ("function-sections", Switch), ("gcc-ld", Of(&["lld"])), ("has-thread-local", Switch),
    ("higher-ranked-assumptions", Switch), ("hint-mostly-unused", Switch), ("human-readable-cgu-names", Switch),
    ("incremental-ignore-spans", Switch), ("incremental-info", Switch), ("incremental-verify-ich", Switch),
    ("indirect-branch-cs-prefix", Switch), ("inline-llvm", Switch), ("inline-mir", Switch),
    ("inline-mir-forwarder-threshold", Number), ("inline-mir-hint-threshold", Number),
    ("inline-mir-threshold", Number), ("input-stats", Switch), ("instrument-mcount", Switch),
    ("instrument-xray", Word), ("large-data-threshold", Number), ("layout-seed", Number), ("lint-llvm-ir", Switch),
    ("lint-mir", Switch), ("location-detail", Word), ("macro-backtrace", Switch), ("merge-functions", Word),
    ("meta-stats", Switch), ("min-function-alignment", Number), ("min-recursion-limit", Number),
    ("mir-enable-passes", Word), ("mir-opt-level", Number), ("mir-preserve-ub", Switch),
    ("mir-strip-debuginfo", Word), ("move-size-limit", Number), ("mutable-noalias", Switch),
    ("new-llvm-pass-manager", Switch), ("next-solver", Word), ("no-embed-metadata", Switch),
    ("no-generate-arange-section", Switch), ("no-parallel-backend", Switch), ("no-unique-section-names", Switch),
    ("oom", Word), ("on-broken-pipe", Word), ("osx-rpath-install-name", Switch), ("packed-bundled-libs", Switch),
    ("panic-abort-tests", Switch), ("panic-in-drop", Word), ("patchable-function-entry", Word), ("plt", Switch),
    ("polonius", Word), ("polymorphize", Switch), ("precise-enum-drop-elaboration", Switch), ("print-mono-items", Word),
    ("print-type-sizes", Switch), ("proc-macro-backtrace", Switch), ("randomize-layout", Switch),
    ("reg-struct-return", Switch), ("regparm", Number), ("relax-elf-relocations", Switch), ("relro-level", Word),
    ("remap-path-scope", Word), ("retpoline", Switch), ("retpoline-external-thunk", Switch), ("sanitizer", Word),
    ("sanitizer-cfi-canonical-jump-tables", Switch), ("sanitizer-cfi-generalize-pointers", Switch),
    ("sanitizer-cfi-normalize-integers", Switch), ("sanitizer-kcfi-arity", Switch),
    ("sanitizer-memory-track-origins", Word), ("sanitizer-recover", Word), ("saturating-float-casts", Switch),
    ("share-generics", Switch), ("small-data-threshold", Number), ("split-dwarf-inlining", Switch),
    ("split-dwarf-kind", Word), ("split-lto-unit", Switch), ("stack-protector", Word),
    ("staticlib-allow-rdylib-deps", Switch), ("staticlib-prefer-dynamic", Switch), ("strict-init-checks", Switch),
    ("symbol-mangling-version", Word), ("teach", Switch), ("thinlto", Switch), ("threads", Number),
    ("time-llvm-passes", Switch), ("time-passes", Switch), ("time-passes-format", Word), ("tls-model", Word),
    ("trap-unreachable", Switch), ("trim-diagnostic-paths", Switch), ("tune-cpu", Word), ("ub-checks", Switch),
    ("unstable-options", Switch), ("use-ctors-section", Switch), ("use-sync-unwind", Switch), ("validate-mir", Switch),
    ("verbose-asm", Switch), ("verify-llvm-ir", Switch), ("virtual-function-elimination", Switch),
    ("wasi-exec-model", Word), ("wasm-c-abi", Word),
];

/// The codegen backends that are part of the toolchain.
pub(super) const BACKENDS: &[&str] = &["llvm", "cranelift", "gcc"];

/// Options of LLVM that take numbers, switches and names; none of them loads, starts or writes anything.
const LLVM: &[&str] = &[
    "align-all-functions",
    "align-all-nofallthru-blocks",
    "align-loops",
    "bpf-stack-size",
    "enable-dfa-jump-thread",
    "enable-machine-outliner",
    "enable-matrix",
    "enable-merge-functions",
    "hot-cold-split",
    "import-instr-limit",
    "inline-threshold",
    "inlinehint-threshold",
    "memcpy-loop-unroll",
    "mergefunc-use-aliases",
    "tail-dup-size",
    "unroll-threshold",
    "unroll-count",
    "vectorize-loops",
    "vectorize-slp",
    "x86-asm-syntax",
    "x86-branches-within-32B-boundaries",
    "wasm-enable-sjlj",
    "wasm-enable-eh",
    "enable-emscripten-sjlj",
    "exception-model",
    "rng-seed",
    "mips-tail-calls",
];

/// The lists by heading, for the reference.
pub(super) fn rows() -> Vec<(&'static str, Vec<String>)> {
    let of = |rows: &[(&str, Takes)]| {
        rows.iter().map(|(name, takes)| format!("{name}{}", takes.shown())).collect()
    };
    vec![
        ("`-C`", of(CODEGEN)),
        ("`-Z`, which a nightly rustc alone takes", of(UNSTABLE)),
        ("`-Cllvm-args`, each with a word or nothing", LLVM.iter().map(|name| (*name).to_owned()).collect()),
        ("`--emit`", EMITTED.iter().map(|kind| (*kind).to_owned()).collect()),
    ]
}

/// Returns why a list of flags for rustc is refused; `None` if it is harmless.
#[must_use]
pub fn rustc(words: &[String], scope: &Scope<'_>) -> Option<String> {
    judge(words, getopts::RUSTC, scope, rustc_option)
}

/// Returns why a list of flags for rustdoc is refused; `None` if it is harmless.
#[must_use]
pub fn rustdoc(words: &[String], scope: &Scope<'_>) -> Option<String> {
    judge(words, getopts::RUSTDOC, scope, rustdoc_option)
}

/// Whether an option is accepted; the error is the reason, as the end of a sentence about it.
type Judged = Result<(), String>;

fn judge(
    words: &[String],
    known: &'static [getopts::Known],
    scope: &Scope<'_>,
    option: fn(&Given, &Scope<'_>) -> Judged,
) -> Option<String> {
    let given = match getopts::parse(words, known) {
        Ok(given) => given,
        Err(misread) => return Some(format!("`{}` {}", words[misread.word], misread.why)),
    };
    for one in &given {
        if let Err(why) = option(one, scope) {
            return Some(format!("`{}` {why}", words[one.words.clone()].join(" ")));
        }
    }
    // rustc passes three lists to the linker, each in the order in which it is written.
    let lists = [("codegen", "link-arg"), ("Z", "pre-link-arg"), ("Z", "post-link-arg")];
    let scope = scope.with_flags(&given);
    lists.into_iter().find_map(|(flag, name)| link_arguments::objection(&linked(&given, flag, name), &scope))
}

/// Returns the arguments that an option such as `link-arg`, and its plural form, pass to the linker.
fn linked(given: &[Given], flag: &str, name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (key, value) in
        given.iter().filter(|one| one.name == flag).filter_map(|one| one.value.split_once('='))
    {
        let key = key.replace('_', "-");
        if key == name {
            words.push(value.to_owned());
        } else if key.strip_suffix('s') == Some(name) {
            words.extend(value.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn unlisted() -> Judged {
    Err("is not on the list of flags".to_owned())
}

fn rustc_option(given: &Given, scope: &Scope<'_>) -> Judged {
    let value = given.value.as_str();
    match given.name {
        "cfg" if is_built_in(value) => {
            Err("says what only the target is; keys of configuration would hold for it that do not"
                .to_owned())
        }
        "cfg" | "check-cfg" | "remap-path-prefix" => Ok(()),
        "allow" | "warn" | "force-warn" | "deny" | "forbid" | "cap-lints" if is_word(value) => Ok(()),
        "g" | "O" | "verbose" => Ok(()),
        "color" | "diagnostic-width" | "remap-path-scope" if is_word(value) => Ok(()),
        "codegen" => codegen(value, scope),
        "Z" => unstable(value),
        "l" => library(value),
        "L" => search(value, scope.places),
        "emit" if value.split(',').all(|kind| EMITTED.contains(&kind)) => Ok(()),
        "emit" | "o" | "out-dir" => Err("says where the compiler writes".to_owned()),
        "print" if ["link-args", "native-static-libs"].contains(&value) => Ok(()),
        "print" => Err("may write a file".to_owned()),
        "sysroot" => Err("replaces the standard library".to_owned()),
        "extern" => Err("names a compiled library for the compiler to load".to_owned()),
        _ => unlisted(),
    }
}

/// The kinds that `--emit` may list; rustc writes them beside the other output of the unit.
const EMITTED: &[&str] = &["asm", "llvm-ir", "llvm-bc", "mir", "obj"];

/// Returns whether a cfg is one that rustc sets for the target; `[target.'cfg(…)']` is matched against those.
fn is_built_in(cfg: &str) -> bool {
    let name = cfg.split('=').next().unwrap_or_default().trim().trim_start_matches("r#");
    name.starts_with("target_") || ["unix", "windows", "panic", "relocation_model"].contains(&name)
}

fn rustdoc_option(given: &Given, scope: &Scope<'_>) -> Judged {
    let value = given.value.as_str();
    match given.name {
        "document-private-items"
        | "document-hidden-items"
        | "extern-html-root-takes-precedence"
        | "display-doctest-warnings"
        | "sort-modules-by-appearance"
        | "enable-index-page"
        | "show-coverage"
        | "check"
        | "no-run"
        | "no-capture"
        | "nocapture"
        | "show-type-layout"
        | "generate-link-to-definition"
        | "generate-macro-expansion"
        | "html-no-source"
        | "disable-minification"
        | "markdown-no-toc"
        | "scrape-tests" => Ok(()),
        // Options that take text and addresses for the pages.
        "extern-html-root-url"
        | "markdown-css"
        | "markdown-playground-url"
        | "playground-url"
        | "static-root-path"
        | "crate-version"
        | "test-args" => Ok(()),
        "default-theme" | "default-setting" | "merge-doctests" | "resource-suffix" if is_word(value) => {
            Ok(())
        }
        "emit"
            if value
                .split(',')
                .all(|kind| ["html-static-files", "html-non-static-files"].contains(&kind)) =>
        {
            Ok(())
        }
        "html-in-header"
        | "html-before-content"
        | "html-after-content"
        | "markdown-before-content"
        | "markdown-after-content"
        | "extend-css"
        | "theme"
        | "index-page" => {
            if scope.places.is_of_the_tree(value) {
                Ok(())
            } else {
                Err("names a file that is not of the tree".to_owned())
            }
        }
        "library-path" => search(value, scope.places),
        "output" | "out-dir" | "parts-out-dir" | "persist-doctests" | "scrape-examples-output-path" => {
            Err("says where rustdoc writes".to_owned())
        }
        "test-runtool" | "test-runtool-arg" | "test-builder" | "test-builder-wrapper" => {
            Err("names a program that is started".to_owned())
        }
        _ => rustc_option(given, scope),
    }
}

/// Judges an option of `-C`.
fn codegen(option: &str, scope: &Scope<'_>) -> Judged {
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    let name = name.replace('_', "-");
    match (name.as_str(), value) {
        ("linker", Some(value)) => scope.programs.named(value, &Named::Any(LINKERS)),
        // All link arguments are judged together, in their order.
        ("link-arg" | "link-args", Some(_)) => Ok(()),
        ("llvm-args", Some(value)) => value.split_whitespace().try_for_each(llvm),
        ("profile-generate", None) => Ok(()),
        ("profile-use", Some(value)) if scope.places.is_of_the_tree(value) => Ok(()),
        ("profile-generate" | "profile-use" | "incremental", _) => {
            Err("names a folder or file that the compiler uses".to_owned())
        }
        ("linker-plugin-lto", Some(value)) if !Switch.accepts(value) => {
            Err("loads code into the linker".to_owned())
        }
        _ => listed(CODEGEN, &name, value),
    }
}

/// Judges an option of `-Z`.
fn unstable(option: &str) -> Judged {
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    let name = name.replace('_', "-");
    match (name.as_str(), value) {
        ("pre-link-arg" | "pre-link-args" | "post-link-arg" | "post-link-args", Some(_)) => Ok(()),
        ("remap-cwd-prefix", Some(_)) => Ok(()),
        ("crate-attr", Some(value)) if is_feature(value) => Ok(()),
        ("crate-attr", _) => Err("may add an attribute that names arguments for the linker".to_owned()),
        ("codegen-backend", Some(value)) if !BACKENDS.contains(&value) => {
            Err(format!("loads code into the compiler; only {} are a part of it", BACKENDS.join(", ")))
        }
        _ => listed(UNSTABLE, &name, value),
    }
}

fn listed(rows: &[(&str, Takes)], name: &str, value: Option<&str>) -> Judged {
    let row = rows.iter().find(|(known, _)| *known == name);
    match (row, value) {
        (Some(_), None) => Ok(()),
        (Some((_, takes)), Some(value)) if takes.accepts(value) => Ok(()),
        (Some(_), Some(value)) => {
            Err(format!("has the value `{value}`, which is of no harmless form for it"))
        }
        (None, _) => unlisted(),
    }
}

/// Returns whether an attribute is `feature(name, …)`, the only one that names nothing outside of the compiler.
fn is_feature(attribute: &str) -> bool {
    let inner = attribute.strip_prefix("feature(").and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|names| {
        names.split(',').map(str::trim).all(|name| {
            // This feature allows sources to pass arguments to the linker.
            name != "link_arg_attribute" && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}

fn llvm(word: &str) -> Judged {
    let option = word.trim_start_matches('-');
    let (name, value) = option.split_once('=').map_or((option, "true"), |(name, value)| (name, value));
    if word.starts_with('-') && LLVM.contains(&name) && is_word(value) {
        return Ok(());
    }
    Err(format!("holds `{word}`, which is not on the list of LLVM's options"))
}

/// Judges `-l [<kind>[:<modifiers>]=]<name>[:<rename>]`: a plain library name, which the linker looks up in its
/// folders.
fn library(value: &str) -> Judged {
    let (kind, name) = value.split_once('=').map_or(("", value), |(kind, name)| (kind, name));
    let (kind, modifiers) = kind.split_once(':').unwrap_or((kind, ""));
    let plain = |name: &str| inert_manifest_spec::rules::names::is_link_name(name);
    let known = ["+bundle", "-bundle", "+whole-archive", "-whole-archive", "+as-needed", "-as-needed"];
    let fine = ["", "dylib", "static", "framework"].contains(&kind)
        && (modifiers.is_empty() || modifiers.split(',').all(|modifier| known.contains(&modifier)))
        && name.split(':').count() <= 2
        && name.split(':').all(plain);
    if fine { Ok(()) } else { Err("is no plain name of a library".to_owned()) }
}

/// Judges `-L [<kind>=]<folder>`: libraries in that folder are linked into macros, or loaded by the compiler.
fn search(value: &str, places: &Places) -> Judged {
    let (kind, folder) = value.split_once('=').unwrap_or(("all", value));
    if !["native", "framework", "dependency", "crate", "all"].contains(&kind)
        || !places.is_of_the_system(folder)
    {
        return Err(
            "names a folder that is not the system's; what lies there is linked, or loaded".to_owned()
        );
    }
    Ok(())
}
