//! The declaration: what a build script would have done, as data.
//!
//! These types are what every origin (a package's own `Cargo.toml`, `inert.toml`, the catalog, a derivation) is
//! lowered to, and what [`crate::write`] writes back as TOML.

mod spans;

use std::collections::BTreeMap;

use crate::condition::Condition;

/// Byte range in the TOML text that a value was read from; `0..0` for a value that was not read from text.
pub type Span = std::ops::Range<usize>;

/// A value with the conditions under which it applies.
///
/// The schema's rule: in place of any value or list item, the text may give `{ value…, when = "…" }`, or a list of
/// alternatives of which at most one holds. If none holds, the value is absent. If two hold, that is an error at
/// resolution, and at parse time where the overlap is evident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded<T> {
    /// The alternatives, in the order written.
    pub alternatives: Vec<Item<T>>,
}

/// One alternative or list item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T> {
    /// The value or list item.
    pub value: T,
    /// The condition under which the value applies; `None` means always.
    pub when: Option<Condition>,
    /// `else = true`: the value applies if no other alternative of its list does.
    pub otherwise: bool,
    /// The place where the item was written.
    pub span: Span,
}

/// Literal text with `${name}` variables from [`crate::VARIABLES`]; `$$` is a dollar sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text {
    /// Literals and variables, in the order written.
    pub parts: Vec<TextPart>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextPart {
    /// Literal text, with `$$` already read as `$`.
    Literal(String),
    /// `${name}`, checked against the fixed list.
    Variable(String),
}

/// A `/`-separated path without `..`, drive, or leading `/`. The key decides its base: the package, OUT_DIR or, by
/// a leading `${…}`, a folder that the resolver knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(pub String);

/// A path that may start in a folder the resolver knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathRef {
    /// `src/x.c`: inside the package.
    Package(RelativePath),
    /// `${out-dir}/include`: a path inside OUT_DIR.
    OutDir(RelativePath),
    /// `${library.zlib.include}`: the include folders of a discovered library.
    LibraryInclude(String),
    /// `${library.zlib.include[-1]}`: the last of a library's include folders; empty if it has none.
    LibraryIncludeLast(String),
    /// `${library.zlib.lib}`: the library folders of a discovered library.
    LibraryLib(String),
    /// `${dep.openssl.include}`: a path in a dependency's metadata, which must lie in its producer's package,
    /// OUT_DIR or a discovered prefix.
    Dep {
        /// The dependency's `links` name.
        links: String,
        /// The key of the dependency's metadata.
        key: String,
        /// `${dep.openssl.include[0]}`: of several paths, joined as PATH is, the first alone.
        first: bool,
        /// The path inside that folder, `.` for the folder itself: `${dep.openssl.include}/openssl`.
        path: RelativePath,
    },
    /// `${build-dependency.lua-src.root}/lua-5.4`: inside the package of a resolved build-dependency.
    BuildDependency {
        /// The package's name, as in `[build-dependencies]`.
        package: String,
        /// The path inside that package.
        path: RelativePath,
    },
}

/// All that one package declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// `schema = 1`: the version of the schema.
    pub schema: u32,
    /// The conditions under which the declaration does not describe the script; only facts known before the build
    /// may occur.
    pub unsupported: Option<Condition>,
    /// `cfg`: name → when it is set.
    pub cfg: BTreeMap<String, Cfg>,
    /// `probe`: questions to the compiler or the machine, by name.
    pub probe: BTreeMap<String, Probe>,
    /// `rustc-env`: variables for the package's own compilation.
    pub rustc_env: BTreeMap<String, Guarded<Text>>,
    /// `out-dir`: files in OUT_DIR by their path in it.
    pub out_dir: BTreeMap<RelativePath, Guarded<OutFile>>,
    /// `library`: native libraries to be found.
    pub library: BTreeMap<String, Library>,
    /// `cc-library`: archives to be built, by the archive's name (`z` for `libz.a`).
    pub cc_library: BTreeMap<String, CcLibrary>,
    /// `system-deps`: when the package's `[package.metadata.system-deps]` table is carried out, as system-deps 9 does.
    pub system_deps: Option<Condition>,
    /// `link`: the one ordered list of what is linked.
    pub link: Vec<Item<Link>>,
    /// `links-metadata`: what dependents read as `DEP_<LINKS>_<KEY>`.
    pub links_metadata: BTreeMap<String, Guarded<MetadataValue>>,
    /// `error`: the build fails with this text, as a script's deliberate panic does.
    pub error: Vec<Item<Text>>,
    /// `warning`: shown by cargo.
    pub warning: Vec<Item<Text>>,
}

