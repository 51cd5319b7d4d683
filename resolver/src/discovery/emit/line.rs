//! Reads the tokens of a library's flags as a compiler driver and a linker read them: joins an option and its
//! value, and keeps the state of the linker's line in which each library is named.
//!
//! rustc gets libraries one by one, so a state that holds for a region of a linker's line (`--whole-archive`,
//! `-Bstatic`, `--push-state`) becomes a property of each library in it, whatever the region's spelling.

use super::Word;
use super::linker_options::names_no_library;
use crate::discovery::flags;

/// The state of the linker's line where a library is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::discovery) struct Region {
    /// `--whole-archive`: every object of an archive is linked.
    pub(in crate::discovery) whole: bool,
    /// `-Bstatic`: only archives are accepted.
    pub(in crate::discovery) archives: bool,
    /// `--start-group`: archives that need each other are searched repeatedly.
    pub(in crate::discovery) group: bool,
    /// `--no-as-needed`: a library is linked even if nothing needs it.
    pub(in crate::discovery) unneeded: bool,
}

impl Region {
    /// Returns whether the state changes how a library is linked.
    pub(in crate::discovery) fn is_any(self) -> bool {
        self.whole || self.archives || self.group
    }
}

/// An argument, read from the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discovery) enum Part {
    /// `-L`, `-F`, `-I`, `-D` or `-u` with its value, which may be in the same token or the next.
    Letter(char, String),
    /// `-l`, from the driver or the linker's options.
    Library(String, Region),
    /// A library that is given by its path.
    File(String, Region),
    /// `-framework` with a framework's name.
    Framework(String),
    /// A folder of headers that another option than `-I` gives.
    IncludeDir(String),
    /// Options of the linker that no other variant covers, joined to one token.
    Options(String),
}

/// An argument, and the token that it comes from.
pub(in crate::discovery) struct Read<'a> {
    pub(in crate::discovery) part: Part,
    pub(in crate::discovery) word: &'a Word,
}

/// A part of the flags that is ignored, and the reason.
pub(in crate::discovery) enum Refused<'a> {
    /// The flag can be left out: the library is linked without it.
    Flag(&'a Word, String, &'static str),
    /// Without the flag, another library would be linked than the file requests.
    Library(&'a Word, String, &'static str),
}

/// Reads all tokens of a library's flags.
pub(in crate::discovery) fn read(words: &[Word]) -> (Vec<Read<'_>>, Vec<Refused<'_>>) {
    let mut line = Line {
        region: Region::default(),
        saved: Vec::new(),
        wanted: None,
        values: 0,
        read: Vec::new(),
        refused: Vec::new(),
    };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let text = word.text.as_str();
        let value = |at: usize| words.get(at).filter(|next| !next.text.starts_with('-'));
        match text {
            "-L" | "-F" | "-I" | "-D" | "-l" | "-u" => {
                if let Some(next) = value(at) {
                    at += 1;
                    line.letter(word, &format!("{text}{}", next.text));
                } else {
                    let (text, why) = (text.to_owned(), "nothing follows it");
                    line.refused.push(match text.as_str() {
                        "-l" => Refused::Library(word, text, why),
                        _ => Refused::Flag(word, text, why),
                    });
                }
            }
            "--library-directory" | "--include-directory" => {
                if let Some(next) = value(at) {
                    at += 1;
                    line.directory(word, text, &next.text);
                }
            }
            "-isystem" | "-iquote" | "-idirafter" => {
                if let Some(next) = value(at) {
                    at += 1;
                    line.push(Part::IncludeDir(next.text.clone()), word);
                }
            }
            // The path of a header is not that of a library.
            "-include" | "-imacros" | "-isysroot" | "--sysroot" => at += 1,
            "-undefined" | "--undefined" => at += 1,
            "-framework" => {
                if let Some(next) = words.get(at) {
                    at += 1;
                    line.framework(word, &next.text);
                } else {
                    line.refused.push(Refused::Library(word, text.to_owned(), "nothing follows it"));
                }
            }
            "-Xlinker" | "--for-linker" => {
                if let Some(next) = words.get(at) {
                    at += 1;
                    line.options(word, &next.text);
                }
            }
            _ => {
                if let Some(option) = apple_option(text) {
                    let next = words.get(at).map(|next| next.text.as_str());
                    at += 1;
                    line.driver_value(word, option, next);
                } else {
                    line.word(word, text);
                }
            }
        }
    }
    if let Some((option, word)) = line.wanted.take() {
        line.refused.push(Refused::Library(word, format!("-Wl,{option}"), "nothing follows it"));
    }
    (line.read, line.refused)
}

