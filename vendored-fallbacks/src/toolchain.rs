//! The tools of a build: `cc`, given every setting that it would otherwise read from the process environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use inert_manifest_spec::CompilerFamily;

use crate::jobs::Jobs;
use crate::roots::Roots;
use crate::{BuildError, Environment, Fenced, Unit};

/// A target, a host, and the environment that compilers are chosen by and started with.
#[derive(Debug, Clone, Default)]
pub struct Toolchain {
    /// The triple of the target.
    pub target: String,
    /// The triple of the host.
    pub host: String,
    /// The optimization level, Cargo's `OPT_LEVEL`.
    pub opt_level: String,
    /// Whether debug information is requested, Cargo's `DEBUG`.
    pub debug: bool,
    /// The caller's environment, and the variables of Cargo that cc reads: `CARGO_CFG_*`,
    /// `CARGO_ENCODED_RUSTFLAGS`.
    pub environment: Environment,
    /// A folder for temporary files; the caller empties it.
    pub scratch: PathBuf,
    /// The limit for compilers that run at once.
    pub jobs: Jobs,
    /// The folders that objects in a shared store do not depend on.
    pub roots: Roots,
    /// The fence around compilers, assemblers and archivers. The questions that cc itself asks a compiler are outside
    /// of it: they are about cc's own text.
    pub fence: Fenced,
}

/// The compiler that `cc` chose.
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The program: a wrapper (ccache, sccache) if there is one.
    pub program: PathBuf,
    /// The arguments, including those that choose the target.
    pub args: Vec<OsString>,
    /// The variables on top of the toolchain's environment.
    pub env: Vec<(OsString, OsString)>,
    /// The family of the compiler.
    pub family: CompilerFamily,
}

/// Returns the compiler for a target, without the flags of any unit.
///
/// # Errors
///
/// There is no compiler.
pub fn compiler(toolchain: &Toolchain, cpp: bool) -> Result<Compiler, BuildError> {
    std::fs::create_dir_all(&toolchain.scratch)
        .map_err(|error| BuildError::io(&toolchain.scratch, &error))?;
    let mut build = base(toolchain);
    build.cpp(cpp).warnings(false).extra_warnings(false);
    let tool = tool(&build)?;
    Ok(described(toolchain, &tool))
}

/// Returns whether the compiler accepts a flag without any message.
///
/// # Errors
///
/// There is no compiler.
pub fn flag_supported(toolchain: &Toolchain, flag: &str, cpp: bool) -> Result<bool, BuildError> {
    std::fs::create_dir_all(&toolchain.scratch)
        .map_err(|error| BuildError::io(&toolchain.scratch, &error))?;
    let mut build = base(toolchain);
    build.cpp(cpp);
    build.is_flag_supported(flag).map_err(|error| BuildError::NoCompiler { problem: error.to_string() })
}

/// Returns the C++ library that an archive of C++ needs, as cc chooses it (`Build::cpp_link_stdlib`): `CXXSTDLIB`,
/// else the platform's.
#[must_use]
pub fn cpp_stdlib(toolchain: &Toolchain) -> Option<String> {
    let target = toolchain.target.as_str();
    let named = ["CXXSTDLIB_", "CXXSTDLIB_"].iter().zip([target.to_owned(), target.replace('-', "_")]);
    let mut names: Vec<String> = named.map(|(prefix, target)| format!("{prefix}{target}")).collect();
    let side = if toolchain.host == toolchain.target { "HOST_CXXSTDLIB" } else { "TARGET_CXXSTDLIB" };
    names.extend([side.to_owned(), "CXXSTDLIB".to_owned()]);
    if let Some(set) = names.iter().find_map(|name| toolchain.environment.text(name)) {
        return (!set.is_empty()).then(|| set.to_owned());
    }
    let has = |part: &str| target.split('-').any(|found| found == part);
    let libcxx = ["apple", "freebsd", "openbsd", "aix", "ohos"];
    match () {
        () if target.ends_with("-msvc") => None,
        () if libcxx.iter().any(|part| has(part)) || target.contains("-wasi") => Some("c++".into()),
        () if target.contains("android") => Some("c++_shared".into()),
        () => Some("stdc++".into()),
    }
}

