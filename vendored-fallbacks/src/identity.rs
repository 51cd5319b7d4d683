//! All that an object depends on besides the files that its compiler reads: the compiler and the programs that it
//! starts, their flags, and the variables that they read.

mod flags;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use inert_manifest_spec::CompilerFamily;

use crate::compile::output;
use crate::roots::Roots;
use crate::sha256::{self, Digest};
use crate::store::Store;
use crate::toolchain::{Toolchain, absolute, family};

/// What a compiler and its flags are, for the keys of objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    digest: Digest,
    /// The folders of the flags that name some, in order.
    pub(crate) include_dirs: Vec<PathBuf>,
    /// The folders that the compiler searches by itself, and those that it would search if they existed.
    pub(crate) system_dirs: Vec<PathBuf>,
    /// True if the compiler writes names in the place of paths (`-ffile-prefix-map`).
    pub(crate) maps: bool,
    /// True if the assembler says what it read (`--MD`).
    pub(crate) lists_assembled: bool,
}

impl Identity {
    /// Returns the key of a source's object. `mapped` says that paths in the object are replaced by names; otherwise
    /// the paths are part of the key.
    pub(crate) fn key(&self, source: &Path, mapped: bool, roots: &Roots) -> String {
        let mut digest = self.digest.clone();
        digest.field(if mapped { b"mapped" } else { b"at its place" });
        let folders = self.include_dirs.iter().map(PathBuf::as_path);
        for path in folders.chain([source]) {
            let text = if mapped {
                roots.relative(path)
            } else {
                path.as_os_str().as_encoded_bytes().escape_ascii().to_string()
            };
            digest.field(text.as_bytes());
        }
        digest.finish()
    }
}

/// Returns the identity of a compiler with its flags; `None` if they are not all of a kind of which it is known what
/// they read and write.
pub(crate) fn identity(store: &Store, toolchain: &Toolchain, tool: &cc::Tool, cpp: bool) -> Option<Identity> {
    let family = family(tool);
    let command = tool.to_command();
    let arguments: Vec<OsString> = command.get_args().map(OsStr::to_owned).collect();
    // A wrapper (ccache) has the compiler among its arguments.
    let own =
        arguments.iter().position(|argument| argument == tool.path().as_os_str()).map_or(0, |at| at + 1);
    let flags = flags::read(&arguments[own..])?;
    let mut digest = Digest::default();
    digest.field(b"inert object 1");
    digest.field(&[u8::from(cpp)]);
    for argument in &arguments[..own] {
        digest.field(argument.as_encoded_bytes());
    }
    for (name, value) in command.get_envs() {
        if compiler_reads(name) {
            digest.field(name.as_encoded_bytes());
            digest.field(value.map(OsString::from).unwrap_or_default().as_encoded_bytes());
        }
    }
    let programs =
        [command.get_program(), tool.path().as_os_str()].map(|program| absolute(toolchain, program));
    if programs.iter().any(|path| !path.is_absolute()) {
        return None;
    }
    // The answers of a compiler do not depend on the folders of the package, nor on its definitions and warnings.
    let mut asked = digest.clone();
    let decides =
        |flag: &&OsString| !["-D", "-U", "-W"].iter().any(|start| flag.to_string_lossy().starts_with(start));
    flags.others.iter().filter(decides).for_each(|flag| asked.field(flag.as_encoded_bytes()));
    // gcc may find the assembler on PATH.
    for path in programs.iter().chain([&absolute(toolchain, OsStr::new("as"))]) {
        asked.field(path.as_os_str().as_encoded_bytes());
    }
    let place = asked.finish();
    // A script as compiler starts what is not known, clang reads libraries and configuration of its own, and `native`
    // is this machine's processor: those are asked each time.
    let steady =
        family == CompilerFamily::Gnu && !flags.native && programs.iter().all(|path| is_machine_code(path));
    let known = if steady {
        store.notes("compiler", &place).into_iter().find_map(|note| Answers::parse(&note))
    } else {
        None
    };
    let answers = match known.filter(|answers| {
        answers.files.iter().all(|(stamp, path)| crate::store::stamp(path).as_deref() == Some(stamp))
    }) {
        Some(known) => known,
        None => {
            // The folders that flags name are not asked about: the answers serve other packages, too.
            let plain: Vec<&OsString> = arguments[..own].iter().chain(&flags.others).collect();
            let asking = Asking { toolchain, tool, arguments: plain, family, cpp, native: flags.native };
            let found = asking.ask(store, &programs)?;
            if steady && let Some(text) = found.to_text() {
                let _ = store.keep_note("compiler", &place, "", &text);
            }
            found
        }
    };
    digest.field(answers.digest.as_bytes());
    for flag in &flags.others {
        digest.field(flag.as_encoded_bytes());
    }
    for kind in &flags.folder_flags {
        digest.field(kind.as_bytes());
    }
    Some(Identity {
        digest,
        include_dirs: flags.folders,
        system_dirs: answers.searched,
        maps: answers.maps,
        lists_assembled: answers.lists_assembled,
    })
}