/// The state while a line of tokens is read.
struct Line<'a> {
    region: Region,
    /// The regions that `--push-state` has saved.
    saved: Vec<Region>,
    /// The option of the linker that waits for its value: the next of its arguments, in the same token or the next
    /// one.
    wanted: Option<(&'static str, &'a Word)>,
    /// The number of the linker's next arguments that are values of its last option (see [`TAKE_VALUES`]).
    values: usize,
    read: Vec<Read<'a>>,
    refused: Vec<Refused<'a>>,
}

/// The options of the linker whose value is a library or a folder of libraries.
const VALUED: &[&str] = &[
    "framework",
    "weak_framework",
    "needed_framework",
    "reexport_framework",
    "weak_library",
    "needed_library",
    "reexport_library",
    "force_load",
    "load_hidden",
    "l",
    "library",
    "L",
    "library-path",
];

/// The options of the linker whose value, the next of its arguments, never concerns a library, whatever it looks
/// like.
#[rustfmt::skip] // many short words: a line each is no easier to read
const TAKE_VALUES: &[&str] = &[
    "rpath", "rpath-link", "R", "soname", "h", "o", "Map", "T", "script", "plugin", "plugin-opt", "dynamic-linker", "I",
    "e", "entry", "init", "fini", "u", "undefined", "z", "m", "F", "f", "version-script", "dynamic-list",
    "retain-symbols-file", "export-dynamic-symbol", "exclude-libs", "wrap", "defsym", "y", "install_name", "syslibroot",
    "dylib_file", "exported_symbols_list", "unexported_symbols_list", "current_version",
    "compatibility_version", "out-implib", "output-def", "subsystem", "heap", "stack", "base-file", "base_file",
    "commons", "multiply_defined", "read_only_relocs", "pagezero_size", "image_base", "image-base", "stack_size",
    "headerpad", "macosx_version_min", "macos_version_min", "ios_version_min", "exported_symbol", "unexported_symbol",
    "order_file", "section-start", "Ttext", "Tdata", "Tbss", "oformat", "require-defined", "trace-symbol", "hash-style",
    "assert", "unresolved-symbols", "major-os-version", "minor-os-version", "major-image-version", "minor-image-version",
    "major-subsystem-version", "minor-subsystem-version", "file-alignment", "section-alignment", "object_path_lto",
    "dependency_info", "segaddr", "umbrella", "client_name", "bundle_loader",
];

/// Returns the number of values that an option takes as arguments of their own.
fn values_of(name: &str) -> usize {
    match name {
        // The section's segment, name and file; a platform, its least version and the SDK's.
        "sectcreate" | "platform_version" => 3,
        _ => usize::from(TAKE_VALUES.contains(&name)),
    }
}

impl<'a> Line<'a> {
    fn push(&mut self, part: Part, word: &'a Word) {
        self.read.push(Read { part, word });
    }

    /// Reads a token that no later one belongs to.
    fn word(&mut self, word: &'a Word, text: &str) {
        let for_linker =
            ["-Wl,", "-Xlinker=", "--for-linker="].iter().find_map(|start| text.strip_prefix(start));
        if let Some(list) = for_linker {
            return self.options(word, list);
        }
        if let Some((option, folder)) = text.split_once('=')
            && ["--library-directory", "--include-directory"].contains(&option)
        {
            return self.directory(word, option, folder);
        }
        // pkgconf leaves out an `-Xlinker` that it takes for a repetition. No compiler driver has an option of one of these
        // names, so that only the linker can be meant.
        if text.starts_with("--") && self.region(text) {
            return;
        }
        if let Some(why) = may_name_libraries(text) {
            self.refused.push(Refused::Library(word, text.to_owned(), why));
        } else if is_path(text) {
            self.push(Part::File(text.to_owned(), self.region), word);
        } else if !(OF_APPLE.iter().any(|name| text.starts_with(&format!("-{name}")))
            && self.library(word, text))
        {
            self.letter(word, text);
        }
    }

    /// Reads the long form of `-L` and `-I`.
    fn directory(&mut self, word: &'a Word, option: &str, folder: &str) {
        let letter = if option == "--library-directory" { 'L' } else { 'I' };
        self.letter(word, &format!("-{letter}{folder}"));
    }

