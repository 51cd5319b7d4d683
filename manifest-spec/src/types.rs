//! The declaration: what a build script would have done, as data.
//!
//! These types are what every origin (a package's own `Cargo.toml`, `inert.toml`, the catalog, a derivation) is
//! lowered to, and what [`crate::write`] writes back as TOML.

mod spans;

use std::collections::BTreeMap;

use crate::condition::Condition;

/// Byte range in the TOML text that a value was read from; `0..0` for what was not read from text.
pub type Span = std::ops::Range<usize>;

/// A value with the conditions under which it stands.
///
/// "Wherever a value or list item stands, `{ value…, when = "…" }` may stand, or a list of alternatives of which
/// exactly one holds": none may hold, and the value is then absent; two that hold are an error at resolution, and at
/// parse time where it is evident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded<T> {
    /// In the order written.
    pub alternatives: Vec<Item<T>>,
}

/// One alternative or list item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<T> {
    /// What stands there.
    pub value: T,
    /// When it stands; `None` is always.
    pub when: Option<Condition>,
    /// `else = true`: stands where no other alternative of its list does.
    pub otherwise: bool,
    /// Where it was written.
    pub span: Span,
}

/// Literal text with `${name}` variables from [`crate::VARIABLES`]; `$$` is a dollar sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text {
    /// In order.
    pub parts: Vec<TextPart>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextPart {
    /// As it stands.
    Literal(String),
    /// `${name}`, checked against the fixed list.
    Variable(String),
}

/// A `/`-separated path without `..`, drive, or leading `/`. Its base (package, OUT_DIR or, by a leading
/// `${…}`, a folder that the resolver knows) is the key's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(pub String);

/// A path that may start in a folder the resolver knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathRef {
    /// `src/x.c`: inside the package.
    Package(RelativePath),
    /// `${out-dir}/include`: inside OUT_DIR.
    OutDir(RelativePath),
    /// `${library.zlib.include}`: the include folders of a discovered library.
    LibraryInclude(String),
    /// `${library.zlib.include[-1]}`: of several include folders the last; none where there is none.
    LibraryIncludeLast(String),
    /// `${library.zlib.lib}`: the library folders of a discovered library.
    LibraryLib(String),
    /// `${dep.openssl.include}`: a path in a dependency's metadata, which must lie in its producer's package,
    /// OUT_DIR or a discovered prefix.
    Dep {
        /// The dependency's `links` name.
        links: String,
        /// Its metadata key.
        key: String,
        /// `${dep.openssl.include[0]}`: of several paths, joined as PATH is, the first alone.
        first: bool,
        /// Inside it, `.` for itself: `${dep.openssl.include}/openssl`.
        path: RelativePath,
    },
    /// `${build-dependency.lua-src.root}/lua-5.4`: inside the package of a resolved build-dependency.
    BuildDependency {
        /// The package's name, as in `[build-dependencies]`.
        package: String,
        /// Inside it.
        path: RelativePath,
    },
}

/// All that one package declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// `schema = 1`.
    pub schema: u32,
    /// Where the declaration does not say what the script does; over facts known before the build only.
    pub unsupported: Option<Condition>,
    /// `cfg`: name → when it is set.
    pub cfg: BTreeMap<String, Cfg>,
    /// `probe`: named questions.
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

/// A question that is asked while the stand-in runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub kind: ProbeKind,
    /// Asked only then; elsewhere the answer is "no".
    pub when: Option<Condition>,
    /// Where it was written.
    pub span: Span,
}