/// When a cfg is set. Its check-cfg follows by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cfg {
    /// `name = 'condition'`: the bare option.
    Option(Condition),
    /// `name = { "value" = 'condition' }`: a key with values.
    Values(BTreeMap<String, Condition>),
}

/// A question that the stand-in asks while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The question, with its parameters.
    pub kind: ProbeKind,
    /// The condition under which the probe is asked; if it does not hold, the answer is "no".
    pub when: Option<Condition>,
    /// The place where the probe was written.
    pub span: Span,
}

/// The question of a probe, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeKind {
    /// `compiles = "src/probe.rs"` or `compiles-text = "…"`: whether rustc accepts it for the target.
    Compiles(CompileProbe),
    /// `macro = "NAME"`: the value of a C macro after preprocessing `header`.
    Macro {
        /// The macro's name.
        name: String,
        /// The header, as in `#include <header>`.
        header: String,
        /// Library whose include folders are searched first.
        library: Option<String>,
    },
    /// `header = "x.h"`: whether the C preprocessor finds it.
    Header {
        /// The header, as in `#include <header>`.
        header: String,
        /// Library whose include folders are searched first.
        library: Option<String>,
    },
    /// `function = "name"`: whether a C program that calls it links.
    Function {
        /// The function's name.
        name: String,
        /// Header that declares it, if it is to be included.
        header: Option<String>,
        /// The library to link with, a key of `library`.
        library: Option<String>,
    },
    /// `sizeof = "long"`: the size of a C type in bytes on the target.
    SizeOf {
        /// The C type, as in `sizeof(…)`.
        c_type: String,
        /// Header that declares it.
        header: Option<String>,
    },
    /// `links = "z"`: whether an empty C program links with `-lz`; with `source = "src/smoke.c"`, that file.
    Links {
        /// The library's name as after `-l`.
        lib: String,
        /// The package's C program that is compiled in place of the empty one.
        source: Option<RelativePath>,
    },
    /// `c-flag = "-mavx512f"`: whether the C compiler accepts the flag (from the flag list).
    CFlag {
        /// The flag, exactly as given to the compiler.
        flag: String,
        /// True if the C++ compiler is asked instead of the C compiler.
        cpp: bool,
    },
    /// `variable = "targets"`: a variable of a found library's `.pc` file; with `word`, whether its value contains
    /// that token.
    Variable {
        /// The variable's name in the `.pc` file.
        name: String,
        /// The library, a key of `library`.
        library: String,
        /// The token that is looked for in the variable's value.
        word: Option<String>,
    },
    /// `path-exists = "/usr/include/x.h"`: an absolute path on this machine.
    PathExists {
        /// The absolute path.
        path: String,
    },
}

/// A compile probe by rustc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileProbe {
    /// The source code that rustc compiles.
    pub source: ProbeSource,
    /// `edition`: the Rust edition; default 2015, as for rustc itself.
    pub edition: Option<String>,
    /// `crate-type`: rustc's `--crate-type`; default `lib`.
    pub crate_type: Option<String>,
    /// `cfgs`: the values of rustc's `--cfg` options.
    pub cfgs: Vec<Item<String>>,
    /// `rustc-bootstrap`: how the probe sets `RUSTC_BOOTSTRAP`.
    pub bootstrap: Bootstrap,
    /// `emit`: rustc's `--emit`; default `metadata`.
    pub emit: ProbeEmit,
    /// `cap-lints`: whether `--cap-lints=allow` is given (default true).
    pub cap_lints: bool,
    /// `rustflags`: whether the package's RUSTFLAGS (`CARGO_ENCODED_RUSTFLAGS`) are given (default true).
    pub rustflags: bool,
    /// `target`: whether `--target` is given (default true).
    pub target: bool,
}

