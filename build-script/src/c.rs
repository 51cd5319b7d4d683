//! `cc-library`, and probes of the C compiler: both use the `cc` crate, as scripts do.

use std::path::Path;

use crate::Outcome;
use crate::effects::{link_lib, link_search};
use crate::globs;
use crate::probes::{Answer, yes};
use crate::script::{Script, join};
use crate::toml::{Table, Value};

/// An archive that was built.
#[derive(Clone)]
pub(crate) struct Built {
    folder: String,
    cpp_stdlib: String,
    #[cfg_attr(not(feature = "discovery"), allow(dead_code))]
    include: Vec<String>,
    modifiers: Vec<String>,
}

/// Builds and links an archive, with the directives that cc prints: the archive, its folder, the C++ library.
pub(crate) fn link(script: &mut Script<'_>, name: &str) -> Outcome<()> {
    if let Some(mut built) = archive(script, name)? {
        #[cfg(feature = "discovery")]
        crate::discovery::modifiers_for(script, name, &mut built.modifiers)?;
        let modifiers = std::mem::take(&mut built.modifiers);
        link_lib(script, name, Some("static"), &modifiers, None);
        link_search(script, Some("native"), &built.folder);
        if !built.cpp_stdlib.is_empty() {
            link_lib(script, &built.cpp_stdlib, None, &[], None);
        }
    }
    Ok(())
}

/// Builds an archive once; returns `None` if its `when` does not hold.
pub(crate) fn archive(script: &mut Script<'_>, name: &str) -> Outcome<Option<Built>> {
    for (known, built) in &script.archives {
        if known == name {
            return Ok(built.clone());
        }
    }
    let table = script.inert.get("cc-library").and_then(Value::table).and_then(|table| table.get(name));
    let table = table.and_then(Value::table).ok_or_else(|| format!("there is no cc-library `{}`", name))?;
    let built = if script.stands(table)? {
        Some(build(script, name, table).map_err(|why| format!("building `lib{}.a`: {}", name, why))?)
    } else {
        None
    };
    script.archives.push((name.to_owned(), built.clone()));
    Ok(built)
}

#[cfg(feature = "discovery")]
impl Script<'_> {
    /// Returns the folders of an archive that replaces a library.
    pub(crate) fn archive_folders(&mut self, name: &str, what: &str) -> Outcome<Vec<String>> {
        Ok(match archive(self, name)? {
            Some(built) if what == "lib" => vec![built.folder],
            Some(built) => built.include,
            None => Vec::new(),
        })
    }
}

