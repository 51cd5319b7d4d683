//! The flags for C and C++ compilers. Sources: "GCC Command Options", "Clang command line argument reference",
//! "MSVC compiler options".

use super::unlisted;
use super::value::{self, Value, Valued};
use crate::keys::STANDARDS;
use crate::rules::{Refusal, names};

/// Checks that a flag may be given to a compiler.
///
/// # Errors
///
/// The flag is on no list.
pub fn compiler_flag(flag: &str) -> Result<(), Refusal> {
    let listed = EXACT.contains(&flag)
        || value::any(VALUED, flag)
        || flag.strip_prefix("-std=").is_some_and(|std| STANDARDS.contains(&std))
        || switch(flag, "-f", F_SWITCHES)
        || switch(flag, "-m", M_SWITCHES)
        || warning(flag)
        || definition(flag)
        || msvc(flag);
    if listed { Ok(()) } else { Err(unlisted(flag, help(flag))) }
}

/// Returns flags from every row of the lists, for tests that try them on real compilers.
pub fn compiler_flag_samples() -> impl Iterator<Item = String> {
    let both = |prefix: &'static str, names: &'static [&'static str]| {
        names.iter().flat_map(move |name| [format!("{prefix}{name}"), format!("{prefix}no-{name}")])
    };
    let slash = |name: &&str| format!("/{name}");
    EXACT
        .iter()
        .map(ToString::to_string)
        .chain(value::samples(VALUED))
        .chain(STANDARDS.iter().map(|std| format!("-std={std}")))
        .chain(both("-f", F_SWITCHES))
        .chain(both("-m", M_SWITCHES))
        .chain(MSVC_DASHED.iter().map(|name| format!("-{name}")))
        .chain(MSVC_EXACT.iter().map(slash))
        .chain(value::samples(MSVC_VALUED).map(|flag| format!("/{flag}")))
}

/// Returns the lists as Markdown, for the reference.
pub(crate) fn reference() -> String {
    use crate::schema::listed;
    format!(
        "- Exact: {}\n- With a value: {}\n- `-std=` and a standard: {}\n- `-f…` and `-fno-…`: {}\n- `-m…` and `-mno-…`: {}\n\
         - Definitions: `-DNAME`, `-DNAME=value`\n\
         - Warnings: `-W…`, `-Wno-…`, `-Werror=…`, of letters, digits, `+-_.=` (no comma: `-Wa,`, `-Wp,`, `-Wl,` pass through)\n\
         - MSVC, behind `/`: {}, {}, `Zc:…`\n- MSVC, behind `-`: {}, `wd…`, `we…`, `wo…`\n",
        listed(EXACT),
        value::describe(VALUED),
        listed(STANDARDS),
        listed(F_SWITCHES),
        listed(M_SWITCHES),
        listed(MSVC_EXACT),
        value::describe(MSVC_VALUED),
        listed(MSVC_DASHED),
    )
}

/// Returns whether a flag is `-DNAME` or `-DNAME=value`. `defines` is clearer, but does not keep a place among the
/// flags.
fn definition(flag: &str) -> bool {
    flag.strip_prefix("-D").or_else(|| flag.strip_prefix("/D")).is_some_and(|rest| {
        let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
        names::is_identifier(name) && !value.chars().any(char::is_control)
    })
}

/// Returns whether a flag is `prefix` and a listed name, or `prefix`, `no-` and a listed name: `-fNAME`,
/// `-fno-NAME`.
fn switch(flag: &str, prefix: &str, names: &[&str]) -> bool {
    flag.strip_prefix(prefix).is_some_and(|name| names.contains(&name.strip_prefix("no-").unwrap_or(name)))
}

