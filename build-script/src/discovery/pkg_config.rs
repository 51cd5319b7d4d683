//! Runs the program `pkg-config` as the `pkg-config` crate does, and turns its flags into directives like that
//! crate.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::Path;

use super::{Found, Link, Looked, Query};
use crate::Outcome;
use crate::script::{Script, join, joined, underscored};
use crate::toml::Value;

/// Asks for each of the library's modules until one is found.
pub(super) fn find(query: &Query<'_>, script: &mut Script<'_>) -> Looked {
    if query.modules.is_empty() || query.variable(script, "no-pkg-config", "_NO_PKG_CONFIG").is_some() {
        return Ok(None);
    }
    for module in &query.modules {
        let refusal = underscored(&module.to_ascii_uppercase()) + "_NO_PKG_CONFIG";
        if script.env(&refusal).is_some() {
            continue;
        }
        let (wanted, who) = query.wants(script, module);
        let mut args = vec!["--libs".to_owned(), "--cflags".to_owned(), (*module).to_owned()];
        if wanted == "static" {
            args.insert(0, "--static".to_owned());
        }
        for bound in query.bounds() {
            let (operator, version) = crate::condition::operator(bound);
            args.push(format!("{} {} {}", module, operator, version));
        }
        let keeps = !matches!(query.table.get("print-system-libs"), Some(Value::Boolean(false)));
        if let Some(flags) = ask(script, &args, keeps)? {
            let version =
                ask(script, &["--modversion".to_owned(), (*module).to_owned()], keeps)?.unwrap_or_default();
            let mut found = Found { module: (*module).to_owned(), ..Found::default() };
            found.version = version.lines().next().unwrap_or_default().trim().to_owned();
            let words = split(&flags);
            letters(script, &words, if wanted == "static" { &who } else { "" }, &mut found);
            valued(script, &words, &mut found);
            linker_options(&words, &mut found);
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Returns the value of a variable of a module's file.
pub(super) fn variable(script: &mut Script<'_>, module: &str, name: &str) -> Outcome<Option<String>> {
    let value = ask(script, &["--variable=".to_owned() + name, module.to_owned()], true)?;
    Ok(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
}

/// Returns the output of the program; `None` if it fails, or is forbidden for the target.
fn ask(script: &mut Script<'_>, args: &[String], keeps_system_libs: bool) -> Outcome<Option<String>> {
    let cross = script.target != script.host;
    let program = scoped(script, "PKG_CONFIG", 4);
    let sysroot = scoped(script, "PKG_CONFIG_SYSROOT_DIR", 4);
    let allowed = match scoped(script, "PKG_CONFIG_ALLOW_CROSS", 4) {
        Some(value) if value == "0" && cross => return Ok(None),
        Some(_) => true,
        None => program.is_some() || sysroot.is_some(),
    };
    // A variable without the target's name may apply to the host.
    let counted = if cross && !allowed { 3 } else { 4 };
    let path = scoped(script, "PKG_CONFIG_PATH", counted);
    let mut libdir = scoped(script, "PKG_CONFIG_LIBDIR", counted);
    if libdir.is_none() && cross && !allowed {
        let folders = folders(&script.target, false);
        libdir = Some(joined(&folders, "/pkgconfig:") + "/pkgconfig");
    }
    let mut set = vec![("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", Some("1")), ("PKG_CONFIG_PATH", path.as_deref())];
    if keeps_system_libs {
        set.push(("PKG_CONFIG_ALLOW_SYSTEM_LIBS", Some("1")));
    }
    if libdir.is_some() {
        set.push(("PKG_CONFIG_LIBDIR", libdir.as_deref()));
    }
    if sysroot.is_some() {
        set.push(("PKG_CONFIG_SYSROOT_DIR", sysroot.as_deref()));
    }
    let named = program.as_deref().unwrap_or("pkg-config");
    for name in &[named, "pkgconf"] {
        if program.is_some() && *name != named {
            break;
        }
        match script.run(OsStr::new(name), args, &set) {
            Ok(output) if output.status.success() => {
                return Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()));
            }
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().replace("\n", "\n    ");
                script.tried.push("  ".to_owned() + &said);
                return Ok(None);
            }
            Err(why) => script.tried.push(why),
        }
    }
    Ok(None)
}

/// Returns the value of a variable whose name may contain the target, HOST or TARGET; the first `most` forms count.
fn scoped(script: &mut Script<'_>, name: &str, most: usize) -> Option<String> {
    let side = if script.target == script.host { "HOST" } else { "TARGET" };
    let target = script.target.clone();
    let forms = [
        format!("{}_{}", name, target),
        format!("{}_{}", name, underscored(&target)),
        format!("{}_{}", side, name),
        name.to_owned(),
    ];
    for form in forms.iter().take(most) {
        if let Some(value) = script.env(form) {
            return Some(value.to_owned());
        }
    }
    None
}

/// Splits flags at blanks; a backslash protects the next character.
fn split(flags: &str) -> Vec<String> {
    let (mut words, mut escaped) = (vec![String::new()], false);
    for c in flags.chars() {
        if !escaped && c == '\\' {
            escaped = true;
        } else if !escaped && c.is_ascii_whitespace() {
            words.push(String::new());
        } else {
            escaped = false;
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
    }
    super::drop_empty(&mut words);
    words
}

/// Reads flags of a single letter; `who` requests static linking.
fn letters(script: &mut Script<'_>, words: &[String], who: &str, found: &mut Found) {
    let mut whole = false;
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "-Wl,--whole-archive" => whole = true,
            "-Wl,--no-whole-archive" => whole = false,
            "-u" => {
                if let Some(symbol) = words.get(at + 1) {
                    found.link.push(Link::arg("-Wl,-u,".to_owned() + symbol));
                }
            }
            _ => {}
        }
        let value = word.get(2..).unwrap_or_default();
        match word.get(..2) {
            _ if value.is_empty() => {}
            Some("-L") => {
                found.link.push(Link::search(value, "native"));
                found.lib.push(value.to_owned());
            }
            Some("-F") => found.link.push(Link::search(value, "framework")),
            Some("-I") => found.include.push(value.to_owned()),
            Some("-l") => library(script, value, whole, who, found),
            Some("-u") => found.link.push(Link::arg("-Wl,-u,".to_owned() + value)),
            _ => {}
        }
    }
}