fn build<'d>(script: &mut Script<'d>, name: &str, table: &'d Table) -> Outcome<Built> {
    let mut sources: Vec<String> = Vec::new();
    for source in script.texts(table.get("sources"))? {
        let found = globs::expand(script, source)?;
        for path in found {
            if !sources.contains(&path) {
                sources.push(path);
            }
        }
    }
    for excluded in script.texts(table.get("exclude"))? {
        let excluded = globs::expand(script, excluded)?;
        sources.retain(|source| !excluded.contains(source));
    }
    if sources.is_empty() {
        return Err("no source stands".to_owned());
    }
    let mut build = cc::Build::new();
    build.cargo_metadata(false);
    let folder = match table.get("folder").and_then(Value::text) {
        Some(folder) => join(&script.out_dir, folder),
        None => script.out_dir.clone(),
    };
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {}", folder, error))?;
    // Objects beside the archive would be undeclared files.
    let objects = format!("{}/cc-{}", script.scratch, name);
    build.out_dir(&objects);
    let switch = |script: &mut Script<'d>, key: &str| -> Outcome<Option<bool>> {
        Ok(match script.one(key, table.get(key))? {
            Some(Value::Boolean(on)) => Some(*on),
            _ => None,
        })
    };
    let cpp = switch(script, "cpp")?.unwrap_or(false);
    build.cpp(cpp);
    if let Some(level) = script.one("opt-level", table.get("opt-level"))?.and_then(Value::text) {
        build.opt_level_str(level);
    }
    if let Some(on) = switch(script, "debug")? {
        build.debug(on);
    }
    if let Some(standard) = script.one("std", table.get("std"))?.and_then(Value::text) {
        build.std(standard);
    }
    if let Some(on) = switch(script, "warnings")? {
        build.warnings(on);
    }
    if let Some(on) = switch(script, "extra-warnings")? {
        build.extra_warnings(on);
    }
    if let Some(on) = switch(script, "pic")? {
        build.pic(on);
    }
    if let Some(on) = switch(script, "static-crt")? {
        build.static_crt(on);
    }
    let mut include = Vec::new();
    for folder in script.texts(table.get("include-dirs"))? {
        for folder in script.paths(folder)? {
            script.uses(&folder);
            build.include(&folder);
            include.push(folder);
        }
    }
    flags(script, table, &mut build)?;
    let mut defines = Vec::new();
    for (macro_name, value) in
        table.get("defines").and_then(Value::table).map(Table::sorted).unwrap_or_default()
    {
        let value = match script.one(macro_name, Some(value))? {
            Some(Value::Text(text)) => Some(script.text(text)?),
            Some(Value::Number(number)) => Some(number.clone()),
            Some(_) => None,
            None => continue,
        };
        build.define(macro_name, value.as_deref());
        defines.push((macro_name, value));
    }
    for source in &sources {
        script.uses(source);
        let ending = Path::new(source).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending {
            "o" | "obj" => {
                build.object(source);
            }
            "asm" if !script.target.contains("msvc") => {
                let object = format!("{}/{}.o", objects, build.get_files().count() + defines.len());
                nasm(script, source, &object, &include, &defines)?;
                build.object(object);
            }
            _ => {
                build.file(source);
            }
        }
    }
    let installed = install_headers(script, table)?;
    build.try_compile(name).map_err(|error| error.to_string())?;
    for file in [format!("lib{}.a", name), name.to_owned() + ".lib"] {
        let from = join(&objects, &file);
        if Path::new(&from).is_file() {
            let to = join(&folder, &file);
            std::fs::rename(&from, &to)
                .or_else(|_| std::fs::copy(&from, &to).map(|_| ()))
                .map_err(|error| format!("{}: {}", to, error))?;
        }
    }
    let cpp_stdlib = match script.one("cpp-link-stdlib", table.get("cpp-link-stdlib"))?.and_then(Value::text)
    {
        _ if !cpp => String::new(),
        Some("none") => String::new(),
        Some(named) => named.to_owned(),
        None => cpp_stdlib(script),
    };
    let mut modifiers = Vec::new();
    for modifier in script.texts(table.get("modifiers"))? {
        modifiers.push(modifier.to_owned());
    }
    Ok(Built {
        folder,
        cpp_stdlib,
        include: if installed.is_empty() { include } else { installed },
        modifiers,
    })
}

fn flags<'d>(script: &mut Script<'d>, table: &'d Table, build: &mut cc::Build) -> Outcome<()> {
    for item in script.list(table.get("flags"))? {
        let (mut supported, mut compiler, mut list) = (false, "", Some(item));
        if let Some(table) = item.table() {
            supported = matches!(table.get("if-supported"), Some(Value::Boolean(true)));
            compiler = table.get("compiler").and_then(Value::text).unwrap_or_default();
            list = table.get("flag").or_else(|| table.get("flags"));
        }
        if !compiler.is_empty() {
            let tool = build.try_get_compiler().map_err(|error| error.to_string())?;
            let family = match () {
                () if tool.is_like_msvc() => "msvc",
                () if tool.is_like_clang() => "clang",
                () => "gnu",
            };
            if family != compiler {
                continue;
            }
        }
        for flag in list.map_or(&[][..], Value::items) {
            let flag = flag.text().unwrap_or_default();
            if supported {
                build.flag_if_supported(flag);
            } else {
                build.flag(flag);
            }
        }
    }
    Ok(())
}

