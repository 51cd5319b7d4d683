//! The options of linkers that name no library, and do not change which file a library's name refers to.
//!
//! Such an option can be left out, with a warning, and the libraries beside it are linked all the same. Of an option that
//! is not here nobody knows that, so a library's flags that hold one are an error.

/// The names of options, without their dashes: GNU ld 2.40 and gold 1.16 (`--help`), and lld and Apple's linker (their
/// manuals), without those that read a script or names from a file, or move the folders that libraries are looked for in.
#[rustfmt::skip] // many short words: a line each is no easier to read
const NAMES: &[&str] = &[
    "Bgroup", "Bno-symbolic", "Bshareable", "Bsymbolic", "Bsymbolic-functions", "E", "EB", "EL", "M", "Map", "N",
    "O", "ObjC", "R", "S", "Tbss", "Tdata", "Tldata-segment", "Trodata-segment", "Ttext", "Ttext-segment", "V", "X",
    "accept-unknown-input-arch", "add-stdcall-alias", "adhoc_codesign", "allow-multiple-definition",
    "allow-shlib-undefined", "allow-undefined", "application_extension", "apply-dynamic-relocs", "assert",
    "base_file", "be8", "bind_at_load", "build-id", "build-id-chunk-size-for-treehash",
    "build-id-min-file-size-for-treehash", "bundle", "call-graph-ordering-file", "check-dynamic-relocations",
    "check-sections", "color-diagnostics", "commons", "compat-implib", "compatibility_version", "compress-debug-sections",
    "copy-dt-needed-entries", "cref", "ctf-share-types", "ctf-variables", "ctors-in-init-array", "current_version",
    "d", "data_in_code_info", "dc", "dead_strip", "dead_strip_dylibs", "debug", "default-imported-symver",
    "default-symver", "define-common", "defsym", "demangle", "dependency-file", "dependency_info",
    "detect-odr-violations", "disable-auto-image-base", "disable-auto-import", "disable-high-entropy-va",
    "disable-large-address-aware", "disable-long-section-names", "disable-multiple-abs-defs", "disable-new-dtags",
    "disable-reloc-section", "disable-runtime-pseudo-reloc", "disable-stdcall-fixup", "discard-all",
    "discard-locals", "discard-none", "dll", "dylib", "dynamic", "dynamic-linker", "dynamic-list",
    "dynamic-list-cpp-new", "dynamic-list-cpp-typeinfo", "dynamic-list-data", "dynamicbase", "e", "eh-frame-hdr",
    "embedded-relocs", "emit-relocs", "emit-stub-syms", "emit-symbol-map", "enable-auto-image-base",
    "enable-auto-import", "enable-extra-pe-debug", "enable-extra-pep-debug", "enable-long-section-names",
    "enable-new-dtags", "enable-non-contiguous-regions", "enable-non-contiguous-regions-warnings",
    "enable-reloc-section", "enable-runtime-pseudo-reloc", "enable-stdcall-fixup", "entry", "error-handling-script",
    "error-limit", "error-unresolved-symbols", "exclude-all-symbols", "exclude-libs", "exclude-modules-for-implib",
    "exclude-symbols", "execute-only", "export-all-symbols", "export-dynamic", "export-dynamic-symbol",
    "export-dynamic-symbol-list", "export-table", "export_dynamic", "exported_symbol", "exported_symbols_list",
    "exported_symbols_order", "fatal-warnings", "file-alignment", "fini", "fix-arm1176", "fix-cortex-a53-835769",
    "fix-cortex-a53-843419", "fix-cortex-a8", "fix-v4bx", "fix-v4bx-interworking", "fixup_chains", "flat_namespace",
    "force-exe-suffix", "force-group-allocation", "g", "gc-keep-exported", "gc-sections", "gdb-index", "gnu-unique",
    "gpsize", "h", "hash-bucket-empty-fraction", "hash-size", "hash-style", "headerpad",
    "headerpad_max_install_names", "heap", "high-entropy-va", "i", "icf", "icf-iterations",
    "ignore-unresolved-symbol", "image-base", "image_base", "import-memory", "incremental", "incremental-base",
    "incremental-changed", "incremental-full", "incremental-patch", "incremental-startup-unchanged",
    "incremental-unchanged", "incremental-unknown", "incremental-update", "init", "initial-memory",
    "insert-timestamp", "install_name", "ios_version_min", "keep-files-mapped", "keep-unique", "keep_private_externs", "kill-at",
    "large-address-aware", "ld-generated-unwind-info", "long-plt", "lto-O", "lto-obj-path", "lto-partitions", "m",
    "macos_version_min", "macosx_version_min", "major-image-version", "major-os-version", "major-subsystem-version",
    "map-whole-files", "max-cache-size", "max-memory", "merge-exidx-entries", "minor-image-version",
    "minor-os-version", "minor-subsystem-version", "mmap-output-file", "multiply_defined", "n", "nmagic",
    "no-accept-unknown-input-arch", "no-allow-multiple-definition", "no-allow-shlib-undefined",
    "no-apply-dynamic-relocs", "no-check-sections", "no-color-diagnostics", "no-copy-dt-needed-entries", "no-cref",
    "no-ctf-variables", "no-ctors-in-init-array", "no-define-common", "no-demangle", "no-detect-odr-violations",
    "no-dynamic-linker", "no-dynamicbase", "no-eh-frame-hdr", "no-emit-stub-syms", "no-entry",
    "no-enum-size-warning", "no-export-dynamic", "no-fatal-warnings", "no-fix-arm1176", "no-fix-cortex-a53-835769",
    "no-fix-cortex-a53-843419", "no-fix-cortex-a8", "no-gc-sections", "no-gdb-index", "no-gnu-unique",
    "no-incremental", "no-insert-timestamp", "no-keep-files-mapped", "no-keep-memory",
    "no-ld-generated-unwind-info", "no-long-plt", "no-map-whole-files", "no-merge-exidx-entries",
    "no-mmap-output-file", "no-nxcompat", "no-omagic", "no-pack-relative-relocs", "no-pic-executable", "no-pie",
    "no-pipeline-knowledge", "no-plt-localentry", "no-plt-static-chain", "no-plt-thread-safe", "no-posix-fallocate",
    "no-power10-stubs", "no-print-gc-sections", "no-print-icf-sections", "no-print-map-discarded", "no-relax",
    "no-rosegment", "no-seh", "no-strip-discarded", "no-stub-group-multi", "no-text-reorder", "no-threads",
    "no-tls-get-addr-optimize", "no-tls-optimize", "no-toc-optimize", "no-toc-sort", "no-tsaware", "no-undefined",
    "no-undefined-version", "no-warn-common", "no-warn-constructors", "no-warn-drop-version", "no-warn-execstack",
    "no-warn-mismatch", "no-warn-rwx-segments", "no-warn-search-mismatch", "no-warn-shared-textrel",
    "no-warn-symbol-ordering", "no-warnings", "no-wchar-size-warning", "no_adhoc_codesign",
    "no_application_extension", "no_compact_unwind", "no_data_in_code_info", "no_dead_strip_inits_and_terms",
    "no_deduplicate", "no_exported_symbols", "no_fixup_chains", "no_function_starts", "no_implicit_dylibs",
    "no_objc_category_merging", "no_pie", "no_uuid", "no_warn_duplicate_libraries", "noinhibit-exec", "nxcompat",
    "o", "object_path_lto", "oformat", "omagic", "opt-remarks-filename", "optimize", "order_file",
    "orphan-handling", "out-implib", "output", "output-def", "p", "pack-dyn-relocs", "pack-relative-relocs",
    "package-metadata", "pagezero_size", "pic-executable", "pic-veneer", "pie", "platform_version", "plt-align",
    "plt-localentry", "plt-static-chain", "plt-thread-safe", "plugin", "plugin-opt", "posix-fallocate",
    "power10-stubs", "preread-archive-symbols", "print-gc-sections", "print-icf-sections", "print-map",
    "print-map-discarded", "print-memory-usage", "print-output-format", "print-symbol-counts", "print-sysroot", "q",
    "qmagic", "r", "read_only_relocs", "reduce-memory-overheads", "relax", "relocatable", "require-defined",
    "retain-symbols-file", "rosegment", "rosegment-gap", "rpath", "rpath-link", "s", "search_dylibs_first",
    "search_paths_first", "sectcreate", "section-alignment", "section-ordering-file", "section-start", "secure-plt",
    "segaddr", "segprot", "separate-code", "shared", "shared-memory", "soname", "sort-common", "sort-section",
    "spare-dynamic-tags", "split-by-file", "split-by-reloc", "split-stack-adjust-size", "stack", "stack-first",
    "stack_size", "stats", "strip-all", "strip-debug", "strip-debug-gdb", "strip-debug-non-line", "strip-discarded",
    "strip-lto-sections", "stub-group-multi", "stub-group-size", "subsystem", "support-old-code",
    "symbol-ordering-file", "t", "target-help", "target1-abs", "target1-rel", "target2", "task-link",
    "text-reorder", "thinlto-cache-dir", "thinlto-cache-policy", "thinlto-jobs", "thread-count",
    "thread-count-final", "thread-count-initial", "thread-count-middle", "threads", "thumb-entry", "time-trace",
    "tls-get-addr-optimize", "tls-optimize", "toc-optimize", "toc-sort", "trace", "trace-symbol",
    "traditional-format", "tsaware", "twolevel_namespace", "u", "undefined", "undefined-version",
    "unexported_symbol", "unexported_symbols_list", "unique", "unresolved-symbols", "use-android-relr-tags", "v",
    "verbose", "version-exports-section", "version-script", "vs-diagnostics", "w", "warn-alternate-em",
    "warn-common", "warn-constructors", "warn-drop-version", "warn-duplicate-exports", "warn-execstack",
    "warn-multiple-gp", "warn-once", "warn-rwx-segments", "warn-search-mismatch", "warn-section-align",
    "warn-shared-textrel", "warn-symbol-ordering", "warn-textrel", "warn-unresolved-symbols",
    "weak-unresolved-symbols", "wrap", "x", "y", "z",
];

