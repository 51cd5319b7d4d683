//! Runs the program that the user names in `PKG_CONFIG`, as the `pkg-config` crate runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::setting::{SCOPED, Setting, scoped};
use super::{Answered, Word};
use crate::discovery::Query;
use crate::pkgconf::split_flags;
use crate::world::{Run, World};

/// Asks the program for a module.
pub(super) fn ask(
    program: &Path,
    query: &Query<'_>,
    module: &str,
    setting: Setting,
    world: &mut World,
) -> Result<Answered, String> {
    let bounds =
        query.version.comparisons.iter().map(|test| format!("{module} {} {}", test.operator, test.value));
    let asked: Vec<String> = std::iter::once(module.to_owned()).chain(bounds).collect();
    let flags = run(program, &["--libs", "--cflags"], &asked, query, &setting, world)?;
    // The bounds hold, and pkgconf 2.0.3 and 2.1.0 say nothing of a module that is asked for with one.
    let version = run(program, &["--modversion"], &asked[..1], query, &setting, world)?;
    let origin = format!("{} ({module})", program.display());
    let words: Vec<Word> =
        split_flags(&flags).into_iter().map(|text| Word { text, origin: origin.clone() }).collect();
    let version = String::from_utf8_lossy(&version).lines().next().unwrap_or_default().trim().to_owned();
    // Reading the variables would start the program once for each.
    Ok(Answered { words, version, variables: BTreeMap::new(), path: None, warnings: Vec::new(), setting })
}

fn run(
    program: &Path,
    arguments: &[&str],
    asked: &[String],
    query: &Query<'_>,
    setting: &Setting,
    world: &mut World,
) -> Result<Vec<u8>, String> {
    let mut args: Vec<OsString> = Vec::new();
    if setting.wants_static.is_some() {
        args.push("--static".into());
    }
    args.extend(arguments.iter().map(OsString::from));
    args.extend(asked.iter().map(OsString::from));
    let mut env: Vec<(OsString, Option<OsString>)> =
        vec![("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS".into(), Some("1".into()))];
    if query.library.print_system_libs {
        env.push(("PKG_CONFIG_ALLOW_SYSTEM_LIBS".into(), Some("1".into())));
    }
    for name in SCOPED {
        if let Some((_, value)) = scoped(query, name, world) {
            env.push(((*name).into(), Some(value.into())));
        }
    }
    let run = Run { program: program.to_owned(), args, env, ..Run::default() };
    let output = world.run(&run).map_err(|error| format!("cannot be started: {error}"))?;
    if output.success {
        return Ok(output.stdout);
    }
    let said = output.text();
    Err(if said.is_empty() { "it failed and said nothing".to_owned() } else { said })
}