/// Copies headers into OUT_DIR; returns the folders that dependents should search.
fn install_headers<'d>(script: &mut Script<'d>, table: &'d Table) -> Outcome<Vec<String>> {
    let mut folders = Vec::new();
    let headers = table.get("install-headers").and_then(Value::table).map(Table::sorted).unwrap_or_default();
    for (to, from) in headers {
        let from = match script.one(to, Some(from))?.and_then(Value::text) {
            Some(from) => from,
            None => continue,
        };
        let whole = join(&script.out_dir, to);
        let mut single = !globs::is_glob(from);
        for path in globs::expand(script, from)? {
            let mut copies = vec![(path.clone(), whole.clone())];
            if Path::new(&path).is_dir() {
                single = false;
                copies.clear();
                for file in globs::tree(&path) {
                    let below = file[path.len()..].to_owned();
                    copies.push((file, whole.clone() + &below));
                }
            } else if globs::is_glob(from) {
                let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
                copies = vec![(path, join(&whole, &name))];
            }
            for (from, to) in copies {
                let bytes = script.read(&from)?;
                script.write(&to, &bytes)?;
            }
        }
        // `include/openssl/ssl.h` is included as `openssl/ssl.h`.
        let top = match to.split_once('/') {
            Some((top, _)) => join(&script.out_dir, top),
            None if single => script.out_dir.clone(),
            None => whole,
        };
        if !folders.contains(&top) {
            folders.push(top);
        }
    }
    Ok(folders)
}