/// The options of one letter whose value may follow in the same token.
const LETTERS: &[char] = &['O', 'R', 'z'];

/// Returns whether a token is an option that names no library, whatever its value.
pub(super) fn names_no_library(token: &str) -> bool {
    let Some(name) = super::line::option(token) else { return false };
    let letter = || {
        let short = token.strip_prefix('-').filter(|short| !short.starts_with('-'));
        short.is_some_and(|short| short.starts_with(LETTERS))
    };
    NAMES.contains(&name.split('=').next().unwrap_or_default()) || letter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_a_library_is_not_among_them() {
        for token in [
            "-Map",
            "--build-id=sha1",
            "-z",
            "-znow",
            "-O1",
            "-R/x",
            "-plugin",
            "--dynamic-linker=/x",
            "-soname",
        ] {
            assert!(names_no_library(token), "{token}");
        }
        // Scripts, files of names, folders of libraries, types of input, and what no linker has.
        for token in [
            "-T",
            "--script=x",
            "--sysroot=/x",
            "-nostdlib",
            "-filelist",
            "-b",
            "--just-symbols=x",
            "-F",
            "--zzz",
            "x",
            "",
            "-",
        ] {
            assert!(!names_no_library(token), "{token}");
        }
        assert!(NAMES.is_sorted(), "in order");
    }
}