/// Returns whether a flag is `-Wname`, `-Wno-name`, `-Werror=name` or `-Wname=2`. A comma is not accepted: `-Wa,`,
/// `-Wp,` and `-Wl,` pass their rest through.
fn warning(flag: &str) -> bool {
    flag.strip_prefix("-W").is_some_and(|name| {
        Value::Word.accepts(name) && (name.len() > 1 || name.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Returns whether a flag is a listed one of MSVC, which accepts it after `/` and `-`. After `-` only those are
/// accepted that have no other meaning for GCC and clang, where `-MD` writes a file and `-openmp` names the output.
fn msvc(flag: &str) -> bool {
    if let Some(name) = flag.strip_prefix('-') {
        return MSVC_DASHED.contains(&name)
            || ["wd", "we", "wo"]
                .iter()
                .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| Value::Number.accepts(rest)));
    }
    let Some(name) = flag.strip_prefix('/') else { return false };
    MSVC_EXACT.contains(&name)
        || value::any(MSVC_VALUED, name)
        || name.strip_prefix("Zc:").is_some_and(|rest| {
            let rest = rest.strip_suffix('-').unwrap_or(rest);
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}

/// Returns advice for a refused flag that is often seen.
fn help(flag: &str) -> String {
    let typed = [
        ("-I", "write the folder under `include-dirs`"),
        ("-isystem", "write the folder under `include-dirs`"),
        ("-D", "a definition is `-DNAME` or `-DNAME=value`"),
        ("/I", "write the folder under `include-dirs`"),
        ("-include", "include it in the source"),
        ("-L", "write it as a `link` entry"),
        ("-l", "write it as a `link` entry"),
        ("-Wl,", "write it as a `link` entry with `arg`"),
        ("-Wa,", "nothing is passed through to the assembler"),
        ("-Wp,", "nothing is passed through to the preprocessor"),
        ("-X", "nothing is passed through to another tool"),
        ("@", "write the flags one by one"),
        ("-o", "where the output goes is not the declaration's to say"),
        ("--target", "the target is Cargo's"),
    ];
    typed
        .iter()
        .find(|(prefix, _)| flag.starts_with(prefix))
        .map_or("only listed flags are given to a compiler; ask for the flag to be listed if it takes no path and writes no file", |(_, help)| *help)
        .to_owned()
}

#[rustfmt::skip] // many short words: a line each is no easier to read
const EXACT: &[&str] = &[
    "-w", "-ansi", "-pedantic", "-pedantic-errors", "-Wall", "-Wextra", "-pipe", "-pthread", "-undef",
    "-nostdinc", "-nostdinc++", "-nostdlibinc", "-nostdlib", "-gfull", "-static", "-O", "-O0", "-O1", "-O2", "-O3", "-O4", "-Os",
    "-Oz", "-Og", "-Ofast", "-g", "-g0", "-g1", "-g2", "-g3", "-ggdb", "-ggdb3", "-gdwarf", "-gdwarf-2",
    "-gdwarf-3", "-gdwarf-4", "-gdwarf-5", "-gline-tables-only", "-gsplit-dwarf=single", "-p", "-pg",
    "-traditional-cpp", "-trigraphs", "-xc", "-xc++", "-xassembler-with-cpp", "-ObjC", "-ObjC++",
    "-stdlib=libc++", "-stdlib=libstdc++", "-Qunused-arguments", "-fms-extensions", "-municode",
    "-mwindows", "-mconsole", "-mthreads", "-EL", "-EB",
];

#[rustfmt::skip] // many short words: a line each is no easier to read
const SANITIZERS: &[&str] = &[
    "address", "undefined", "thread", "memory", "leak", "fuzzer", "fuzzer-no-link", "integer", "bounds",
    "alignment", "vptr", "function", "hwaddress", "kcfi", "cfi", "safe-stack", "shadow-call-stack",
    "signed-integer-overflow", "unsigned-integer-overflow", "null", "shift", "object-size",
    "float-cast-overflow", "pointer-overflow", "all",
];

const VALUED: &[Valued] = &[
    ("-march=", Value::Word),
    ("-mcpu=", Value::Word),
    ("-mtune=", Value::Word),
    ("-mfpu=", Value::Word),
    ("-mabi=", Value::Word),
    ("-mfloat-abi=", Value::Of(&["soft", "softfp", "hard"])),
    (
        "-mcmodel=",
        Value::Of(&["tiny", "small", "kernel", "medium", "large", "medlow", "medany", "normal", "extreme"]),
    ),
    ("-mfpmath=", Value::Of(&["387", "sse", "sse,387", "both", "sse+387"])),
    (
        "-mbranch-protection=",
        Value::Of(&["none", "standard", "pac-ret", "bti", "pac-ret+leaf", "pac-ret+bti"]),
    ),
    ("-mstack-alignment=", Value::Number),
    ("-mpreferred-stack-boundary=", Value::Number),
    ("-mincoming-stack-boundary=", Value::Number),
    ("-mprefer-vector-width=", Value::Of(&["none", "128", "256", "512"])),
    ("-msve-vector-bits=", Value::Of(&["scalable", "128", "256", "512", "1024", "2048"])),
    ("-mtls-dialect=", Value::Of(&["gnu", "gnu2", "trad", "desc"])),
    ("-mmacosx-version-min=", Value::Version),
    ("-mmacos-version-min=", Value::Version),
    ("-miphoneos-version-min=", Value::Version),
    ("-mios-simulator-version-min=", Value::Version),
    ("-mtvos-version-min=", Value::Version),
    ("-mwatchos-version-min=", Value::Version),
    ("-fvisibility=", Value::Of(&["default", "hidden", "internal", "protected"])),
    ("-ffp-contract=", Value::Of(&["off", "on", "fast", "fast-honor-pragmas"])),
    ("-ffp-model=", Value::Of(&["precise", "strict", "fast"])),
    ("-fexcess-precision=", Value::Of(&["standard", "fast", "16", "none"])),
    ("-fcf-protection=", Value::Of(&["none", "branch", "return", "full", "check"])),
    ("-fdiagnostics-color=", Value::Of(&["always", "never", "auto"])),
    ("-fmessage-length=", Value::Number),
    ("-fconstexpr-depth=", Value::Number),
    ("-fconstexpr-steps=", Value::Number),
    ("-ftemplate-depth=", Value::Number),
    ("-ftemplate-backtrace-limit=", Value::Number),
    ("-fmax-errors=", Value::Number),
    ("-ferror-limit=", Value::Number),
    ("-fbracket-depth=", Value::Number),
    ("-finline-limit=", Value::Number),
    ("-fpack-struct=", Value::Number),
    ("-fstack-limit-symbol=", Value::Symbol),
    ("-ftls-model=", Value::Of(&["global-dynamic", "local-dynamic", "initial-exec", "local-exec"])),
    ("-ftrivial-auto-var-init=", Value::Of(&["uninitialized", "pattern", "zero"])),
    ("-fstrict-flex-arrays=", Value::Number),
    ("-fzero-call-used-regs=", Value::Word),
    ("-flto=", Value::Of(&["thin", "full", "auto"])),
    ("-fsanitize=", Value::ListOf(SANITIZERS)),
    ("-fno-sanitize=", Value::ListOf(SANITIZERS)),
    ("-fsanitize-recover=", Value::ListOf(SANITIZERS)),
    ("-fno-sanitize-recover=", Value::ListOf(SANITIZERS)),
    ("-finput-charset=", Value::Word),
    ("-fexec-charset=", Value::Word),
    ("-fno-builtin-", Value::Symbol),
    ("-U", Value::Symbol),
];

/// The names that may follow `-f` and `-fno-`.
#[rustfmt::skip] // many short words: a line each is no easier to read
const F_SWITCHES: &[&str] = &[
    "PIC", "pic", "PIE", "pie", "access-control", "addrsig", "aligned-allocation", "aligned-new",
    "align-functions", "align-loops", "align-jumps", "align-labels", "asm", "associative-math",
    "asynchronous-unwind-tables", "blocks", "bounds-check", "builtin", "caret-diagnostics", "cf-protection",
    "char8_t", "color-diagnostics", "common", "concepts", "conserve-stack", "coroutines", "crossjumping",
    "cx-limited-range", "cxx-exceptions", "data-sections", "debug-types-section",
    "delete-null-pointer-checks", "diagnostics-color", "diagnostics-show-option", "dollars-in-identifiers",
    "elide-constructors", "elide-type", "eliminate-unused-debug-symbols", "eliminate-unused-debug-types",
    "enforce-eh-specs", "exceptions", "expensive-optimizations", "extended-identifiers", "fast-math",
    "fat-lto-objects", "finite-loops", "finite-math-only", "float-store", "freestanding",
    "function-sections", "gcse", "gnu-keywords", "gnu-tm", "gnu89-inline", "hosted", "ident",
    "implicit-inline-templates", "implicit-templates", "inline", "inline-functions",
    "inline-small-functions", "ipa-cp", "ipa-icf", "ipa-pure-const", "ipa-ra", "ipa-sra", "ivopts",
    "jump-tables", "keep-inline-functions", "keep-static-consts", "lax-vector-conversions",
    "long-double-128", "lto", "math-errno", "merge-all-constants", "merge-constants", "modulo-sched",
    "move-loop-invariants", "ms-compatibility", "ms-extensions", "new-ttp-matching", "non-call-exceptions",
    "nonansi-builtins", "objc-arc", "objc-exceptions", "objc-gc", "omit-frame-pointer", "openmp",
    "openmp-simd", "operator-names", "optimize-sibling-calls", "pack-struct", "partial-inlining",
    "peephole", "peephole2", "permissive", "plt", "prefetch-loop-arrays", "reciprocal-math",
    "reg-struct-return", "register-global-dtors-with-atexit", "relaxed-template-template-args",
    "rename-registers", "reorder-blocks", "reorder-functions", "rounding-math", "rtti",
    "sanitize-cfi-cross-dso", "schedule-insns", "schedule-insns2", "semantic-interposition", "short-enums",
    "short-wchar", "show-column", "signaling-nans", "signed-char", "signed-zeros",
    "single-precision-constant", "sized-deallocation", "slp-vectorize", "spell-checking", "split-stack",
    "split-wide-types", "stack-check", "stack-clash-protection", "stack-protector", "stack-protector-all",
    "stack-protector-strong", "strict-aliasing", "strict-enums", "strict-overflow",
    "strict-vtable-pointers", "strict-return", "threadsafe-statics", "thread-jumps", "toplevel-reorder",
    "trapping-math", "trapv", "tree-loop-distribute-patterns", "tree-loop-vectorize", "tree-pre",
    "tree-slp-vectorize", "tree-sra", "tree-vectorize", "tree-vrp", "unique-section-names",
    "unit-at-a-time", "unroll-all-loops", "unroll-loops", "unsafe-math-optimizations", "unsigned-char",
    "unswitch-loops", "unwind-tables", "use-cxa-atexit", "use-init-array", "use-line-directives",
    "vectorize", "visibility-inlines-hidden", "visibility-ms-compat", "var-tracking",
    "var-tracking-assignments", "weak", "web", "whole-program", "wrapv", "zero-initialized-in-bss",
    "zvector", "wasm-exceptions", "tree-ter", "tree-dce", "tree-ccp", "tree-ch", "guess-branch-probability",
    "cse-follow-jumps", "defer-pop",
];

/// The names that may follow `-m` and `-mno-`.
#[rustfmt::skip] // many short words: a line each is no easier to read
const M_SWITCHES: &[&str] = &[
    // x86
    "16", "32", "64", "x32", "3dnow", "3dnowa", "abm", "adx", "aes", "amx-bf16", "amx-int8", "amx-tile",
    "avx", "avx2", "avx5124fmaps", "avx5124vnniw", "avx512bf16", "avx512bitalg", "avx512bw", "avx512cd",
    "avx512dq", "avx512er", "avx512f", "avx512fp16", "avx512ifma", "avx512pf", "avx512vbmi", "avx512vbmi2",
    "avx512vl", "avx512vnni", "avx512vp2intersect", "avx512vpopcntdq", "avxifma", "avxvnni", "avxvnniint8",
    "avxvnniint16", "avx10.1", "avx10.1-256", "avx10.1-512", "avx10.2", "bmi", "bmi2", "cldemote",
    "clflushopt", "clwb", "clzero", "cx16", "crc32", "enqcmd", "evex512", "f16c", "fma", "fma4", "fsgsbase",
    "fxsr", "gfni", "hle", "invpcid", "kl", "lwp", "lzcnt", "mmx", "movbe", "movdir64b", "movdiri",
    "mwaitx", "pclmul", "pclmulqdq", "pku", "popcnt", "prefetchwt1", "prfchw", "ptwrite", "rdpid", "rdrnd",
    "rdseed", "rtm", "sahf", "sgx", "sha", "sha512", "shstk", "sm3", "sm4", "sse", "sse2", "sse3", "sse4",
    "sse4.1", "sse4.2", "sse4a", "ssse3", "tbm", "tsxldtrk", "uintr", "vaes", "vpclmulqdq", "vzeroupper",
    "waitpkg", "wbnoinvd", "widekl", "xop", "xsave", "xsavec", "xsaveopt", "xsaves", "80387",
    "accumulate-outgoing-args", "align-double", "ms-bitfields", "red-zone", "stackrealign",
    "omit-leaf-frame-pointer", "retpoline", "speculative-load-hardening", "recip", "rtd", "sseregparm",
    "tls-direct-seg-refs", "implicit-float", "general-regs-only", "hard-float", "soft-float",
    "long-double-64", "long-double-80", "long-double-128",
    // arm
    "arm", "thumb", "thumb-interwork", "apcs-frame", "unaligned-access", "neon-for-64bits", "strict-align",
    "outline-atomics", "fix-cortex-a53-835769", "fix-cortex-a53-843419", "restrict-it", "long-calls",
    "crypto", "lse", "pure-code", "execute-only", "cmse",
    // power, s390, mips, sparc
    "altivec", "vsx", "crypto", "htm", "power8-vector", "power9-vector", "power10-vector", "isel", "cmpb",
    "fprnd", "mfcrf", "popcntd", "hard-dfp", "mma", "pcrel", "prefixed", "zarch", "vx", "backchain",
    "packed-stack", "abicalls", "msa", "micromips", "mips16", "xgot", "shared", "plt", "nan", "dsp",
    "dspr2", "vis", "vis2", "vis3", "v8plus", "fpu", "relax", "save-restore", "div",
    // wasm, loongarch, riscv
    "simd128", "relaxed-simd", "bulk-memory", "bulk-memory-opt", "atomics", "mutable-globals",
    "nontrapping-fptoint", "sign-ext", "reference-types", "multivalue", "tail-call", "exception-handling",
    "extended-const", "lsx", "lasx", "double-float", "single-float", "text-section-literals", "longcalls",
    "auto-litpools",
];

/// The MSVC flags that may follow `-`.
#[rustfmt::skip] // many short words: a line each is no easier to read
const MSVC_DASHED: &[&str] = &[
    "nologo", "W0", "W1", "W2", "W3", "W4", "EHsc", "EHs-c-", "GR-", "utf-8", "permissive-", "std:c11",
    "std:c17", "std:c++14", "std:c++17", "std:c++20", "std:c++latest", "arch:AVX", "arch:AVX2",
    "arch:AVX512", "arch:SSE2", "fp:fast", "fp:precise", "fp:strict",
];

/// The MSVC flags that may follow `/`.
#[rustfmt::skip] // many short words: a line each is no easier to read
const MSVC_EXACT: &[&str] = &[
    "nologo", "W0", "W1", "W2", "W3", "W4", "Wall", "WX", "WX-", "w", "O1", "O2", "Od", "Oi", "Oi-", "Os",
    "Ot", "Ox", "Oy", "Oy-", "Ob0", "Ob1", "Ob2", "Ob3", "GS", "GS-", "Gy", "Gy-", "GL", "GL-", "Gw", "Gw-",
    "GF", "GR", "GR-", "GA", "GT", "GX", "GX-", "Gd", "Gr", "Gv", "Gz", "Gs", "Gm-", "EHs", "EHsc", "EHa",
    "EHs-c-", "EHsc-", "EHr", "MD", "MDd", "MT", "MTd", "Z7", "Za", "Ze", "Zl", "Zo", "Zp", "utf-8",
    "permissive", "permissive-", "bigobj", "sdl", "sdl-", "RTC1", "RTCs", "RTCu", "RTCc", "J", "TC", "TP",
    "openmp", "openmp-", "openmp:llvm", "openmp:experimental", "Qspectre", "Qpar", "Qpar-", "Qvec-",
    "guard:cf", "guard:cf-", "guard:ehcont", "guard:ehcont-", "CETCOMPAT", "volatile:iso", "volatile:ms",
    "fp:fast", "fp:precise", "fp:strict", "fp:except", "fp:except-", "fp:contract", "kernel", "kernel-",
    "vmb", "vmg", "vd0", "vd1", "vd2", "FC", "MP", "hotpatch", "homeparams", "await", "diagnostics:classic",
    "diagnostics:column", "diagnostics:caret", "experimental:c11atomics", "experimental:external",
    "experimental:preprocessor", "external:anglebrackets", "external:W0", "external:W1", "external:W2",
    "external:W3", "external:W4", "validate-charset", "validate-charset-", "source-charset:utf-8",
    "execution-charset:utf-8", "favor:blend", "favor:ATOM", "favor:AMD64", "favor:INTEL64", "std:c11",
    "std:c17", "std:c23", "std:clatest", "std:c++14", "std:c++17", "std:c++20", "std:c++23preview",
    "std:c++latest", "Brepro",
];

const MSVC_VALUED: &[Valued] = &[
    ("wd", Value::Number),
    ("we", Value::Number),
    ("wo", Value::Number),
    ("w1", Value::Number),
    ("w2", Value::Number),
    ("w3", Value::Number),
    ("w4", Value::Number),
    ("MP", Value::Number),
    ("Gs", Value::Number),
    ("Zp", Value::Number),
    ("Zm", Value::Number),
    ("constexpr:depth", Value::Number),
    ("constexpr:steps", Value::Number),
    (
        "arch:",
        Value::Of(&[
            "IA32", "SSE", "SSE2", "SSE4.2", "AVX", "AVX2", "AVX512", "AVX10.1", "ARMv7VE", "VFPv4",
            "armv8.0", "armv8.1", "armv8.2", "armv8.3", "armv8.4", "armv8.5", "armv8.6", "armv8.7",
            "armv8.8", "armv9.0",
        ]),
    ),
];

#[cfg(test)]
mod tests {
    use super::compiler_flag;

    #[test]
    fn what_real_crates_pass_is_listed() {
        for flag in [
            "-fno-strict-aliasing",
            "-Wno-unused-parameter",
            "-march=armv8-a+crc",
            "-mavx512f",
            "-msse4.1",
            "-O3",
            "-fvisibility=hidden",
            "/wd4996",
            "-wd4244",
            "/Zc:__cplusplus",
            "/std:c++17",
            "-pthread",
            "/arch:AVX512",
            "-fsanitize=address,undefined",
            "-Werror=implicit-function-declaration",
            "-Wshadow=local",
            "-fno-builtin-memcpy",
            "/EHsc",
            "-w",
            "-mmacosx-version-min=10.13",
            "-UNDEBUG",
            "-std=c11",
            "-W3",
            "-Wp64",
        ] {
            assert!(compiler_flag(flag).is_ok(), "{flag}");
        }
    }
}