/// What a probe asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeKind {
    /// `compiles = "src/probe.rs"` or `compiles-text = "…"`: whether rustc accepts it for the target.
    Compiles(CompileProbe),
    /// `macro = "NAME"`: the value of a C macro after preprocessing `header`.
    Macro {
        /// The macro.
        name: String,
        /// `#include <header>`.
        header: String,
        /// Library whose include folders are searched first.
        library: Option<String>,
    },
    /// `header = "x.h"`: whether the C preprocessor finds it.
    Header {
        /// `#include <header>`.
        header: String,
        /// Library whose include folders are searched first.
        library: Option<String>,
    },
    /// `function = "name"`: whether a C program that calls it links.
    Function {
        /// The function.
        name: String,
        /// Header that declares it, if it is to be included.
        header: Option<String>,
        /// Library to link.
        library: Option<String>,
    },
    /// `sizeof = "long"`: the size of a C type in bytes on the target.
    SizeOf {
        /// The type.
        c_type: String,
        /// Header that declares it.
        header: Option<String>,
    },
    /// `links = "z"`: whether an empty C program links with `-lz`; with `source = "src/smoke.c"`, that file.
    Links {
        /// Name as after `-l`.
        lib: String,
        /// The package's C program that is compiled in place of the empty one.
        source: Option<RelativePath>,
    },
    /// `c-flag = "-mavx512f"`: whether the C compiler accepts the flag (from the flag list).
    CFlag {
        /// The flag.
        flag: String,
        /// Asked of the C++ compiler.
        cpp: bool,
    },
    /// `variable = "targets"`: a variable of a found library's `.pc` file; with `word`, whether it is among its words.
    Variable {
        /// The variable.
        name: String,
        /// The library.
        library: String,
        /// What is looked for among the words of its value.
        word: Option<String>,
    },
    /// `path-exists = "/usr/include/x.h"`: an absolute path on this machine.
    PathExists {
        /// The path.
        path: String,
    },
}

/// A compile probe by rustc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileProbe {
    /// The source.
    pub source: ProbeSource,
    /// `edition`: default 2015, as rustc's own.
    pub edition: Option<String>,
    /// `crate-type`: default `lib`.
    pub crate_type: Option<String>,
    /// `cfgs`: `--cfg`s given.
    pub cfgs: Vec<Item<String>>,
    /// `rustc-bootstrap`: what is done about `RUSTC_BOOTSTRAP`.
    pub bootstrap: Bootstrap,
    /// `emit`: default `metadata`.
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
    /// Inline.
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

/// What a compile probe emits. Nothing is ever linked: a source can have the linker do what it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProbeEmit {
    /// `"metadata"`: type checking.
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
    /// `text = "…"`.
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

/// A text file of which another is made, as configure scripts do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The file.
    pub file: PathRef,
    /// `replace`: text in it → what stands there instead, once through, of several that fit the longest.
    pub replace: BTreeMap<String, Text>,
    /// `without-lines`: lines that hold one of these are left out; the others are joined by line feeds, none at the end.
    pub without_lines: Vec<String>,
}

/// A native library and the ways to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Asked for only then.
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
    /// `kind = "static"` / `"dylib"`: asked for; unmet is an error or a warning, never silence.
    pub kind: Option<Guarded<LinkKind>>,
    /// `modifiers` on the `rustc-link-lib` of what `libs` names, whoever provides it.
    pub modifiers: Vec<Item<String>>,
    /// `search`: whether plain search of the linker's own folders may find it (default false).
    pub search: bool,
    /// `print-system-libs`: whether the system's own folders are named to the linker where pkg-config names them, as
    /// the `pkg-config` crate does unless told otherwise (default true).
    pub print_system_libs: bool,
    /// `fallback`: the `cc-library` to build where it is not found.
    pub fallback: Option<String>,
    /// `prefer = "source"` as the crate's default; the user's `[libraries]` outranks it.
    pub prefer: Option<Guarded<Prefer>>,
    /// `link = false`: found and asked about, not linked by itself (default true: a library that stands in no `link`
    /// entry is linked after the list).
    pub link: bool,
    /// Where it was written.
    pub span: Span,
}

/// `prefer` of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The system's first, then the source build.
    System,
    /// The source build.
    Source,
}

/// A version range: all comparisons hold, versions in pkg-config's (RPM's) order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionRange {
    /// As written, in order.
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
    /// `library = "zlib"`: all that its discovery or fallback says.
    Library(String),
    /// `cc-library = "z"`: an archive built here.
    CcLibrary(String),
    /// `lib = "advapi32"`: `rustc-link-lib`.
    Lib {
        /// Name as after `-l`.
        name: Text,
        /// `kind`; none leaves it to rustc.
        kind: Option<LinkKind>,
        /// `modifiers = ["+whole-archive"]`.
        modifiers: Vec<String>,
        /// The script printed no kind but `-l`-less form; how the directive is spelt is the printer's affair.
        rename: Option<String>,
    },
    /// `search = "lib"`: `rustc-link-search` of a folder of the package, OUT_DIR or a discovered library.
    Search {
        /// The folder.
        path: PathRef,
        /// `native` (default where none is written: rustc's `all`), `framework`, …
        kind: Option<SearchKind>,
        /// `files`: what the folder may hold, each checked by its magic; required for folders of the package.
        files: Vec<String>,
    },
    /// `arg = "-Wl,--as-needed"`: `rustc-link-arg`, from the link-argument list.
    Arg {
        /// Exact token.
        arg: Text,
        /// `for = "bins"`: which targets it is for.
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

/// Which of the package's targets a link argument is for (the Cargo book, "rustc-link-arg-…").
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
    /// `{ list = ["a", "b"] }`: joined by `,`; those that stand.
    List(Vec<Item<Text>>),
}