/// Where a compile probe's source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeSource {
    /// A file of the package.
    File(RelativePath),
    /// The source code itself.
    Text(String),
}

/// `rustc-bootstrap` of a compile probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bootstrap {
    /// `"inherit"`: as the caller's environment has it (default).
    #[default]
    Inherit,
    /// `"unset"`: the probe runs without it.
    Unset,
    /// `"set"`: the probe runs with `RUSTC_BOOTSTRAP=1`.
    Set,
}

/// The output of a compile probe. Nothing is ever linked, since a source can make the linker do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProbeEmit {
    /// `"metadata"`: type checking only.
    #[default]
    Metadata,
    /// `"obj"`: code generation too.
    Object,
    /// `"llvm-ir"`: code generation, as autocfg asks.
    LlvmIr,
}

/// A file in OUT_DIR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutFile {
    /// `text = "…"`: the file's content.
    Text(Text),
    /// `copy = "path"`: bytes of a file.
    Copy(PathRef),
    /// `concat = ["a", { text = "…" }, …]`: pieces one after another.
    Concat(Vec<Item<OutFile>>),
    /// `template = "path"`: a text file with pieces replaced and lines left out.
    Template(Template),
    /// `base64 = "…"`: constant bytes that are not text.
    Bytes(Vec<u8>),
    /// `directory = true`: an empty folder.
    Directory,
}

/// A text file from which another is made, as configure scripts do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The template file.
    pub file: PathRef,
    /// `replace`: text in the file → its replacement; the file is passed once, and the longest match at a position
    /// wins.
    pub replace: BTreeMap<String, Text>,
    /// `without-lines`: a line that contains one of these texts is left out; the rest is joined by line feeds, with
    /// none at the end.
    pub without_lines: Vec<String>,
}

/// A native library and the ways to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The condition under which the library is looked for.
    pub when: Option<Condition>,
    /// `optional = true`: not found is an answer (`found`), not an error.
    pub optional: bool,
    /// `pkg-config`: module names, tried in order.
    pub pkg_config: Vec<Item<String>>,
    /// `version`: range over pkg-config's version order, `>=1.2.11, <2`.
    pub version: Option<Guarded<VersionRange>>,
    /// `vcpkg`: port names, tried in order.
    pub vcpkg: Vec<Item<String>>,
    /// `libs`: names as after `-l`, for plain search, overrides and vcpkg.
    pub libs: Vec<Item<String>>,
    /// `frameworks`: on Apple systems.
    pub frameworks: Vec<Item<String>>,
    /// `header`: file that must exist for plain search and overrides; `version-macro` reads it.
    pub header: Option<String>,
    /// `version-macro`: a macro in `header` that holds the version as a string literal.
    pub version_macro: Option<String>,
    /// `env-prefix = "Z"`: `Z_LIB_DIR`, `Z_INCLUDE_DIR`, `Z_DIR`, `Z_STATIC`, `Z_NO_PKG_CONFIG`, each also behind
    /// the target's name.
    pub env_prefix: Option<String>,
    /// `env`: names of single variables that the crate honours, by role, where they follow no prefix.
    pub env: BTreeMap<String, Vec<String>>,
    /// `kind = "static"` or `"dylib"`: the requested kind; if it is not available, that is an error or a warning, never
    /// ignored.
    pub kind: Option<Guarded<LinkKind>>,
    /// `modifiers` on the `rustc-link-lib` of the names in `libs`, whoever provides the library.
    pub modifiers: Vec<Item<String>>,
    /// `search`: whether plain search of the linker's own folders may find it (default false).
    pub search: bool,
    /// `print-system-libs`: whether the linker is given the system's own folders where pkg-config names them, as
    /// the `pkg-config` crate does by default (default true).
    pub print_system_libs: bool,
    /// `fallback`: the `cc-library` to build if the library is not found.
    pub fallback: Option<String>,
    /// `prefer = "source"` as the crate's default; the user's `[libraries]` outranks it.
    pub prefer: Option<Guarded<Prefer>>,
    /// `link = false`: the library is found and can be asked about, but is not linked by itself (default true: a
    /// library that no `link` entry names is linked after the list).
    pub link: bool,
    /// The place where the library was written.
    pub span: Span,
}