fn library(script: &mut Script<'_>, name: &str, whole: bool, who: &str, found: &mut Found) {
    const TOOLCHAINS: &[&str] = &[
        "c", "m", "dl", "rt", "pthread", "util", "resolv", "stdc++", "c++", "gcc_s", "gcc", "atomic", "nsl",
        "crypt",
    ];
    if script.target.contains("msvc") && ["m", "c", "pthread"].contains(&name) {
        return;
    }
    if name.starts_with(':') {
        found.link.push(Link::arg("-l".to_owned() + name));
        return;
    }
    let mut link = Link::lib(name, "");
    if !who.is_empty() && !TOOLCHAINS.contains(&name) {
        let root = script.env("PKG_CONFIG_SYSROOT_DIR").or_else(|| script.env("SYSROOT")).unwrap_or("/usr");
        let (mut system, mut own) = (false, false);
        for folder in &found.lib {
            let there = script.is_file(&join(folder, &format!("lib{}.a", name)))
                || super::WINDOWS && script.is_file(&join(folder, &(name.to_owned() + ".lib")));
            let is_system = Path::new(folder).starts_with(root)
                || script.host.contains("apple")
                    && (folder.starts_with("/Library") || folder.starts_with("/System"));
            own = own || there && !is_system;
            system = system || there;
        }
        if own {
            link.kind = "static";
            if whole {
                link.modifiers.push("+whole-archive".to_owned());
            }
        } else if system {
            script.say(
                "warning",
                &format!(
                    "{} static linking, but lib{}.a is the system's, which is linked dynamically",
                    who, name
                ),
            );
        } else {
            script.say(
                "warning",
                &format!("{} static linking, but there is no lib{}.a: it is linked dynamically", who, name),
            );
        }
    }
    found.link.push(link);
}

/// Reads flags with a separate value, and libraries that are given by a path.
fn valued(script: &mut Script<'_>, words: &[String], found: &mut Found) {
    let mut parts = Vec::new();
    for word in words {
        match word.strip_prefix("-Wl,") {
            Some(options) => {
                for option in options.split(',') {
                    parts.push(option);
                }
            }
            None => parts.push(word),
        }
    }
    let mut at = 0;
    while at < parts.len() {
        let (part, value) = (parts[at], parts.get(at + 1).copied());
        at += 1;
        match part {
            "-framework" => found.link.push(Link::lib(value.unwrap_or_default(), "framework")),
            "-isystem" | "-iquote" | "-idirafter" => found.include.push(value.unwrap_or_default().to_owned()),
            "-include" | "-imacros" | "-isysroot" | "--sysroot" | "-undefined" | "--undefined" => {}
            _ => {
                if part.starts_with('/') || part.as_bytes().get(1) == Some(&b':') {
                    file(script, part, found);
                }
                continue;
            }
        }
        at += 1;
    }
}

/// Adds a library that is given by its path: its folder is searched for it.
fn file(script: &mut Script<'_>, path: &str, found: &mut Found) {
    let (folder, name) = path.rsplit_once(['/', '\\']).unwrap_or_default();
    if !script.is_file(path) {
        return;
    }
    let windows = script.target.contains("windows");
    let endings: &[&str] = match windows {
        true => &[".dll.a", ".dll", ".lib", ".a"],
        false if script.target.contains("apple") => &[".a", ".so", ".dylib"],
        false => &[".a", ".so"],
    };
    let stem = match name.strip_prefix("lib") {
        Some(stem) if !windows || script.target.contains("gnu") => stem,
        _ if windows => name,
        _ => return,
    };
    for ending in endings {
        if let Some(library) = stem.strip_suffix(ending) {
            found.link.push(Link::search(folder, ""));
            found.link.push(Link::lib(library, if *ending == ".a" { "static" } else { "" }));
            return;
        }
    }
}