    /// Reads an option of Apple's driver and its value.
    fn driver_value(&mut self, word: &'a Word, option: &'static str, value: Option<&str>) {
        match value {
            Some(value) => self.value(word, option, value),
            None => self.refused.push(Refused::Library(word, format!("-{option}"), "nothing follows it")),
        }
    }

    /// Reads a flag that consists of one token.
    fn letter(&mut self, word: &'a Word, text: &str) {
        if let Err(why) = flags::check(text) {
            // Left out, the folder would not hide the library of the same name in another.
            let refused = match ["-l", "-L", "-F"].iter().any(|letter| text.starts_with(letter)) {
                true => Refused::Library(word, text.to_owned(), why),
                false => Refused::Flag(word, text.to_owned(), why),
            };
            self.refused.push(refused);
            return;
        }
        let mut chars = text.chars();
        let (dash, letter) = (chars.next(), chars.next());
        let value = chars.as_str();
        match (dash, letter) {
            (Some('-'), Some('l')) if !value.is_empty() => {
                self.push(Part::Library(value.to_owned(), self.region), word);
            }
            (Some('-'), Some(letter @ ('L' | 'F' | 'I' | 'D' | 'u'))) if !value.is_empty() => {
                self.push(Part::Letter(letter, value.to_owned()), word);
            }
            _ => {}
        }
    }

    fn framework(&mut self, word: &'a Word, name: &str) {
        if flags::is_framework(name) {
            self.push(Part::Framework(name.to_owned()), word);
        } else {
            let text = format!("-framework {name}");
            self.refused.push(Refused::Library(word, text, "it is no framework's name"));
        }
    }

    /// Reads the arguments that a driver passes to the linker: `a,b,c` after `-Wl,`.
    fn options(&mut self, word: &'a Word, list: &str) {
        let mut rest: Vec<&str> = Vec::new();
        let mut unknown = false;
        for token in list.split(',') {
            if let Some((option, _)) = self.wanted.take() {
                self.value(word, option, token);
            } else if let Some(why) = may_name_libraries(token).filter(|_| self.values == 0) {
                self.refused.push(Refused::Library(word, format!("-Wl,{token}"), why));
            } else if self.values > 0 {
                self.values -= 1;
                // The value is refused together with its option; if the option was in an earlier token, the value
                // is checked alone.
                rest.push(token);
            } else if !self.region(token) && !self.library(word, token) {
                self.values = option(token).map_or(0, values_of);
                unknown |= !token.is_empty() && !names_no_library(token);
                rest.push(token);
            }
        }
        if rest.iter().all(|token| token.is_empty()) {
            return;
        }
        let text = format!("-Wl,{}", rest.join(","));
        match flags::check(&text) {
            Ok(()) => self.push(Part::Options(text), word),
            Err(_) if unknown => {
                let why = "no linker is known to have this option, so that it may name a library";
                self.refused.push(Refused::Library(word, text, why));
            }
            Err(why) => self.refused.push(Refused::Flag(word, text, why)),
        }
    }

    /// Reads an option that opens or closes a region; returns false if it is another. GNU ld and lld accept one
    /// dash for two.
    fn region(&mut self, token: &str) -> bool {
        let Some(name) = option(token) else { return false };
        match name {
            "whole-archive" => self.region.whole = true,
            "no-whole-archive" => self.region.whole = false,
            "Bstatic" | "dn" | "non_shared" | "static" => self.region.archives = true,
            "Bdynamic" | "dy" | "call_shared" => self.region.archives = false,
            "start-group" | "(" => self.region.group = true,
            "end-group" | ")" => self.region.group = false,
            "push-state" => self.saved.push(self.region),
            "pop-state" => self.region = self.saved.pop().unwrap_or_default(),
            // The linker gets the option as well, for the package's own programs.
            "no-as-needed" => {
                self.region.unneeded = true;
                return false;
            }
            "as-needed" => {
                self.region.unneeded = false;
                return false;
            }
            _ => return false,
        }
        true
    }