/// The answers of a compiler to questions about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answers {
    /// The programs and files that it consists of, with their stamps.
    files: Vec<(String, PathBuf)>,
    /// A digest of their contents and of its version.
    digest: String,
    searched: Vec<PathBuf>,
    maps: bool,
    lists_assembled: bool,
}

impl Answers {
    /// Returns the text of a note; `None` if a line cannot hold a name.
    fn to_text(&self) -> Option<String> {
        let mut text = format!("{} {} {}\n", self.digest, self.maps, self.lists_assembled);
        let files = self.files.iter().map(|(stamp, path)| (stamp.as_str(), path));
        for (kind, path) in files.chain(self.searched.iter().map(|path| ("-", path))) {
            text.push_str(&format!("{kind} {}\n", path.to_str().filter(|path| !path.contains('\n'))?));
        }
        Some(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut head = lines.next()?.split(' ');
        let mut answers = Self { digest: head.next()?.to_owned(), ..Self::default() };
        answers.maps = head.next()?.parse().ok()?;
        answers.lists_assembled = head.next()?.parse().ok()?;
        for line in lines {
            let (kind, path) = line.split_once(' ')?;
            match kind {
                "-" => answers.searched.push(path.into()),
                stamp => answers.files.push((stamp.to_owned(), path.into())),
            }
        }
        Some(answers)
    }
}

/// A compiler that is asked about itself.
struct Asking<'a> {
    toolchain: &'a Toolchain,
    tool: &'a cc::Tool,
    arguments: Vec<&'a OsString>,
    family: CompilerFamily,
    cpp: bool,
    native: bool,
}

impl Asking<'_> {
    /// Asks a compiler what it consists of, where it searches, and what it can do.
    fn ask(&self, store: &Store, programs: &[PathBuf]) -> Option<Answers> {
        let &Self { toolchain, tool, family, cpp, native, .. } = self;
        let ask = |arguments: &[&OsStr]| {
            let all =
                self.arguments.iter().map(|argument| argument.as_os_str()).chain(arguments.iter().copied());
            output(toolchain, &tool.to_command(), all).ok().filter(|output| output.status.success())
        };
        let words = |words: &[&str]| ask(&words.iter().map(OsStr::new).collect::<Vec<_>>());
        let mut files: Vec<PathBuf> = programs.to_vec();
        let mut digest = Digest::default();
        digest.field(&words(&["--version"])?.stdout);
        if family == CompilerFamily::Gnu {
            let compiler = if cpp { "-print-prog-name=cc1plus" } else { "-print-prog-name=cc1" };
            for question in [compiler, "-print-prog-name=as", "-print-file-name=specs"] {
                let answer = String::from_utf8(words(&[question])?.stdout).ok()?;
                let path = absolute(toolchain, OsStr::new(answer.trim_end()));
                // `specs` is a bare name where there is no such file.
                if path.is_absolute() {
                    files.push(path);
                } else if !question.ends_with("specs") {
                    return None;
                }
            }
        }
        let language = if cpp { "c++" } else { "c" };
        let empty = toolchain.scratch.join("empty.c");
        let made = toolchain.scratch.join("empty.o");
        let assembled = toolchain.scratch.join("empty.d");
        std::fs::write(&empty, "").ok()?;
        if native {
            // The command line of the compiler proper, in which the processor is named.
            digest.field(&words(&["-###", "-S", "-x", language, "-o", "-", "/dev/null"])?.stderr);
        }
        let searched = words(&["-E", "-Wp,-v", "-x", language, "-o", "/dev/null", "/dev/null"])?.stderr;
        let searched = folders_in(&String::from_utf8(searched).ok()?);
        if searched.is_empty() {
            return None;
        }
        let map = OsStr::new("-ffile-prefix-map=/a=/b");
        let list = listing(&assembled)?;
        let compile = |flags: &[&OsStr]| {
            let mut all = flags.to_vec();
            all.extend(["-x", language, "-c", "-o"].map(OsStr::new));
            all.extend([made.as_os_str(), empty.as_os_str()]);
            ask(&all).is_some()
        };
        let both = compile(&[map, &list]);
        let lists_assembled = both && assembled.is_file();
        let mut found =
            Answers { maps: both || compile(&[map]), lists_assembled, searched, ..Answers::default() };
        for path in files {
            // The stamp is taken first: see `Store::facts`.
            let stamp = crate::store::stamp(&path)?;
            digest.field(store.facts(&path)?.1.digest.as_bytes());
            found.files.push((stamp, path));
        }
        found.digest = digest.finish();
        Some(found)
    }
}