/// Assembles an object by nasm, which cc does not start.
fn nasm(
    script: &mut Script<'_>,
    source: &str,
    object: &str,
    include: &[String],
    defines: &[(&str, Option<String>)],
) -> Outcome<()> {
    let wide = script.target.starts_with("x86_64");
    let format = match () {
        () if script.target.ends_with("-gnux32") => "elfx32",
        () if script.target.contains("-windows-") => {
            if wide {
                "win64"
            } else {
                "win32"
            }
        }
        () if script.target.contains("-apple-") => {
            if wide {
                "macho64"
            } else {
                "macho32"
            }
        }
        () => {
            if wide {
                "elf64"
            } else {
                "elf32"
            }
        }
    };
    let mut args = vec!["-f".to_owned(), format.to_owned()];
    for folder in include {
        args.push("-I".to_owned());
        args.push(folder.clone() + "/");
    }
    for (name, value) in defines {
        args.push(match value {
            Some(value) => format!("-D{}={}", name, value),
            None => format!("-D{}", name),
        });
    }
    if !matches!(script.cargo("DEBUG"), "false" | "0" | "none") {
        args.push("-g".to_owned());
    }
    args.push("-o".to_owned());
    args.push(object.to_owned());
    args.push(source.to_owned());
    script.write(object, b"")?;
    let output = script.run("nasm".as_ref(), &args, &[])?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("nasm {}\n{}", source, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Returns the C++ library of the platform, as cc chooses it.
fn cpp_stdlib(script: &mut Script<'_>) -> String {
    let target = script.target.clone();
    let side = if script.host == target { "HOST_CXXSTDLIB" } else { "TARGET_CXXSTDLIB" };
    let names = [
        format!("CXXSTDLIB_{}", target),
        format!("CXXSTDLIB_{}", target.replace("-", "_")),
        side.to_owned(),
        "CXXSTDLIB".to_owned(),
    ];
    for name in &names {
        if let Some(named) = script.env(name) {
            return named.to_owned();
        }
    }
    let mut libcxx = target.contains("-wasi");
    for part in ["apple", "freebsd", "openbsd", "aix", "ohos"] {
        libcxx = libcxx || crate::condition::has(&target, '-', part);
    }
    match () {
        () if target.ends_with("-msvc") => "",
        () if libcxx => "c++",
        () if target.contains("android") => "c++_shared",
        () => "stdc++",
    }
    .to_owned()
}

/// Runs a probe of the C compiler.
pub(crate) fn probe<'d>(script: &mut Script<'d>, probe: &'d Table) -> Outcome<Answer> {
    let text = |key: &str| probe.get(key).and_then(Value::text);
    let library = text("library").unwrap_or_default();
    let header = text("header").map_or(String::new(), |header| format!("#include <{}>\n", header));
    let folder = script.probe_folder()?;
    let program = folder.clone() + "/probe.exe";
    if let Some(flag) = text("c-flag") {
        let mut build = cc::Build::new();
        build.out_dir(&folder).cpp(matches!(probe.get("cpp"), Some(Value::Boolean(true))));
        return Ok(yes(build.is_flag_supported(flag).map_err(|error| error.to_string())?));
    }
    if let Some(name) = text("macro") {
        let source =
            format!("{}#ifdef {}\n\"inert-probe\" {}\n\"inert-probe-end\"\n#endif\n", header, name, name);
        let output = compile(script, &source, library, &["-E"], "", &[])?;
        let said = String::from_utf8_lossy(output.as_deref().unwrap_or_default()).into_owned();
        let value = match said.rsplit_once("\"inert-probe\"") {
            Some((_, rest)) => rest.split("\"inert-probe-end\"").next().unwrap_or_default(),
            None => return Ok(None),
        };
        let mut lines = Vec::new();
        for line in value.lines() {
            if !line.trim().starts_with('#') {
                lines.push(line.trim());
            }
        }
        let value = crate::script::joined(&lines, " ").trim().to_owned();
        return Ok(Some(Some(constant(&value).unwrap_or(value))));
    }
    if let Some(name) = text("function") {
        let declared = if header.is_empty() { format!("char {}(void);\n", name) } else { String::new() };
        let source = format!(
            "{}{}static void (*volatile inert_asked)(void) = (void (*)(void)){};\n\
             int main(void) {{ return inert_asked == 0; }}\n",
            header, declared, name
        );
        let link = library_arguments(script, library)?;
        return Ok(yes(compile(script, &source, library, &[], &program, &link)?.is_some()));
    }
    if let Some(c_type) = text("sizeof") {
        let mut digits = String::new();
        for place in ["10000", "1000", "100", "10", "1"] {
            digits += &format!(" '0' + (sizeof({}) / {}) % 10,", c_type, place);
        }
        let source = format!(
            "{}const char inert_size[] = {{ 'i','n','e','r','t','-','s','i','z','e',':',{} ';', 0 }};\n",
            header, digits
        );
        let object = folder + "/probe.o";
        if compile(script, &source, "", &["-c"], &object, &[])?.is_none() {
            return Ok(None);
        }
        let bytes = std::fs::read(&object).map_err(|error| format!("{}: {}", object, error))?;
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let size = said.split("inert-size:").nth(1).and_then(|rest| rest.get(..5)?.parse::<u64>().ok());
        return Ok(size.map(|size| Some(size.to_string())));
    }
    if let Some(lib) = text("links") {
        let source = match text("source") {
            None => "int main(void) { return 0; }\n".to_owned(),
            Some(path) => {
                let path = script.inside(path);
                match script.read(&path) {
                    Ok(_) => format!("#include \"{}\"\n", path),
                    Err(_) => return Ok(None),
                }
            }
        };
        return Ok(yes(compile(script, &source, "", &[], &program, &["-l".to_owned() + lib])?.is_some()));
    }
    Ok(yes(compile(script, &header, library, &["-E"], "", &[])?.is_some()))
}

/// Returns the standard output of the compiler; `None` if it fails.
fn compile(
    script: &mut Script<'_>,
    source: &str,
    library: &str,
    first: &[&str],
    output: &str,
    last: &[String],
) -> Outcome<Option<Vec<u8>>> {
    let path = script.scratch.clone() + "/probe/probe.c";
    script.write(&path, source.as_bytes())?;
    let mut build = cc::Build::new();
    build.cargo_metadata(false).warnings(false);
    let tool = build.try_get_compiler().map_err(|error| error.to_string())?;
    let mut command = tool.to_command();
    for folder in library_include(script, library)? {
        command.arg("-I").arg(folder);
    }
    command.args(first);
    if !output.is_empty() && tool.is_like_msvc() {
        command.arg(format!("{}{}", if first == ["-c"] { "-Fo" } else { "-Fe" }, output));
    } else if !output.is_empty() {
        command.arg("-o").arg(output);
    }
    command.arg(path).args(last);
    let done = script.start(&mut command, &[])?;
    Ok(if done.status.success() { Some(done.stdout) } else { None })
}

#[cfg(feature = "discovery")]
use crate::discovery::{arguments as library_arguments, include as library_include};

#[cfg(not(feature = "discovery"))]
fn library_include(_: &mut Script<'_>, library: &str) -> Outcome<Vec<String>> {
    match library {
        "" => Ok(Vec::new()),
        _ => Err(crate::script::lacking("discovery")),
    }
}

#[cfg(not(feature = "discovery"))]
fn library_arguments(script: &mut Script<'_>, library: &str) -> Outcome<Vec<String>> {
    library_include(script, library)
}

/// Returns the value of an integer constant expression without identifiers, or of string literals.
fn constant(text: &str) -> Option<String> {
    if text.starts_with('"') {
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.strip_prefix('"')?.split_once('"')?;
            if piece.contains('\\') {
                return None;
            }
            out += piece;
            rest = after.trim_start();
        }
        return Some(out);
    }
    let mut rest = text.trim();
    let value = binary(&mut rest, 0, 0)?;
    if rest.is_empty() { Some(value.to_string()) } else { None }
}