    /// Reads an argument of the linker that names a library or a folder of libraries; returns false if it is
    /// another.
    fn library(&mut self, word: &'a Word, token: &str) -> bool {
        if is_path(token) {
            self.push(Part::File(token.to_owned(), self.region), word);
            return true;
        }
        let Some(name) = option(token) else { return false };
        if let Some(known) = VALUED.iter().find(|known| **known == name) {
            self.wanted = Some((known, word));
            return true;
        }
        for (prefix, option) in [("library=", "library"), ("library-path=", "library-path")] {
            if let Some(value) = name.strip_prefix(prefix) {
                self.value(word, option, value);
                return true;
            }
        }
        // With two dashes these are the names of other options.
        let Some(short) = token.strip_prefix('-').filter(|short| !short.starts_with('-')) else {
            return false;
        };
        match short.split_at_checked(1) {
            Some(("l", value)) if !value.is_empty() && !is_option_with_l(short) => {
                self.letter(word, token);
                true
            }
            Some(("L", value)) if !value.is_empty() => {
                self.letter(word, token);
                true
            }
            _ => {
                let Some(prefix) = OF_APPLE.iter().find(|prefix| short.starts_with(**prefix)) else {
                    return false;
                };
                match *prefix {
                    "needed-l" => self.letter(word, &format!("-l{}", &short[prefix.len()..])),
                    _ => self.unsayable(word, token),
                }
                true
            }
        }
    }

    /// Reads the value of an option of [`VALUED`].
    fn value(&mut self, word: &'a Word, option: &'static str, value: &str) {
        match option {
            "framework" | "needed_framework" => self.framework(word, value),
            "l" | "library" => self.letter(word, &format!("-l{value}")),
            "L" | "library-path" => self.letter(word, &format!("-L{value}")),
            "force_load" if is_path(value) => {
                let region = Region { whole: true, ..self.region };
                self.push(Part::File(value.to_owned(), region), word);
            }
            "needed_library" if is_path(value) => {
                self.push(Part::File(value.to_owned(), self.region), word);
            }
            _ => self.unsayable(word, &format!("-{option},{value}")),
        }
    }

    fn unsayable(&mut self, word: &'a Word, text: &str) {
        let why = "rustc can not be told to link a library in this way";
        self.refused.push(Refused::Library(word, format!("-Wl,{text}"), why));
    }
}

/// The beginnings of options of Apple's linker that name a library, which its driver accepts as well.
const OF_APPLE: &[&str] = &["weak-l", "needed-l", "reexport-l", "upward-l", "lazy-l", "hidden-l", "merge-l"];

/// Returns the option of Apple's driver whose value, the next token, is a library or a framework.
fn apple_option(text: &str) -> Option<&'static str> {
    let name = text.strip_prefix('-')?;
    let valued = VALUED.iter().find(|known| **known == name)?;
    valued.contains('_').then_some(valued)
}

/// Returns the reason why a token is refused together with the libraries that it names, or may name; `None` if it names
/// none in one of these ways.
fn may_name_libraries(token: &str) -> Option<&'static str> {
    if token.starts_with('@') {
        return Some("it reads arguments from a file, which may name libraries");
    }
    if ["--start-lib", "-start-lib", "--end-lib", "-end-lib"].contains(&token) {
        return Some("rustc can not be told that objects are to be linked as an archive is");
    }
    // An option of Microsoft's linker, `/WHOLEARCHIVE:x.lib`, which is no path.
    let option = token.strip_prefix(['/', '-']).and_then(|rest| rest.split_once(':'));
    if let Some((name, _)) = option
        && ["defaultlib", "wholearchive", "libpath"].contains(&name.to_ascii_lowercase().as_str())
    {
        return Some("rustc can not be told to link a library in this way");
    }
    let ends = [".a", ".so", ".dylib", ".tbd", ".lib", ".dll", ".o", ".obj"];
    let is_file = ends.iter().any(|end| token.ends_with(end)) || token.contains(".so.");
    let is_relative = !is_path(token) && !token.starts_with('-');
    (is_file && is_relative).then_some("it names a file by a relative path")
}

/// Returns the name of an option of the linker, without its dashes.
pub(super) fn option(token: &str) -> Option<&str> {
    token.strip_prefix("--").or_else(|| token.strip_prefix('-'))
}

/// Returns whether an option of Apple's linker begins with an `l` but names no library.
fn is_option_with_l(short: &str) -> bool {
    ["lto_library", "load_hidden", "lazy_framework", "lazy_library", "ld_classic", "ld_new"].contains(&short)
}

