//! Reads compile commands into a form that can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The command that compiled one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Command {
    pub(crate) defines: BTreeSet<String>,
    pub(crate) includes: Vec<String>,
    pub(crate) flags: BTreeSet<String>,
}

/// The commands by source file; a file may be compiled several times.
pub(crate) type Commands = BTreeMap<String, Vec<Command>>;

/// Selects the compilations among all calls; `shorten` replaces folders that differ between two builds.
pub(crate) fn compiles(calls: &[Vec<String>], package: &Path, shorten: &dyn Fn(&str) -> String) -> Commands {
    let mut commands = Commands::new();
    for call in calls {
        if let Some((source, command)) = compile(call, package, shorten) {
            commands.entry(source).or_default().push(command);
        }
    }
    commands.values_mut().for_each(|list| list.sort());
    commands
}

fn compile(call: &[String], package: &Path, shorten: &dyn Fn(&str) -> String) -> Option<(String, Command)> {
    if !call.iter().any(|word| word == "-c") {
        return None;
    }
    // Relative paths start at the package, the working folder of a script.
    let place = |path: &str| {
        let whole = if Path::new(path).is_absolute() {
            path.to_owned()
        } else {
            package.join(path).display().to_string()
        };
        let plain = whole.replace("/./", "/").replace("//", "/");
        shorten(plain.trim_end_matches('/'))
    };
    let (mut command, mut source) = (Command::default(), None);
    let mut words = call.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" | "-MD" | "--" => {}
            "-o" | "-MF" => drop(words.next()),
            "-I" => command.includes.extend(words.next().map(|path| place(path))),
            "-isystem" => command.includes.extend(words.next().map(|path| format!("system {}", place(path)))),
            "-D" => command.defines.extend(words.next().map(|define| shorten(define))),
            word if word.starts_with("-D") => drop(command.defines.insert(shorten(&word[2..]))),
            word if word.starts_with("-I") => command.includes.push(place(&word[2..])),
            word if !word.starts_with('-') && is_source(word) => source = Some(place(word)),
            word => drop(command.flags.insert(shorten(word))),
        }
    }
    let source = source?;
    let probe = source.contains("flag_check")
        || source.contains("detect_compiler")
        || source.contains("inert-scratch");
    (!probe).then_some((source, command))
}

fn is_source(word: &str) -> bool {
    [".c", ".cc", ".cpp", ".cxx", ".S", ".s", ".m", ".mm"].iter().any(|ending| word.ends_with(ending))
}
