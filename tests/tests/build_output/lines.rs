//! Makes random lines of a build script's standard output, close to those that Cargo acts on.

use inert_build_output::{KEYS, NEW_KEYS};
use inert_tests::random::Random;

/// Texts that are white space for `str::trim`, and texts that only look like it.
const BLANKS: &[&str] = &[
    "", "", "", "", " ", "\t", "  ", "\u{b}", "\u{c}", "\r", "\u{85}", "\u{a0}", "\u{1680}", "\u{2003}",
    "\u{2028}", "\u{202f}", "\u{3000}", "\u{feff}", "\u{200b}", "\u{1c}", "\u{180e}",
];

const PREFIXES: &[&str] =
    &["cargo:", "cargo:", "cargo::", "cargo::", "cargo:::", "cargo", "Cargo:", "cargo :", "argo:", "cargo: "];

const WORDS: &[&str] = &[
    "a",
    "b=c",
    "\"x y\"",
    "native=/n",
    "-lfoo",
    "-l bar",
    "-L/lib",
    "-L all=/x",
    "said=-Wl,-z",
    "said",
    "-Wl,x",
    "K=v",
    "K= v w ",
    "=",
    "cfg(zz)",
    "cfg(zz, values(\"1\"))",
    "é",
    "x\u{a0}",
    "cargo:rustc-cfg=y",
    "static:+verbatim=q",
];

/// Returns one line, without its end.
pub(crate) fn line(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    text.push_str(random.pick(BLANKS));
    text.push_str(random.pick(PREFIXES));
    let keys: Vec<&str> = KEYS.iter().chain(NEW_KEYS).map(|(name, _)| *name).collect();
    let key = match random.below(8) {
        0 => "some-key".to_owned(),
        1 => format!("{} ", random.pick(&keys)),
        2 => format!(" {}", random.pick(&keys)),
        _ => random.pick(&keys).to_owned(),
    };
    text.push_str(&key);
    if !random.once_in(12) {
        text.push('=');
    }
    // RUSTC_BOOTSTRAP is an error in some Cargos and a warning in others; an empty name cannot be set by any.
    if key.trim() == "rustc-env" {
        text.push_str(random.pick(&["A=", "B=b", "RUSTC_BOOTSTRAP=1", "C", "D =d", "E_e== "]));
    }
    for _ in 0..random.below(3) {
        text.push_str(random.pick(WORDS));
        text.push_str(random.pick(BLANKS));
    }
    text.push_str(random.pick(BLANKS));
    let mut bytes = text.into_bytes();
    if random.once_in(20) {
        let at = random.below(bytes.len() + 1);
        bytes.insert(at, 0xff);
    }
    bytes
}

/// Returns a value of `-l`.
pub(crate) fn library(random: &mut Random) -> String {
    let kind = random.pick(&[
        "",
        "static",
        "dylib",
        "framework",
        "raw-dylib",
        "link-arg",
        "shared",
        "Static",
        " static",
    ]);
    let modifiers = random.pick(&[
        "",
        "",
        ":+verbatim",
        ":-bundle",
        ":+whole-archive,-bundle",
        ":",
        ":verbatim",
        ":+",
        ":+x",
        ":+bundle,",
    ]);
    let equals = random.pick(&["=", "=", "=", ""]);
    let name = random.pick(&["z", "a=b", "c:d", "", ":e", "f:", "é", "-x"]);
    format!("{kind}{modifiers}{equals}{name}")
}
