//! Makes random folders of `.pc` files, with every construct of the format, and with common mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use inert_tests::random::Random;

/// A tree on disk.
pub(crate) struct Tree {
    /// The root folder of the tree.
    pub(crate) root: PathBuf,
    /// The searched folders in it, in order.
    pub(crate) folders: Vec<PathBuf>,
    /// The names that files may have, and one that none has.
    pub(crate) modules: Vec<&'static str>,
    /// True if some modules may be provided by others.
    pub(crate) provides: bool,
}

const NAMES: &[&str] = &[
    "a", "b", "c", "gtk+-3.0", "x_y", "lib~z", "d.e", "Big", "big", "1st", "c++", "naïve", "m@n", "pkgconf2",
    "-dash", "f",
];

pub(crate) const VARIABLES: &[&str] = &[
    "prefix",
    "exec_prefix",
    "libdir",
    "includedir",
    "v",
    "w",
    "v.w",
    "V_1",
    "pcfiledir",
    "pc_sysrootdir",
    "pc_top_builddir",
];

const VALUES: &[&str] = &[
    "/usr",
    "/usr",
    "/opt/x",
    "//opt//y/",
    "${prefix}",
    "${prefix}/lib",
    "${prefix}/include",
    "${exec_prefix}",
    "${libdir}",
    "${includedir}",
    "${v}",
    "${w}",
    "${v.w}",
    "${undefined}",
    "${pcfiledir}",
    "${pcfiledir}/../..",
    "${pc_sysrootdir}",
    "${pc_sysrootdir}/usr",
    "${pc_top_builddir}",
    "$",
    "$$",
    "$(x)",
    "\\#",
    "\\",
    "\\\\",
    "\"",
    "'",
    "\"q r\"",
    "'s t'",
    " ",
    "\t",
    "=",
    ":",
    ",",
    "é",
    "%",
    "~",
    "x",
    "1.2",
    "${}",
    "\\\"",
    "SYS",
];

const FLAGS: &[&str] = &[
    "-la",
    "-lb",
    "-lc",
    "-la",
    "-l a",
    "-l",
    "-l:liba.a",
    "-lib:x",
    "-L/usr/lib",
    "-L/opt/x",
    "-L/opt/x",
    "-L//opt//x",
    "-L ${libdir}",
    "-L${libdir}",
    "-L'${libdir}'",
    "-L\"${v}\"",
    "-L${v}",
    "-L",
    "-I/usr/include",
    "-I/opt/i",
    "-I/usr//include/",
    "-I${includedir}",
    "-I ${includedir}",
    "-isystem /opt/s",
    "-isystem",
    "-idirafter ${includedir}",
    "-include x.h",
    "-DA",
    "-DB=1",
    "-DC=\"s t\"",
    "-DD=\\\"q\\\"",
    "-DE='x y'",
    "-D F",
    "-DA",
    "-UA",
    "-pthread",
    "-pthread",
    "-framework Cocoa",
    "-framework",
    "-framework Metal",
    "-F/Library",
    "-F ${prefix}",
    "-Wl,-rpath,/opt/x",
    "-Wl,--start-group -la -lb -Wl,--end-group",
    "-Wl,--as-needed",
    "-Wl,-z,now",
    "-Wl,--whole-archive -lc -Wl,--no-whole-archive",
    "-Wl,-rpath -Wl,${libdir}",
    "-Wa,--x",
    "-Wp,-y",
    "-Wall",
    "-std=c11",
    "-std=c++17",
    "-stdlib=libc++",
    "-ansi",
    "-pedantic",
    "-trigraphs",
    "-nostdinc",
    "-nostdlibinc",
    "-nobuiltininc",
    "-rdynamic",
    "-u sym",
    "-usym",
    "-Xlinker -x",
    "-e",
    "-",
    "--",
    "--sysroot=/opt",
    "/opt/x/liba.a",
    "/usr/lib/libb.so",
    "liba.a",
    "${libdir}/libc.a",
    "${w}",
    "@file",
    "\\ ",
    "-la\\ b",
    "-I\"/opt/a b\"",
    "'-L/opt/c d'",
    "-DX=$(y)",
    "-DY=a;b",
    "-DZ=<x>",
    "-DN=é",
    "\"\"",
    "''",
    "-I/opt/`x`",
    "-m64",
    "-mthreads",
    "-O2",
    "-g",
    "-s",
    "-T",
    "-Tx",
    "-R/opt",
    "-arch x86_64",
    "-weak_framework X",
    "-LSYS/lib",
    "-ISYS/include",
    "SYS/lib/libz.a",
];

