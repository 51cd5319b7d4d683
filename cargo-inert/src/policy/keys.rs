//! The keys of `inert.toml`, for the reader, the "did you mean" suggestions, the JSON Schema and the reference. A new
//! key needs a row here and a line in `read/` that reads it.

use super::choice;

/// A table of the file.
#[derive(Debug)]
pub struct Table {
    /// The name of the table in messages: `[policy]`, `[[allow]]`.
    pub name: &'static str,
    /// The key of the table at the top; empty for the top level itself.
    pub key: &'static str,
    /// True if the table may be repeated.
    pub repeated: bool,
    /// The description of the table in Markdown.
    pub doc: &'static str,
    /// The keys of the table, in the order of the reference.
    pub keys: &'static [Key],
    /// The description of all other keys, if the table accepts any.
    pub open: Option<&'static Key>,
    /// True if the table may also be below `[target.<triple or cfg(…)>]`.
    pub per_target: bool,
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// The name of the key as it is written.
    pub name: &'static str,
    /// The form of its value.
    pub shape: Shape,
    /// True if the key is required.
    pub required: bool,
    /// The meaning of the key in Markdown, on one line.
    pub doc: &'static str,
}

/// The form of a value.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A string that is not empty.
    Text,
    /// A string, or a list of strings.
    Texts,
    /// One of the listed values.
    Choice(&'static [&'static str]),
    /// A list of some of the listed values.
    Choices(&'static [&'static str]),
    /// An integer, without a fraction.
    Integer,
    /// A day such as `2027-01-31`, as a TOML date or a string.
    Date,
    /// `true` or `false`.
    Boolean,
    /// A declaration, as in `[package.metadata.inert]`.
    Declaration,
    /// A table of variables and their values.
    Variables,
    /// A table of files of OUT_DIR and the kept files that hold their contents.
    Baked,
}

const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: false, doc }
}

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: true, doc }
}

/// The names of capabilities, as in `inert_manifest_spec::Capability`.
pub const CAPABILITIES: &[&str] =
    &["cfg", "env", "file", "probe", "library", "cc", "prebuilt", "link-arg", "tool"];

/// The tables whose entries can be imported.
pub const KINDS: &[&str] = &["allow", "deny", "declare", "review", "verified", "proc-macro"];

const PACKAGE: Key = required("package", Shape::Text, "The package's name.");
const VERSION: Key = key("version", Shape::Text, "Its exact version.");
const SOURCE: Key = key(
    "source",
    Shape::Text,
    "Where it comes from, as `cargo inert audit` prints it: `registry+…`, `git+…`, `path+./…`.",
);
const PINNED_VERSION: Key = required("version", Shape::Text, "Its exact version.");
const PINNED_SOURCE: Key = required(
    "source",
    Shape::Text,
    "Where it comes from, as `cargo inert audit` prints it: `registry+…`, `git+…`, `path+./…`.",
);
const DIGEST: Key = required(
    "digest",
    Shape::Text,
    "`sha256:…` of all that the package holds on disk, as the refusal prints it; `+x:…` behind it stands for which files are \
     executable.",
);
const REASON: Key = required("reason", Shape::Text, "Why; whoever reviews the next update reads it.");
const REVIEWER: Key = key("reviewer", Shape::Text, "Who looked at it.");
const BASELINE: Key =
    key("baseline", Shape::Boolean, "Taken over by `cargo inert init --baseline`, not reviewed yet.");
const EXPIRES: Key = key("expires", Shape::Date, "The last day (UTC) on which the entry holds.");