/// `prefer` of a library: the first place where it is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The system's library first, then the source build.
    System,
    /// The source build first, then the system's library.
    Source,
}

/// A version range: all comparisons hold, versions in pkg-config's (RPM's) order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionRange {
    /// The comparisons, in the order written.
    pub comparisons: Vec<crate::condition::ValueTest>,
}

/// How a library is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "rustc's own names of link kinds")]
pub enum LinkKind {
    Dylib,
    Static,
    Framework,
    RawDylib,
}

/// An entry of the ordered `link` list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// `library = "zlib"`: everything that its discovery or its source build yields.
    Library(String),
    /// `cc-library = "z"`: an archive that the declaration builds.
    CcLibrary(String),
    /// `lib = "advapi32"`: `rustc-link-lib`.
    Lib {
        /// Name as after `-l`.
        name: Text,
        /// `kind`; if absent, rustc decides.
        kind: Option<LinkKind>,
        /// `modifiers = ["+whole-archive"]`: rustc's linking modifiers.
        modifiers: Vec<String>,
        /// `rename`: the name in `#[link]` that `name` replaces (the rustc book, `-l`).
        rename: Option<String>,
    },
    /// `search = "lib"`: `rustc-link-search` of a folder of the package, OUT_DIR or a discovered library.
    Search {
        /// The folder that is searched.
        path: PathRef,
        /// `kind`: `native`, `framework`, …; if absent, rustc's own default, `all`.
        kind: Option<SearchKind>,
        /// `files`: the names of the files that the folder may hold, each checked by its magic; required for
        /// folders of the package.
        files: Vec<String>,
    },
    /// `arg = "-Wl,--as-needed"`: `rustc-link-arg`, from the link-argument list.
    Arg {
        /// The argument, one exact token.
        arg: Text,
        /// `for = "bins"`: the targets of the package that get the argument.
        scope: ArgScope,
    },
}

/// Kind of a search folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "rustc's own names")]
pub enum SearchKind {
    Native,
    Framework,
    All,
}

/// The targets of a package that a link argument is for (the Cargo book, "rustc-link-arg-…").
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "Cargo's own names")]
pub enum ArgScope {
    All,
    Bins,
    Bin(String),
    Cdylib,
    Tests,
    Examples,
    Benches,
}

/// A value of `links-metadata`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataValue {
    /// `key = "text"` or `{ text = "…" }`.
    Text(Text),
    /// `{ path = "include" }`: absolute when printed.
    Path(PathRef),
    /// `{ paths = ["a", "b"] }`: joined as the host joins search paths.
    Paths(Vec<Item<PathRef>>),
    /// `{ path-list = ["a", "b"] }`: joined by `,`.
    PathList(Vec<Item<PathRef>>),
    /// `{ list = ["a", "b"] }`: those items whose conditions hold, joined by `,`.
    List(Vec<Item<Text>>),
}