/// The operators by binding strength, weakest first.
const OPERATORS: [&[&str]; 6] = [&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "%"]];

fn binary(rest: &mut &str, level: usize, depth: usize) -> Option<i128> {
    if level == OPERATORS.len() {
        return unary(rest, depth);
    }
    let mut left = binary(rest, level + 1, depth)?;
    'more: loop {
        for symbol in OPERATORS[level] {
            if let Some(after) = rest.strip_prefix(symbol) {
                // `||` and `&&` are not supported.
                if symbol.len() == 1 && after.starts_with(symbol) {
                    continue;
                }
                *rest = after.trim_start();
                let right = binary(rest, level + 1, depth)?;
                left = match *symbol {
                    "|" => left | right,
                    "^" => left ^ right,
                    "&" => left & right,
                    "<<" => left.checked_shl(u32::try_from(right).ok()?)?,
                    ">>" => left.checked_shr(u32::try_from(right).ok()?)?,
                    "+" => left.checked_add(right)?,
                    "-" => left.checked_sub(right)?,
                    "*" => left.checked_mul(right)?,
                    "/" => left.checked_div(right)?,
                    _ => left.checked_rem(right)?,
                };
                continue 'more;
            }
        }
        return Some(left);
    }
}

fn unary(rest: &mut &str, depth: usize) -> Option<i128> {
    let first = rest.chars().next()?;
    if depth > 64 {
        return None;
    }
    if first.is_ascii_digit() {
        let (token, after) = rest.split_at(crate::toml::run(rest, |c| c.is_ascii_alphanumeric()));
        *rest = after.trim_start();
        let digits = token.trim_end_matches(|c| "uUlL".contains(c));
        return match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => i128::from_str_radix(hex, 16).ok(),
            None if digits.len() > 1 && digits.starts_with('0') => i128::from_str_radix(&digits[1..], 8).ok(),
            None => digits.parse().ok(),
        };
    }
    *rest = rest[first.len_utf8()..].trim_start();
    match first {
        '-' => unary(rest, depth + 1)?.checked_neg(),
        '+' => unary(rest, depth + 1),
        '~' => Some(!unary(rest, depth + 1)?),
        '(' => {
            let value = binary(rest, 0, depth + 1)?;
            *rest = rest.strip_prefix(')')?.trim_start();
            Some(value)
        }
        _ => None,
    }
}