/// Returns the flag that has the assembler list what it reads; `None` if the path cannot be given so.
pub(crate) fn listing(to: &Path) -> Option<OsString> {
    let text = to.to_str().filter(|text| !text.contains(','))?;
    Some(format!("-Wa,--MD,{text}").into())
}

/// Returns the folders in what a preprocessor says of its search: those that it searches stand in lines that begin with
/// one blank, those that do not exist in quotes.
fn folders_in(text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in text.lines() {
        let path = match line.strip_prefix(' ') {
            Some(path) => Some(path),
            None => line.split('"').nth(1),
        };
        let path = path.map(PathBuf::from).filter(|path| path.is_absolute());
        found.extend(path.filter(|path| !found.contains(path)));
    }
    found
}

fn is_machine_code(path: &Path) -> bool {
    let mut start = [0; 4];
    std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start)).is_ok()
        && &start == b"\x7fELF"
}

/// Returns the key of an archive of these members, each a name and a digest.
pub(crate) fn archive_key(
    store: &Store,
    toolchain: &Toolchain,
    build: &cc::Build,
    name: &str,
    members: &[(String, String)],
) -> Option<String> {
    let mut digest = Digest::default();
    digest.field(b"inert archive 1");
    let archiver = build.try_get_archiver().ok()?;
    let program = absolute(toolchain, archiver.get_program());
    digest.field(store.facts(&program)?.1.digest.as_bytes());
    for argument in archiver.get_args() {
        digest.field(argument.as_encoded_bytes());
    }
    for (variable, value) in &toolchain.environment.variables {
        let text = variable.to_string_lossy();
        if ["AR", "RANLIB"].iter().any(|tool| text.starts_with(tool) || text.contains(&format!("_{tool}"))) {
            digest.field(variable.as_encoded_bytes());
            digest.field(value.as_encoded_bytes());
        }
    }
    digest.field(toolchain.target.as_bytes());
    digest.field(name.as_bytes());
    for (name, content) in members {
        digest.field(name.as_bytes());
        digest.field(content.as_bytes());
    }
    Some(digest.finish())
}

/// Returns the name of a source's object, which is the same wherever its package lies, and differs from those of other
/// sources with the same name.
pub(crate) fn object_name(source: &Path, roots: &Roots) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    format!("{}-{name}.o", &sha256::hex(roots.relative(source).as_bytes())[..16])
}

/// Returns whether a variable changes what gcc, clang, cl or Apple's tools find or make (their manuals' lists of
/// environment variables). The locale is among them: it says in which encoding sources are read.
fn compiler_reads(name: &OsStr) -> bool {
    const NAMES: &[&str] = &[
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "OBJC_INCLUDE_PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "SDKROOT",
        "INCLUDE",
        "LIB",
        "LIBPATH",
        "CL",
        "_CL_",
        "SOURCE_DATE_EPOCH",
        "CCC_OVERRIDE_OPTIONS",
        "CLANG_CONFIG_FILE_SYSTEM_DIR",
        "DEPENDENCIES_OUTPUT",
        "SUNPRO_DEPENDENCIES",
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
    ];
    name.to_str().is_some_and(|name| NAMES.contains(&name) || name.ends_with("_DEPLOYMENT_TARGET"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_preprocessor_says() {
        let text = "ignoring nonexistent directory \"/usr/local/include/x86_64-linux-gnu\"\nignoring duplicate directory \"/usr/include\"\n#include \"...\" search starts here:\n#include <...> search starts here:\n /usr/lib/gcc/x86_64-linux-gnu/12/include\n /usr/include\nEnd of search list.\n";
        let found = folders_in(text);
        let expected = [
            "/usr/local/include/x86_64-linux-gnu",
            "/usr/include",
            "/usr/lib/gcc/x86_64-linux-gnu/12/include",
        ];
        assert_eq!(found, expected.map(PathBuf::from));
    }

    #[test]
    fn answers_are_read_as_they_were_written() {
        let answers = Answers {
            files: vec![("1-2-3".into(), "/usr/bin/with blank".into())],
            digest: "d".into(),
            searched: vec!["/usr/include".into()],
            maps: true,
            lists_assembled: false,
        };
        assert_eq!(Answers::parse(&answers.to_text().unwrap()), Some(answers));
    }
}