const VERSIONS: &[&str] = &[
    "1",
    "1.0",
    "1.2.3",
    "2",
    "0",
    "1.2~rc1",
    "1.2",
    "1.10",
    "1.9",
    "1.2-3",
    "1.2a",
    "v1",
    "1_2",
    "1:2",
    "01.2",
    "1.2 beta",
    "",
    "${v}",
    "1.2.3.4.5",
];

const OPERATORS: &[&str] = &["=", "<", ">", "<=", ">=", "!=", ">=", "==", "=>", "<>", "!", "=<"];

const SEPARATORS: &[&str] = &[", ", ",", " ", " , ", "  ", ",,", "\t"];

const FIELDS: &[&str] = &[
    "Requires",
    "Requires",
    "Requires.private",
    "Requires.private",
    "Requires.internal",
    "Conflicts",
    "Provides",
    "Cflags",
    "Cflags",
    "Cflags.private",
    "Libs",
    "Libs",
    "Libs.private",
    "URL",
    "Source",
    "License",
    "CFlags",
    "LIBS",
    "libs.Private",
    "requires",
    "Foo",
    "Libs.shared",
];

const NOISE: &[&str] = &[
    "# a comment",
    "",
    "   ",
    "lonely",
    "lonely word",
    "=x",
    ": y",
    "é: z",
    "_x=1",
    "9=1",
    "v",
    "v =",
    "v:=x",
    "v==x",
    "  v = /x",
    "#",
    "\\",
    "v=1\\",
    "Libs",
    "Libs -la",
    "Libs = -la",
    "prefix: /x",
];

const ENDS: &[&str] = &[
    "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", "\t\n", " # why\n", "\\\n",
    " \\\n  ",
];

const ODD: &[char] =
    &['\\', '#', '\r', '\n', '"', '\'', '$', '}', ',', '<', '>', '=', ':', '~', ' ', '\t', '-', 'l', '.'];

impl Tree {
    /// Makes a tree below a folder.
    pub(crate) fn new(random: &mut Random, root: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&root);
        let mut modules: Vec<&str> = (0..6).map(|_| random.pick(NAMES)).collect();
        modules.sort_unstable();
        modules.dedup();
        let all = ["pc", "lib/pkgconfig", "p c", "root/usr/lib/pkgconfig"].map(|name| root.join(name));
        let count = 1 + random.below(all.len());
        let start = random.below(all.len());
        let folders: Vec<PathBuf> = (0..count).map(|at| all[(start + at) % all.len()].clone()).collect();
        // If several modules provide one name, pkgconf takes the first in its folder's order, so each name gets one
        // provider.
        let mut provided = vec!["virtual", "other", "third"];
        // pkgconf reads uninstalled modules and providers anew whenever they are required, so that a cycle through
        // them takes very long or never ends: they occur only in trees where each module requires later ones.
        let acyclic = random.once_in(2);
        // Whether required modules exist: mostly yes, since refused queries offer little to compare.
        let met = !random.once_in(5);
        for folder in &folders {
            fs::create_dir_all(folder).unwrap();
            for (at, module) in modules.iter().enumerate() {
                if random.once_in(2) && folders.len() > 1 && Some(folder) != folders.last() {
                    continue;
                }
                let installed = if acyclic && random.once_in(4) { "-uninstalled" } else { "" };
                let mut none = Vec::new();
                let mut author = Author {
                    required: if acyclic { &modules[at + 1..] } else { &modules },
                    virtuals: acyclic && at < 3,
                    provided: if acyclic && at >= 3 { &mut provided } else { &mut none },
                    met,
                };
                let text = author.file(random, &root);
                fs::write(folder.join(format!("{module}{installed}.pc")), text).unwrap();
            }
        }
        let modules = modules.into_iter().chain(["absent", "virtual", "other"]).collect();
        Self { root, folders, modules, provides: acyclic }
    }

    /// Returns all files as text, for the report of a difference.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for folder in &self.folders {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let bytes = fs::read(entry.path()).unwrap();
                text += &format!(
                    "--- {}\n{}\n",
                    entry.path().display(),
                    String::from_utf8_lossy(&bytes).escape_debug().to_string().replace("\\n", "\n")
                );
            }
        }
        text
    }
}

