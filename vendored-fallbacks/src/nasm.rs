//! Assembles `.asm` sources if the compiler is not MSVC's: they are for nasm, which a script would start by
//! nasm-rs.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile::{Compiled, Object, run};
use crate::toolchain::absolute;
use crate::{BuildError, Toolchain, Unit};

/// Returns whether a source is for nasm.
pub(crate) fn is_nasm(source: &Path) -> bool {
    source.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("asm"))
}

/// Assembles one source, with the unit's include folders and definitions.
pub(crate) fn assemble(toolchain: &Toolchain, unit: &Unit, object: &Object) -> Result<Compiled, BuildError> {
    let missing = |problem: String| BuildError::NoAssembler { source: object.source.clone(), problem };
    let format = format(&toolchain.target)
        .ok_or_else(|| missing(format!("nasm knows no object format for {}", toolchain.target)))?;
    let program = absolute(toolchain, OsStr::new("nasm"));
    if !program.is_absolute() {
        return Err(missing("`nasm` was not found on PATH".into()));
    }
    let part = object.output.with_extension("o.part");
    #[expect(
        clippy::disallowed_methods,
        reason = "cc has no nasm; its environment is the toolchain's, as cc's tools' is"
    )]
    let mut command = Command::new(&program);
    command.env_clear().envs(&toolchain.environment.variables);
    command.args(["-f", format]);
    for folder in &unit.include_dirs {
        // nasm joins the folder and the name without a separator.
        let mut folder = folder.as_os_str().to_owned();
        folder.push(std::path::MAIN_SEPARATOR_STR);
        command.args([OsString::from("-I"), folder]);
    }
    for (name, value) in &unit.defines {
        command.arg(value.as_ref().map_or_else(|| format!("-D{name}"), |value| format!("-D{name}={value}")));
    }
    if unit.debug.unwrap_or(toolchain.debug) {
        command.arg("-g");
    }
    command.args([OsStr::new("-o"), part.as_os_str()]).arg(&object.source);
    if let Err(error) = run(toolchain, command) {
        let _ = std::fs::remove_file(&part);
        return Err(error);
    }
    std::fs::rename(&part, &object.output).map_err(|error| BuildError::io(&object.output, &error))?;
    let mut reads = vec![object.source.clone()];
    reads.extend(includes(unit));
    Ok(Compiled { object: object.output.clone(), reads, kept: None })
}

/// Returns the files that a source may include: nasm 2.16's `-MD` names the source alone, so all files in the
/// folders count as read.
fn includes(unit: &Unit) -> Vec<PathBuf> {
    const ENDINGS: &[&str] = &["inc", "mac", "asm", "h"];
    let folders = unit.include_dirs.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
    let files = folders.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(|path| path.extension().is_some_and(|e| ENDINGS.iter().any(|ending| e == *ending))).collect()
}

/// Returns nasm's name of a target's object format (its manual, chapter 8).
fn format(target: &str) -> Option<&'static str> {
    let wide = match target.split('-').next()? {
        "x86_64" => true,
        "i386" | "i486" | "i586" | "i686" => false,
        _ => return None,
    };
    Some(match () {
        () if target.ends_with("-gnux32") => "elfx32",
        () if target.contains("-windows-") || target.contains("-cygwin") => {
            if wide {
                "win64"
            } else {
                "win32"
            }
        }
        () if target.contains("-apple-") => {
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
    })
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn formats() {
        assert_eq!(format("x86_64-unknown-linux-gnu"), Some("elf64"));
        assert_eq!(format("i686-pc-windows-gnu"), Some("win32"));
        assert_eq!(format("x86_64-apple-darwin"), Some("macho64"));
        assert_eq!(format("aarch64-unknown-linux-gnu"), None);
    }
}