fn linker_options(words: &[String], found: &mut Found) {
    let whole = found.link.iter().any(|link| !link.modifiers.is_empty());
    for word in words {
        let options = match word.strip_prefix("-Wl,") {
            Some("--whole-archive" | "--no-whole-archive") if whole => continue,
            Some(options) => options,
            None => continue,
        };
        let (mut kept, mut skip) = (Vec::new(), false);
        for part in options.split(',') {
            if !skip && part != "-framework" {
                kept.push(part);
            }
            skip = !skip && part == "-framework";
        }
        found.link.push(Link::arg("-Wl,".to_owned() + &joined(&kept, ",")));
    }
}

/// Compares versions in pkg-config's (RPM's) order: digits as numbers, letters as text, `~` before everything.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (mut one, mut two) = (left.as_bytes(), right.as_bytes());
    if left.eq_ignore_ascii_case(right) {
        return Ordering::Equal;
    }
    loop {
        one = without(one, |byte| !byte.is_ascii_alphanumeric() && byte != b'~');
        two = without(two, |byte| !byte.is_ascii_alphanumeric() && byte != b'~');
        match (one.first() == Some(&b'~'), two.first() == Some(&b'~')) {
            (true, true) => {
                one = &one[1..];
                two = &two[1..];
                continue;
            }
            (false, true) => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            (false, false) => {}
        }
        if one.is_empty() || two.is_empty() {
            return two.is_empty().cmp(&one.is_empty());
        }
        let numeric = one[0].is_ascii_digit();
        let belongs: fn(u8) -> bool =
            if numeric { |byte| byte.is_ascii_digit() } else { |byte| byte.is_ascii_alphabetic() };
        let (after_one, after_two) = (without(one, belongs), without(two, belongs));
        let (mut x, mut y) = (&one[..one.len() - after_one.len()], &two[..two.len() - after_two.len()]);
        if y.is_empty() {
            return if numeric { Ordering::Greater } else { Ordering::Less };
        }
        one = after_one;
        two = after_two;
        if numeric {
            x = without(x, |byte| byte == b'0');
            y = without(y, |byte| byte == b'0');
        }
        let order = if numeric && x.len() != y.len() { x.len().cmp(&y.len()) } else { x.cmp(y) };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Returns the text without the bytes at its beginning that belong to a class.
fn without(mut text: &[u8], belongs: fn(u8) -> bool) -> &[u8] {
    while !text.is_empty() && belongs(text[0]) {
        text = &text[1..];
    }
    text
}

/// Returns Debian's name for the folders of a target.
pub(super) fn multiarch(target: &str) -> Option<String> {
    let (arch, rest) = target.split_once('-')?;
    let (_, abi) = rest.split_once("linux-")?;
    let arch = match arch {
        "i586" | "i686" => "i386",
        "riscv64gc" | "riscv64a23" => "riscv64",
        arm if arm.starts_with("arm") || arm.starts_with("thumb") => "arm",
        other => other,
    };
    Some(format!("{}-linux-{}", arch, abi))
}

/// Returns the folders of a target's libraries on a system without other settings; each may hold a `pkgconfig`
/// folder.
pub(super) fn folders(target: &str, native: bool) -> Vec<String> {
    let mut folders = Vec::new();
    if target.contains("linux") || target.contains("hurd") {
        let multiarch = multiarch(target);
        for prefix in &["/usr/local", "/usr"] {
            let prefix = *prefix;
            if let Some(multiarch) = &multiarch {
                folders.push(format!("{}/lib/{}", prefix, multiarch));
            }
            if native && (target.contains("64") || target.starts_with("s390x")) {
                folders.push(prefix.to_owned() + "/lib64");
            }
            if native {
                folders.push(prefix.to_owned() + "/lib");
            } else if let (Some(multiarch), "/usr") = (&multiarch, prefix) {
                folders.push(format!("/usr/{}/lib", multiarch));
                folders.push(format!("/usr/{}/usr/lib", multiarch));
            }
            folders.push(prefix.to_owned() + "/share");
        }
    } else if target.contains("windows-gnu") {
        let arch = target.split('-').next().unwrap_or_default();
        folders.push(format!("/usr/{}-w64-mingw32/sys-root/mingw/lib", arch));
        folders.push(format!("/usr/{}-w64-mingw32/lib", arch));
    } else if native && !target.contains("windows") {
        for prefix in &["/opt/homebrew", "/usr/local", "/opt/local", "/usr/pkg", "/usr"] {
            folders.push((*prefix).to_owned() + "/lib");
        }
    }
    folders
}
