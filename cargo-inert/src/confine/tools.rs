//! The sets of programs that `tools` may name.

/// A name of a set, with the programs in it.
const SETS: &[(&str, &[&str])] = &[
    (
        "cc",
        &[
            "cc",
            "gcc",
            "c++",
            "g++",
            "clang",
            "clang++",
            "cpp",
            "ld",
            "ld.lld",
            "lld",
            "mold",
            "as",
            "ar",
            "nm",
            "ranlib",
            "strip",
            "objcopy",
            "objdump",
            "gcc-ar",
            "llvm-ar",
            "pkg-config",
            "pkgconf",
        ],
    ),
    ("cmake", &["cmake", "ctest", "make", "gmake", "ninja", "cc"]),
    (
        "autotools",
        &[
            "autoconf",
            "automake",
            "autoreconf",
            "aclocal",
            "libtoolize",
            "m4",
            "make",
            "perl",
            "sh",
            "bash",
            "sed",
            "awk",
        ],
    ),
    ("bindgen", &["clang", "llvm-config", "rustfmt"]),
    ("protoc", &["protoc"]),
    ("git", &["git"]),
];

/// Returns the programs for these names, each once.
pub(super) fn expanded(names: &[String]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for name in names {
        let one = [name.as_str()];
        let set = SETS.iter().find(|(set, _)| *set == name).map_or(&one[..], |(_, programs)| programs);
        for program in set {
            // A set may name another set, such as `cc`.
            let inner = SETS.iter().find(|(set, _)| *set == *program && *program != name.as_str());
            for program in inner.map_or(std::slice::from_ref(program), |(_, programs)| programs) {
                if !found.contains(program) {
                    found.push(program);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_what_it_starts() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(expanded(&names(&["nasm", "git"])), ["nasm", "git"]);
        let cmake = names(&["cmake"]);
        let cmake = expanded(&cmake);
        assert!(cmake.contains(&"cmake") && cmake.contains(&"gcc") && cmake.contains(&"make"), "{cmake:?}");
    }
}