/// All tables, in the order of the reference.
pub const TABLES: &[Table] = &[
    Table {
        name: "inert.toml",
        key: "",
        repeated: false,
        doc: "What this workspace's builds may run. Cargo Inert reads the file at the root of the invoking workspace, else \
              `inert.toml` in the user's configuration folder; never one inside a package.",
        keys: &[
            key("schema", Shape::Integer, "Version of this format; 1, which is also the default."),
            key(
                "extends",
                Shape::Texts,
                "Other policy files, relative to this one, that this one adds to. Their entries come before its own; where \
                 both set a rule of `[policy]`, this file's holds.",
            ),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[policy]",
        key: "policy",
        repeated: false,
        doc: "Rules for all packages.",
        keys: &[
            key(
                "dependencies",
                Shape::Choice(choice::DEPENDENCIES),
                "`deny` (default): a dependency's script is refused unless something decides it. `declared`: `[[allow]]` \
                 entries count for nothing either; the same as `deny-build-scripts = \"dependencies\"`.",
            ),
            key(
                "members",
                Shape::Choice(choice::MEMBERS),
                "`allow` (default): the workspace's own members may run their scripts, with all your rights. `checked`: that, and \
                 they say no more to Cargo than a declaration could. `confined` (what `init` writes): that, and they run with the rights of the \
                 profile `script`, to which an `[[allow]]` entry adds. `deny`: no more than dependencies may.",
            ),
            key(
                "undecided",
                Shape::Choice(choice::UNDECIDED),
                "`deny` (default): a script that nothing decides is refused. `wasm`: it runs in WebAssembly, where it reads its package and \
                 has nothing else; one that does not run there is refused. `confine`: it runs in WebAssembly where it can, and \
                 otherwise with the rights of the profile `script` and no others. Either way it says no more to Cargo than a \
                 declaration could; nobody has reviewed it, and no digest pins it.",
            ),
            key(
                "derived",
                Shape::Choice(choice::DERIVED),
                "`accept` (default): a declaration that Inert derives from a script decides. `verified`: it does only if `cargo inert \
                 verify` has compared the stand-in with the script and found them equal, as the catalog or a `[[verified]]` entry \
                 says of exactly this package and this derivation; otherwise nothing decides the script.",
            ),
            key(
                "deny-build-scripts",
                Shape::Choice(choice::DENY),
                "As the flag `--deny-build-scripts`: no script runs, allowed or not.",
            ),
            key(
                "capabilities",
                Shape::Choices(CAPABILITIES),
                "What a declaration may do without a `[[review]]` entry; by default `cfg`, `env`, `file`, `probe`, `library` \
                 and `cc`.",
            ),
            key(
                "proc-macros",
                Shape::Choice(choice::PROC_MACROS),
                "`allow` (default): counted and named by `audit`. `review`: one without a `[[proc-macro]]` entry is refused.",
            ),
            key(
                "configuration",
                Shape::Choice(choice::CONFIGURATION),
                "`deny` (default): Cargo's configuration in the tree says only what is on Inert's lists of harmless forms, or \
                 has a `[[configuration]]` entry. `allow`: it may say anything, and have a build start any program.",
            ),
            key(
                "entries",
                Shape::Choice(choice::ENTRIES),
                "Of a policy given by `--policy` or `INERT_POLICY`. `any` (default): the workspace's own entries count too, \
                 under these rules. `own`: only entries of this file and those it extends do; the workspace's `[[deny]]` \
                 entries always count.",
            ),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[allow]]",
        key: "allow",
        repeated: true,
        doc: "A script that may run, confined, pinned to what was reviewed. The refusal prints the entry. It reads the \
              toolchain, the system's folders, its package and what is linked into it; writes OUT_DIR and a private \
              TMPDIR, which is its HOME too; has no network. What it needs beyond is said here.",
        keys: &[
            PACKAGE,
            PINNED_VERSION,
            PINNED_SOURCE,
            DIGEST,
            key(
                "build-dependencies",
                Shape::Texts,
                "What is linked into the script: `sha256:…` of the whole set, as the refusal prints it, one for each set (hosts \
                 may differ); or `name version sha256:…` for each package that may be, on any host. `+x:…` behind a digest \
                 stands for which files are executable.",
            ),
            REASON,
            REVIEWER,
            EXPIRES,
            key(
                "tools",
                Shape::Texts,
                "Programs that it may start though they lie outside of the system's folders, by their names on PATH, or sets of \
                 them: `cc`, `cmake`, `autotools`, `bindgen`, `protoc`, `git`.",
            ),
            key(
                "read",
                Shape::Texts,
                "What it may read besides: `dep:NAME`, `workspace:PATH` (`workspace:.` for its visible entries), `package:PATH`, `system:/PATH`, `library:NAME`.",
            ),
            key(
                "write",
                Shape::Texts,
                "What it may write besides OUT_DIR, of a member's script: `package:PATH`, `workspace:PATH`.",
            ),
            key(
                "env",
                Shape::Texts,
                "Variables of the caller's that it sees besides those of compilers and the locale.",
            ),
            key(
                "set",
                Shape::Variables,
                "Variables that are set for it, as in `{ GIT_CEILING_DIRECTORIES = \"/\" }`.",
            ),
            key(
                "network",
                Shape::Boolean,
                "`true`: it reaches the internet and services on this machine's loopback. Needs `network-reason`.",
            ),
            key("network-reason", Shape::Text, "Why it needs the network."),
            key(
                "confine",
                Shape::Boolean,
                "`false`: it runs with all the rights of the user who builds. Needs `confine-reason`.",
            ),
            key("confine-reason", Shape::Text, "Why it cannot be confined."),
            key(
                "outputs",
                Shape::Texts,
                "What the script may tell Cargo besides what a declaration may, as it prints it: `rustc-env=NAME=*`, \
                 `rustc-link-arg=-Wl,-rpath,*`; `any` for all.",
            ),
            key(
                "run",
                Shape::Choice(choice::RUNTIMES),
                "As what the script is compiled and run. `native` (default): a program of this machine. `wasm`: a WebAssembly \
                 module, which reads its package and writes OUT_DIR, and has no other file, no program, no network and no \
                 clock; for scripts that compute text.",
            ),
            BASELINE,
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[compile]]",
        key: "compile",
        repeated: true,
        doc: "What rustc, and so every macro that runs in it, may besides while it compiles a package: see `[sandbox] rustc`.",
        keys: &[
            PACKAGE,
            VERSION,
            SOURCE,
            key("reason", Shape::Text, "Why."),
            key(
                "tools",
                Shape::Texts,
                "Programs that its macros may start, by their names on PATH. With one, those of the system's folders may be started \
                 too.",
            ),
            key(
                "read",
                Shape::Texts,
                "What they may read besides: `workspace:PATH`, `package:PATH`, `system:/PATH`.",
            ),
            key(
                "env",
                Shape::Texts,
                "Variables of the caller's that they, and `env!`, see besides those of compilers and the locale.",
            ),
            key("set", Shape::Variables, "Variables that are set for them."),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[deny]]",
        key: "deny",
        repeated: true,
        doc: "A package whose script neither runs nor is replaced; outranks everything.",
        keys: &[PACKAGE, VERSION, SOURCE, key("reason", Shape::Text, "Why.")],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[declare]]",
        key: "declare",
        repeated: true,
        doc: "A declaration for somebody else's package; outranks the package's own.",
        keys: &[
            PACKAGE,
            VERSION,
            SOURCE,
            required(
                "declaration",
                Shape::Declaration,
                "What stands below `[package.metadata.inert]` in a package.",
            ),
            key(
                "baked",
                Shape::Baked,
                "Files of OUT_DIR that `cargo inert bake` keeps beside the policy: path in OUT_DIR → `{ file = \"…\", digest = \
                 \"sha256:…\", when = '…' }` or a list of these. Each file is a text of the schema.",
            ),
            key(
                "digest",
                Shape::Text,
                "What the package's files must be, as `cargo inert audit --format json` says under `digests.package`; with \
                 other files the entry is refused.",
            ),
            key("reason", Shape::Text, "Why; whoever reviews the next update reads it."),
            REVIEWER,
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[review]]",
        key: "review",
        repeated: true,
        doc: "A declaration that may do more than `[policy] capabilities` lets pass, pinned to what was reviewed.",
        keys: &[
            PACKAGE,
            PINNED_VERSION,
            PINNED_SOURCE,
            DIGEST,
            required("capabilities", Shape::Choices(CAPABILITIES), "What was reviewed."),
            REASON,
            REVIEWER,
            EXPIRES,
            BASELINE,
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[verified]]",
        key: "verified",
        repeated: true,
        doc: "A derived declaration that `cargo inert verify --record` found equal to the script, for `[policy] derived = \
              \"verified\"`. Of another package, or where another version of Inert derives something else, it says nothing.",
        keys: &[
            PACKAGE,
            PINNED_VERSION,
            SOURCE,
            required(
                "digest",
                Shape::Text,
                "`sha256:…` of the package's files and of what is derived from them, as `cargo inert verify` works it out.",
            ),
            required("cases", Shape::Integer, "The number of cases in which both were equal."),
            required(
                "host",
                Shape::Text,
                "The triple of the host on which they were compared. It is for who reads the entry: the entry counts on every host, \
                 and where the script goes by its host (`host = \"…\"` in the declaration), the other hosts were not compared.",
            ),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[proc-macro]]",
        key: "proc-macro",
        repeated: true,
        doc: "A proc macro that may run in the compiler where `[policy] proc-macros = \"review\"`.",
        keys: &[
            PACKAGE,
            PINNED_VERSION,
            PINNED_SOURCE,
            DIGEST,
            key(
                "dependencies",
                Shape::Texts,
                "What is linked into the macro, and so runs in the compiler with it: as `build-dependencies` of \
                 `[[allow]]`. Needed where it has dependencies.",
            ),
            REASON,
            REVIEWER,
            EXPIRES,
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[configuration]]",
        key: "configuration",
        repeated: true,
        doc: "A file of Cargo's configuration (`.cargo/config.toml` and what it includes, in the tree and above it; or a \
              `Cargo.toml` with flags in its profiles) that may say what is on no list of harmless forms, pinned to what was \
              reviewed. The refusal prints the entry. What the file names, a linker of the tree for one, is not pinned.",
        keys: &[
            required("path", Shape::Text, "The file, relative to this one."),
            required(
                "digest",
                Shape::Text,
                "`sha256:…` of the file; with another content it is refused again.",
            ),
            REASON,
            REVIEWER,
            EXPIRES,
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[[import]]",
        key: "import",
        repeated: true,
        doc: "Another team's decisions, copied into this tree by `cargo inert review --import`; only entries of the chosen kinds \
              count, none of its rules.",
        keys: &[
            required("file", Shape::Text, "The copy, relative to this file."),
            required("digest", Shape::Text, "`sha256:…` of the copy; another content is an error."),
            required("kinds", Shape::Choices(KINDS), "Which of its entries count."),
            key("from", Shape::Text, "Where it was copied from."),
            key("revision", Shape::Text, "The git revision of that."),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[sandbox]",
        key: "sandbox",
        repeated: false,
        doc: "How what runs in a build is confined.",
        keys: &[
            key(
                "rustc",
                Shape::Choice(choice::RUSTC),
                "rustc, and with it every proc macro: no network, no home, no other unit's outputs, no program but the linker's, and \
                 of your variables those of compilers and the locale. `available` (default): confined where this machine can, \
                 which is said where it cannot. `confine`: refused where it cannot. `off`: not. Linux alone; not behind another \
                 wrapper (sccache). `[[compile]]` adds to it. The setting holds for the tools of stand-ins, too: C compilers, \
                 archivers, assemblers, the rustc of a probe, pkg-config.",
            ),
            key(
                "outer",
                Shape::Boolean,
                "The outer fence: Cargo itself and all that it starts open no socket, and change files in the target dir, the build \
                 dir, `Cargo.lock`, a temporary folder of the build and, for `install`, where programs are installed, alone. \
                 `false` (default), `true`. Packages are fetched before; Cargo then runs offline. What `run`, `test` and `bench` \
                 start of what was built is outside. Linux alone; not behind another wrapper (sccache). The tree's file can only \
                 demand it.",
            ),
            key(
                "unavailable",
                Shape::Choice(choice::UNAVAILABLE),
                "Where this machine cannot confine what has to be. `deny` (default): it is refused. `run`: it runs unconfined, which is \
             said at every build. Counts in the user's own policy alone (`inert.toml` in the configuration folder, or \
             `--policy`), never in the tree's.",
            ),
        ],
        open: None,
        per_target: false,
    },
    Table {
        name: "[libraries]",
        key: "libraries",
        repeated: false,
        doc: "Where native libraries come from, whatever crates prefer: the key is a library's name in a declaration or its \
              pkg-config module.",
        keys: &[key("default", Shape::Choice(choice::SOURCES), "For all libraries that are not named.")],
        open: Some(&key("*", Shape::Choice(choice::SOURCES), "For this library.")),
        per_target: true,
    },
    Table {
        name: "[library-kind]",
        key: "library-kind",
        repeated: false,
        doc: "How native libraries are linked, whatever crates and variables ask for; static where there is no archive is an \
              error. Keys as in `[libraries]`.",
        keys: &[key("default", Shape::Choice(choice::LINKED), "For all libraries that are not named.")],
        open: Some(&key("*", Shape::Choice(choice::LINKED), "For this library.")),
        per_target: true,
    },
    Table {
        name: "[library-prefix]",
        key: "library-prefix",
        repeated: false,
        doc: "Where native libraries lie: a folder that holds `lib` and `include`, from this file's folder on. A library that \
              is named here is looked for nowhere else, whatever `[libraries] default` says, and is an error where it is \
              not there; one that only `default` speaks of is missing then. Keys as in `[libraries]`.",
        keys: &[key("default", Shape::Text, "For all libraries that are not named.")],
        open: Some(&key("*", Shape::Text, "For this library.")),
        per_target: true,
    },
];

/// The key at the top that contains the tables for single targets.
pub const TARGET: &str = "target";

/// The description of that key in Markdown.
pub const TARGET_DOC: &str = "For one target, by its triple or by `'cfg(…)'`, as in `Cargo.toml`. What is said of a library by its \
                              name outranks what is said of all by `default`; of one thing, the word for the target outranks \
                              the word at the top, and a triple outranks a `cfg(…)`. Two `cfg(…)` that hold at once and say \
                              different things are an error. A build-dependency's library is for the host.";

/// Returns the table of a key at the top.
#[must_use]
pub fn table(key: &str) -> &'static Table {
    TABLES.iter().find(|table| table.key == key).unwrap_or(&TABLES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_the_specs() {
        let names: Vec<_> =
            inert_manifest_spec::Capability::all().map(inert_manifest_spec::Capability::name).collect();
        assert_eq!(names, CAPABILITIES);
    }
}