/// The settings for writing one file.
struct Author<'a> {
    required: &'a [&'static str],
    /// True if names that no file has may be required.
    virtuals: bool,
    provided: &'a mut Vec<&'static str>,
    met: bool,
}

impl Author<'_> {
    /// Returns the text of one file.
    fn file(&mut self, random: &mut Random, root: &Path) -> String {
        let mut lines = Vec::new();
        for _ in 0..random.below(7) {
            let (name, value) = (random.pick(VARIABLES), value(random));
            lines.push(format!("{name}{}{value}", random.pick(&["=", "=", "=", " = ", "= "])));
        }
        let missing = if self.met { 400 } else { 60 };
        for field in ["Name", "Description", "Version"] {
            if !random.once_in(missing) {
                let value = if field == "Version" { random.pick(VERSIONS) } else { "some ${v} text" };
                lines.push(format!("{field}: {value}"));
            }
        }
        for _ in 0..random.below(8) {
            let field = random.pick(FIELDS);
            let value = match field.to_ascii_lowercase().split('.').next() {
                Some("cflags" | "libs") => flags(random),
                Some("provides") => match self.provided.pop() {
                    Some(name) => format!("{name} {} {}", random.pick(OPERATORS), random.pick(VERSIONS)),
                    None => continue,
                },
                Some("requires" | "conflicts") => self.requirements(random, field != "Conflicts"),
                _ => value(random),
            };
            lines.push(format!("{field}{}{value}", random.pick(&[": ", ": ", ": ", ":", " : ", "\t:"])));
        }
        for _ in 0..random.below(2) {
            let at = random.below(lines.len() + 1);
            lines.insert(at, random.pick(NOISE).to_owned());
        }
        let steady = !random.once_in(3);
        let mut text: String =
            lines.into_iter().map(|line| line + if steady { "\n" } else { random.pick(ENDS) }).collect();
        if random.once_in(6) {
            text = mutated(random, text);
        }
        text.push('\n');
        text.replace("SYS", &root.join("root").to_string_lossy())
    }

    fn requirements(&self, random: &mut Random, met: bool) -> String {
        let mut text = String::new();
        for at in 0..random.below(4) {
            if at > 0 {
                text += random.pick(SEPARATORS);
            }
            let usual = self.met && met && !random.once_in(12);
            text += match random.below(24) {
                _ if usual && !self.required.is_empty() && !(self.virtuals && random.once_in(6)) => {
                    random.pick(self.required)
                }
                0 => "absent",
                _ if usual && !self.virtuals => "pkgconf",
                1 | 20..24 if self.virtuals => "virtual",
                2 | 16..20 if self.virtuals => "other",
                3 => "${v}",
                4 => "pkg-config",
                _ if self.required.is_empty() => "absent",
                _ => random.pick(self.required),
            };
            if random.once_in(3) {
                let (before, after) = (
                    if usual { " " } else { random.pick(&[" ", "", "  "]) },
                    random.pick(&[" ", " ", " ", "", "  "]),
                );
                let (operator, version) = match random.below(4) {
                    _ if !usual => (random.pick(OPERATORS), random.pick(VERSIONS)),
                    0 => ("!=", "77"),
                    1 => ("<", "77"),
                    2 => ("<=", "77"),
                    _ => (">=", "0"),
                };
                text += &format!("{before}{operator}{after}{version}");
            }
        }
        text
    }
}

fn value(random: &mut Random) -> String {
    (0..1 + random.below(3)).map(|_| random.pick(VALUES)).collect()
}

fn flags(random: &mut Random) -> String {
    let words: Vec<&str> = (0..random.below(7)).map(|_| random.pick(FLAGS)).collect();
    words.join(random.pick(&[" ", " ", " ", "  ", "\t"]))
}

/// Returns the text with characters inserted, removed or doubled. No `${` loses its brace, since that difference is
/// known.
fn mutated(random: &mut Random, text: String) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(3) {
        let at = random.below(chars.len());
        match random.below(3) {
            0 => chars.insert(at, ODD[random.below(ODD.len())]),
            1 if !matches!(chars[at], '}' | '{') => {
                chars.remove(at);
            }
            _ if !matches!(chars[at], '{') => chars.insert(at, chars[at]),
            _ => {}
        }
    }
    let mutated: String = chars.into_iter().collect();
    let open = |text: &str| {
        text.split("${")
            .skip(1)
            .any(|rest| !rest.split(['\n', '\r', '#']).next().unwrap_or_default().contains('}'))
    };
    if open(&mutated) { text } else { mutated }
}