/// Returns whether a text is an absolute path.
fn is_path(text: &str) -> bool {
    text.starts_with('/') || text.as_bytes().get(1) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(text: &str) -> Vec<String> {
        let words: Vec<Word> = text
            .split_whitespace()
            .map(|text| Word { text: text.to_owned(), origin: "x.pc".to_owned() })
            .collect();
        let (read, refused) = super::read(&words);
        let marks = |region: Region| {
            [
                (region.whole, "whole"),
                (region.archives, "archives"),
                (region.group, "group"),
                (region.unneeded, "unneeded"),
            ]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, name)| format!("+{name}"))
            .collect::<String>()
        };
        let mut said: Vec<String> = read
            .into_iter()
            .map(|read| match read.part {
                Part::Letter(letter, value) => format!("{letter} {value}"),
                Part::Library(name, region) => format!("lib {name}{}", marks(region)),
                Part::File(path, region) => format!("file {path}{}", marks(region)),
                Part::Framework(name) => format!("framework {name}"),
                Part::IncludeDir(path) => format!("include {path}"),
                Part::Options(text) => text,
            })
            .collect();
        said.extend(refused.into_iter().map(|refused| match refused {
            Refused::Flag(_, text, _) => format!("refused {text}"),
            Refused::Library(_, text, _) => format!("lost {text}"),
        }));
        said
    }

    #[test]
    fn regions_in_every_spelling() {
        let whole = ["L /a", "lib plug+whole", "lib core"];
        for spelling in [
            "-L/a -Wl,--whole-archive,-lplug,--no-whole-archive -lcore",
            "-L/a -Wl,--whole-archive -lplug -Wl,--no-whole-archive -lcore",
            "-L/a -Wl,-whole-archive -lplug -Wl,-no-whole-archive -lcore",
            "-L /a -Wl,--whole-archive -l plug -Wl,--no-whole-archive -l core",
            "-L/a -Wl,--push-state,--whole-archive -lplug -Wl,--pop-state -lcore",
            "-L/a -Wl,--push-state -Wl,--whole-archive,-l,plug,--pop-state -lcore",
            "-L/a -Wl,--whole-archive,--library=plug,--no-whole-archive -lcore",
            "-L/a -Wl,--whole-archive -Wl,--library,plug -Wl,--no-whole-archive -Wl,-lcore",
            "-Wl,-L/a -Xlinker --whole-archive -Xlinker -lplug -Xlinker --no-whole-archive -lcore",
            "-Wl,-L,/a,--whole-archive,-lplug,--no-whole-archive,-lcore",
            "-Wl,--library-path=/a -Wl,--whole-archive,-l -Wl,plug -Wl,--no-whole-archive -lcore",
            "--library-directory=/a --for-linker=--whole-archive -lplug --for-linker --no-whole-archive -lcore",
            "--library-directory /a -Xlinker=--whole-archive -lplug -Xlinker=--no-whole-archive -lcore",
            // As pkgconf prints two of -Xlinker.
            "-L/a --whole-archive -lplug -Xlinker --no-whole-archive -lcore",
        ] {
            assert_eq!(read_line(spelling), whole, "{spelling}");
        }
        assert_eq!(read_line("-Wl,-Bstatic -la -Wl,-Bdynamic -lb"), ["lib a+archives", "lib b"]);
        assert_eq!(read_line("-Wl,-dn,-la,-dy,-lb"), ["lib a+archives", "lib b"]);
        assert_eq!(
            read_line("-Wl,--start-group -la /x/libb.a -Wl,--end-group -lc"),
            ["lib a+group", "file /x/libb.a+group", "lib c"]
        );
        assert_eq!(read_line("-Wl,-(,-la,-lb,-) -lc"), ["lib a+group", "lib b+group", "lib c"]);
        assert_eq!(
            read_line("-Wl,--no-as-needed -la -Wl,--as-needed -lb"),
            ["-Wl,--no-as-needed", "lib a+unneeded", "-Wl,--as-needed", "lib b"]
        );
        assert_eq!(
            read_line(
                "-Wl,--push-state,-Bstatic,--whole-archive -la -Wl,--no-whole-archive,-lb,--pop-state -lc"
            ),
            ["lib a+whole+archives", "lib b+archives", "lib c"]
        );
    }

    #[test]
    fn of_apple() {
        assert_eq!(
            read_line("-Wl,-framework,Cocoa -framework AppKit -Wl,-framework -Wl,Metal"),
            ["framework Cocoa", "framework AppKit", "framework Metal"]
        );
        assert_eq!(read_line("-Wl,-force_load,/x/libplug.a"), ["file /x/libplug.a+whole"]);
        assert_eq!(read_line("-Wl,-weak_framework,Metal"), ["lost -Wl,-weak_framework,Metal"]);
        assert_eq!(read_line("-Wl,-weak-lz"), ["lost -Wl,-weak-lz"]);
        assert_eq!(read_line("-Wl,-needed-lz"), ["lib z"]);
        assert_eq!(read_line("-weak_framework Metal"), ["lost -Wl,-weak_framework,Metal"]);
        assert_eq!(read_line("-needed_framework Metal"), ["framework Metal"]);
        assert_eq!(read_line("-force_load /x/libplug.a"), ["file /x/libplug.a+whole"]);
        assert_eq!(
            read_line("-needed-lz -weak-lx -framework"),
            ["lib z", "lost -Wl,-weak-lx", "lost -framework"]
        );
    }

    #[test]
    fn what_is_refused_takes_no_library_along() {
        assert_eq!(read_line("-Wl,-z,now,-lz"), ["lib z", "-Wl,-z,now"]);
        assert_eq!(
            read_line("-Wl,--dynamic-linker=/x,-lz -lb"),
            ["lib z", "lib b", "refused -Wl,--dynamic-linker=/x"]
        );
        assert_eq!(read_line("-l../x -lb"), ["lib b", "lost -l../x"]);
        assert_eq!(read_line("-Wl,-lx:y -lb"), ["lib b", "lost -lx:y"]);
        assert_eq!(read_line("-L -lb"), ["lib b", "refused -L"]);
        assert_eq!(read_line("-Wl,--library"), ["lost -Wl,library"]);
        // A value is neither a library nor a region.
        assert_eq!(read_line("-Wl,-rpath,/opt/x/lib -lb"), ["-Wl,-rpath,/opt/x/lib", "lib b"]);
        assert_eq!(read_line("-Wl,-plugin,/x.so,-lb"), ["lib b", "refused -Wl,-plugin,/x.so"]);
        assert_eq!(read_line("-Wl,-u,x,-soname,-lb"), ["refused -Wl,-u,x,-soname,-lb"]);
        assert_eq!(read_line("-Wl,--unknown,/x/libb.a"), ["file /x/libb.a", "lost -Wl,--unknown"]);
        assert_eq!(read_line("-Wl,--script=x.ld -lb"), ["lib b", "lost -Wl,--script=x.ld"]);
        assert_eq!(read_line("-Lsub -Fsub -lb"), ["lib b", "lost -Lsub", "lost -Fsub"]);
        assert_eq!(
            read_line("-pthread -fopenmp -mfpmath=sse -Wl,-Map=/x -lb"),
            ["lib b", "refused -Wl,-Map=/x"]
        );
        // MPICH's on macOS, and options with values of their own.
        assert_eq!(
            read_line("-Wl,-flat_namespace -Wl,-commons,use_dylibs -lmpi"),
            ["lib mpi", "refused -Wl,-flat_namespace", "refused -Wl,-commons,use_dylibs"]
        );
        assert_eq!(
            read_line("-Wl,-pagezero_size -Wl,10000 -Wl,-sectcreate,__TEXT,__info,x.plist -lb"),
            [
                "lib b",
                "refused -Wl,-pagezero_size",
                "refused -Wl,10000",
                "refused -Wl,-sectcreate,__TEXT,__info,x.plist"
            ]
        );
        assert_eq!(read_line("-Wl,-rpath,x.so -lb"), ["lib b", "refused -Wl,-rpath,x.so"]);
    }

    #[test]
    fn what_may_name_libraries_is_never_left_out() {
        for (line, lost) in [
            ("@args.rsp", "@args.rsp"),
            ("-Wl,@args.rsp", "-Wl,@args.rsp"),
            ("libplug.a", "libplug.a"),
            ("sub/libplug.so.3", "sub/libplug.so.3"),
            ("plug.lib", "plug.lib"),
            ("-Wl,libplug.a", "-Wl,libplug.a"),
            ("/WHOLEARCHIVE:plug.lib", "/WHOLEARCHIVE:plug.lib"),
            ("-Wl,/defaultlib:plug", "-Wl,/defaultlib:plug"),
            ("-Wl,-defaultlib:plug", "-Wl,-defaultlib:plug"),
            ("-l", "-l"),
        ] {
            assert_eq!(
                read_line(&format!("-lb {line}")),
                ["lib b".to_owned(), format!("lost {lost}")],
                "{line}"
            );
        }
        assert_eq!(
            read_line("-Wl,--start-lib plug.o -Wl,--end-lib"),
            ["lost -Wl,--start-lib", "lost plug.o", "lost -Wl,--end-lib"]
        );
    }
}
