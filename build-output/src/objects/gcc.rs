//! Objects that hold GCC's own code (`-flto`). The plugin that GCC gives every linker compiles it in the middle of a
//! link, with options from the object: `-Xassembler -al=FILE` writes a file.

use super::{Objection, shown};

/// The segment that holds GCC's code in objects of Apple's systems.
pub(super) const SEGMENT: &[u8] = b"__GNU_LTO";

/// Returns whether a section of this name, or of one that begins so, is GCC's own code.
pub(super) fn is_of_lto(name: &[u8]) -> bool {
    name.starts_with(b".gnu.lto_") || name.starts_with(b".gnu.offload_lto_")
}

/// Returns whether a section of this name holds options.
pub(super) fn holds_options(name: &[u8]) -> bool {
    name.starts_with(b".gnu.lto_.opts") || name.starts_with(b".gnu.offload_lto_.opts")
}

/// Returns why the options in a section are refused. Each stands in quotes; blanks and zeros divide them.
pub(super) fn objection(said: &[u8]) -> Option<Objection> {
    let text = String::from_utf8_lossy(said);
    for part in text.split('\0').filter(|part| !part.is_empty()) {
        let options = part.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        // A quote within an option is written by three quotes and a backslash, which no harmless one holds.
        let other =
            options.map_or(Some(part), |options| options.split("' '").find(|option| !is_harmless(option)));
        if let Some(other) = other {
            let what = format!("GCC's code in it (`-flto`) has the option `{}`", shown(other.as_bytes()));
            return Some(Objection::Option(what));
        }
    }
    None
}

/// The options that begin with `-f` and may have a value, of which none is a file or a program.
const WITH_A_VALUE: &[&str] = &[
    "abi-version",
    "cf-protection",
    "diagnostics-color",
    "excess-precision",
    "fp-contract",
    "lto",
    "lto-partition",
    "max-errors",
    "message-length",
    "offload-abi",
    "sanitize",
    "stack-reuse",
    "strict-flex-arrays",
    "tls-model",
    "trivial-auto-var-init",
    "visibility",
    "zero-call-used-regs",
];

/// Returns whether an option is about the code that is made: a level, a warning, a property of the machine, or a flag
/// without a value or with one of a list; or about the names of folders in debug information. No such option names a file, a
/// program or an option of another program.
fn is_harmless(option: &str) -> bool {
    const PREFIX_MAPS: [&str; 3] = ["-ffile-prefix-map=", "-fdebug-prefix-map=", "-fmacro-prefix-map="];
    if PREFIX_MAPS.iter().any(|map| option.starts_with(map)) {
        return !option.contains(['\'', '\\']) && !option.chars().any(char::is_control);
    }
    let word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-+_.".contains(c));
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    if !word(name) || !word(value) {
        return false;
    }
    match name.get(..2) {
        Some("-O" | "-W" | "-g" | "-m") => true,
        Some("-f") => value.is_empty() && !option.contains('=') || WITH_A_VALUE.contains(&&name[2..]),
        _ => matches!(option, "-pthread" | "-v" | "-c" | "-pie" | "-static" | "-shared"),
    }
}