/// A source build by `cc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcLibrary {
    /// Built only then (a `fallback` or `link` that names it asks for it besides).
    pub when: Option<Condition>,
    /// `sources`: files and globs of the package, in order; a glob's matches are sorted.
    pub sources: Vec<Item<PathRef>>,
    /// `exclude`: files and globs taken out again.
    pub exclude: Vec<Item<PathRef>>,
    /// `include-dirs`: `-I`, in order.
    pub include_dirs: Vec<Item<PathRef>>,
    /// `defines`: name → value.
    pub defines: BTreeMap<String, Guarded<Define>>,
    /// `flags`: exact tokens from the compiler-flag list.
    pub flags: Vec<Item<CcFlag>>,
    /// `cpp = true`: C++.
    pub cpp: Option<Guarded<bool>>,
    /// `cpp-link-stdlib`: `"none"` or a library's name; default is the platform's where `cpp`.
    pub cpp_link_stdlib: Option<Guarded<String>>,
    /// `std = "c11"`.
    pub std: Option<Guarded<String>>,
    /// `warnings` (cc's default: true).
    pub warnings: Option<Guarded<bool>>,
    /// `extra-warnings`.
    pub extra_warnings: Option<Guarded<bool>>,
    /// `opt-level`: overrides Cargo's.
    pub opt_level: Option<Guarded<String>>,
    /// `debug`: overrides Cargo's.
    pub debug: Option<Guarded<bool>>,
    /// `pic`: overrides the target's.
    pub pic: Option<Guarded<bool>>,
    /// `static-crt`: overrides `target_feature = "crt-static"`.
    pub static_crt: Option<Guarded<bool>>,
    /// `install-headers`: path in OUT_DIR → file of the package that is copied there, or folder or glob whose files are
    /// copied below it.
    pub install_headers: BTreeMap<RelativePath, Guarded<PathRef>>,
    /// `folder = "lib"`: where in OUT_DIR the archive is put and searched for; OUT_DIR itself by default.
    pub folder: Option<RelativePath>,
    /// `link = false`: built, but linked only where a `link` entry says so (default true: after the list).
    pub link: bool,
    /// `modifiers` on its `rustc-link-lib`, `+whole-archive`.
    pub modifiers: Vec<String>,
    /// Where it was written.
    pub span: Span,
}

/// A preprocessor definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Define {
    /// `NAME = true`: `-DNAME`.
    Flag,
    /// `NAME = "value"` or a number: `-DNAME=value`.
    Value(Text),
}

/// A compiler flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcFlag {
    /// Exact token from the list.
    pub flag: String,
    /// `if-supported = true`: dropped where the compiler rejects it.
    pub if_supported: bool,
    /// `compiler = "msvc"` / `"gnu"` / `"clang"`: only that family (cc's `is_like_…`).
    pub compiler: Option<CompilerFamily>,
}

/// cc's compiler families.
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
    /// A value that always stands.
    pub fn always(value: T) -> Self {
        Self { alternatives: vec![Item::always(value)] }
    }
}

impl<T> Item<T> {
    /// A value that always stands.
    pub fn always(value: T) -> Self {
        Self { value, when: None, otherwise: false, span: 0..0 }
    }

    /// A value that stands under a condition.
    pub fn when(value: T, condition: Condition) -> Self {
        Self { value, when: Some(condition), otherwise: false, span: 0..0 }
    }
}

impl Declaration {
    /// Forgets where everything was written, so that declarations compare by what they say.
    pub fn clear_spans(&mut self) {
        spans::clear(self);
    }
}

impl Text {
    /// Text without variables.
    pub fn literal(text: impl Into<String>) -> Self {
        Self { parts: vec![TextPart::Literal(text.into())] }
    }
}