/// A source build by `cc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcLibrary {
    /// The condition under which it is built. An archive that a `fallback` or `link` entry names is built only if that
    /// entry requires it, too.
    pub when: Option<Condition>,
    /// `sources`: files and globs of the package, in order; a glob's matches are sorted.
    pub sources: Vec<Item<PathRef>>,
    /// `exclude`: files and globs that are removed from the sources.
    pub exclude: Vec<Item<PathRef>>,
    /// `include-dirs`: the folders of `-I` options, in order.
    pub include_dirs: Vec<Item<PathRef>>,
    /// `defines`: preprocessor definitions, name → value.
    pub defines: BTreeMap<String, Guarded<Define>>,
    /// `flags`: exact tokens from the compiler-flag list.
    pub flags: Vec<Item<CcFlag>>,
    /// `cpp = true`: the sources are C++.
    pub cpp: Option<Guarded<bool>>,
    /// `cpp-link-stdlib`: `"none"` or a library's name; with `cpp` the default is the platform's.
    pub cpp_link_stdlib: Option<Guarded<String>>,
    /// `std = "c11"`: the language standard, without `-std=`.
    pub std: Option<Guarded<String>>,
    /// `warnings` (cc's default: true).
    pub warnings: Option<Guarded<bool>>,
    /// `extra-warnings`: cc's setting of that name.
    pub extra_warnings: Option<Guarded<bool>>,
    /// `opt-level`: replaces Cargo's `OPT_LEVEL`.
    pub opt_level: Option<Guarded<String>>,
    /// `debug`: replaces Cargo's `DEBUG`.
    pub debug: Option<Guarded<bool>>,
    /// `pic`: replaces the target's default for position-independent code.
    pub pic: Option<Guarded<bool>>,
    /// `static-crt`: overrides `target_feature = "crt-static"`.
    pub static_crt: Option<Guarded<bool>>,
    /// `install-headers`: path in OUT_DIR → file of the package that is copied there, or folder or glob whose files are
    /// copied below it.
    pub install_headers: BTreeMap<RelativePath, Guarded<PathRef>>,
    /// `folder = "lib"`: the folder in OUT_DIR that the archive is written to and searched in; OUT_DIR itself by
    /// default.
    pub folder: Option<RelativePath>,
    /// `link = false`: the archive is built, but linked only by a `link` entry (default true: it is linked after
    /// the list).
    pub link: bool,
    /// `modifiers` on its `rustc-link-lib`, `+whole-archive`.
    pub modifiers: Vec<String>,
    /// The place where the source build was written.
    pub span: Span,
}

/// The value of a preprocessor definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Define {
    /// `NAME = true`: `-DNAME`.
    Flag,
    /// `NAME = "value"` or a number: `-DNAME=value`.
    Value(Text),
}

/// A compiler flag with its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcFlag {
    /// The flag, one exact token from the list.
    pub flag: String,
    /// `if-supported = true`: dropped where the compiler rejects it.
    pub if_supported: bool,
    /// `compiler = "msvc"` / `"gnu"` / `"clang"`: the flag is for that family only (cc's `is_like_…`).
    pub compiler: Option<CompilerFamily>,
}

/// Families of compilers, as the `cc` crate tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "cc's own names")]
pub enum CompilerFamily {
    Gnu,
    Clang,
    Msvc,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            when: None,
            optional: false,
            pkg_config: Vec::new(),
            version: None,
            vcpkg: Vec::new(),
            libs: Vec::new(),
            frameworks: Vec::new(),
            header: None,
            version_macro: None,
            env_prefix: None,
            env: BTreeMap::new(),
            kind: None,
            modifiers: Vec::new(),
            search: false,
            print_system_libs: true,
            fallback: None,
            prefer: None,
            link: true,
            span: 0..0,
        }
    }
}

impl Default for CcLibrary {
    fn default() -> Self {
        Self {
            when: None,
            sources: Vec::new(),
            exclude: Vec::new(),
            include_dirs: Vec::new(),
            defines: BTreeMap::new(),
            flags: Vec::new(),
            cpp: None,
            cpp_link_stdlib: None,
            std: None,
            warnings: None,
            extra_warnings: None,
            opt_level: None,
            debug: None,
            pic: None,
            static_crt: None,
            install_headers: BTreeMap::new(),
            folder: None,
            link: true,
            modifiers: Vec::new(),
            span: 0..0,
        }
    }
}

impl<T> Guarded<T> {
    /// Makes a value that always applies.
    pub fn always(value: T) -> Self {
        Self { alternatives: vec![Item::always(value)] }
    }
}

impl<T> Item<T> {
    /// Makes an item that always applies.
    pub fn always(value: T) -> Self {
        Self { value, when: None, otherwise: false, span: 0..0 }
    }

    /// Makes an item that applies under a condition.
    pub fn when(value: T, condition: Condition) -> Self {
        Self { value, when: Some(condition), otherwise: false, span: 0..0 }
    }
}

impl Declaration {
    /// Sets every span to `0..0`, so that declarations compare by their content alone.
    pub fn clear_spans(&mut self) {
        spans::clear(self);
    }
}

impl Text {
    /// Makes a text without variables.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![TextPart::Literal(text.into())] }
    }
}