/// Configures `cc` for a unit, with all its flags.
pub(crate) fn configure(toolchain: &Toolchain, unit: &Unit) -> Result<cc::Build, BuildError> {
    let mut build = base(toolchain);
    build.cpp(unit.cpp);
    if let Some(level) = &unit.opt_level {
        build.opt_level_str(level);
    }
    if let Some(debug) = unit.debug {
        build.debug(debug);
    }
    if let Some(std) = &unit.std {
        build.std(std);
    }
    if let Some(warnings) = unit.warnings {
        build.warnings(warnings);
    }
    if let Some(warnings) = unit.extra_warnings {
        build.extra_warnings(warnings);
    }
    if let Some(pic) = unit.pic {
        build.pic(pic);
    }
    if let Some(static_crt) = unit.static_crt {
        build.static_crt(static_crt);
    }
    build.includes(&unit.include_dirs);
    let family = if unit.flags.iter().any(|flag| flag.compiler.is_some()) {
        Some(family(&tool(&build)?))
    } else {
        None
    };
    for flag in &unit.flags {
        if flag.compiler.is_some() && flag.compiler != family {
            continue;
        }
        if flag.if_supported {
            build.flag_if_supported(&flag.flag);
        } else {
            build.flag(&flag.flag);
        }
    }
    for (name, value) in &unit.defines {
        build.define(name, value.as_deref());
    }
    Ok(build)
}

fn base(toolchain: &Toolchain) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .set_envs_snapshot(&toolchain.environment.variables)
        .target(&toolchain.target)
        .host(&toolchain.host)
        .opt_level_str(&toolchain.opt_level)
        .debug(toolchain.debug)
        .out_dir(&toolchain.scratch)
        .cargo_output(false)
        .cargo_metadata(false)
        .cargo_warnings(false)
        .cargo_debug(false);
    build
}

pub(crate) fn tool(build: &cc::Build) -> Result<cc::Tool, BuildError> {
    build.try_get_compiler().map_err(|error| BuildError::NoCompiler { problem: error.to_string() })
}

fn described(toolchain: &Toolchain, tool: &cc::Tool) -> Compiler {
    let command = tool.to_command();
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let on_top = set.filter(|(name, value)| {
        toolchain.environment.variables.get(*name).map(OsString::as_os_str) != Some(*value)
    });
    Compiler {
        program: absolute(toolchain, command.get_program()),
        args: command.get_args().map(OsStr::to_owned).collect(),
        env: on_top.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        family: family(tool),
    }
}

pub(crate) fn family(tool: &cc::Tool) -> CompilerFamily {
    match () {
        () if tool.is_like_msvc() => CompilerFamily::Msvc,
        () if tool.is_like_clang() => CompilerFamily::Clang,
        () => CompilerFamily::Gnu,
    }
}

/// Returns the program's path on the toolchain's PATH; unchanged if it is not found, so that the system reports the
/// error.
pub(crate) fn absolute(toolchain: &Toolchain, program: &OsStr) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.to_path_buf();
    }
    let folders =
        toolchain.environment.get("PATH").map(|value| std::env::split_paths(value).collect::<Vec<_>>());
    let suffix = if cfg!(windows) && path.extension().is_none() { ".exe" } else { "" };
    let candidates =
        folders.unwrap_or_default().into_iter().filter(|folder| folder.is_absolute()).map(|folder| {
            let mut name = program.to_owned();
            name.push(suffix);
            folder.join(name)
        });
    candidates.into_iter().find(|candidate| candidate.is_file()).unwrap_or_else(|| path.to_path_buf())
}
