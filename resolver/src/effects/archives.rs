//! `cc-library`: answers guards, makes paths absolute, then has `inert-vendored-fallbacks` build the archive.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inert_build_output::objects::Objection;
use inert_manifest_spec::{CcLibrary, Define, PathRef};
use inert_vendored_fallbacks::store::Store;
use inert_vendored_fallbacks::{Flag, Roots, Toolchain, Unit};

use super::{globs, magic};
use crate::engine::{Asked, Engine, Result, cycle, declared, io};
use crate::facts;
use crate::failure::{FailureKind, Outcome};
use crate::outcomes::{Built, LibraryOutcome};
use crate::request::Request;

impl Engine<'_> {
    /// Builds a `cc-library` once; returns `None` if its `when` does not hold.
    pub(crate) fn archive(&mut self, name: &str) -> Result<Option<Built>> {
        let place = format!("cc-library.{name}");
        match self.archives.get(name) {
            Some(Asked::Done(built)) => return Ok(built.clone()),
            Some(Asked::UnderWay) => return Err(cycle(&place)),
            None => {}
        }
        let declaration = self.declaration;
        let library = declaration
            .cc_library
            .get(name)
            .ok_or_else(|| declared(&place, "no cc-library has this name"))?;
        self.archives.insert(name.to_owned(), Asked::UnderWay);
        let built = if self.stands(library.when.as_ref())? {
            if let Some(wanted) = self.request.not_built.get(name) {
                return Err(self.is_the_systems(wanted, name));
            }
            if let Some(failure) = self.withheld.get(name) {
                return Err(failure.clone());
            }
            Some(self.build(&place, name, library)?)
        } else {
            self.attempt(&place, "when", "", Outcome::Skipped("its condition does not hold".into()));
            None
        };
        self.archives.insert(name.to_owned(), Asked::Done(built.clone()));
        Ok(built)
    }

    /// Returns the failure that the policy requires the system's library, and an archive would be built in its
    /// place.
    fn is_the_systems(&mut self, library: &str, archive: &str) -> FailureKind {
        let mut problem = format!(
            "`[libraries]` in inert.toml has it from the system, where it was not found; `{archive}`, the package's own \
             source, is not built in its place"
        );
        if let Ok(LibraryOutcome::Missing(not_found)) = self.library(library) {
            not_found.remedies.iter().for_each(|remedy| problem.push_str(&format!("\n  {remedy}")));
        }
        FailureKind::Library { library: library.to_owned(), problem }
    }

    fn build(&mut self, place: &str, name: &str, library: &CcLibrary) -> Result<Built> {
        let unit = self.unit(place, name, library)?;
        if unit.cpp && facts::values(self.request, "target_arch").iter().any(|arch| arch == "wasm32") {
            let problem = "C++ for WebAssembly links a C++ library that cc finds by a sysroot of the SDK's, which is not done here";
            return Err(declared(place, problem));
        }
        let include = self.install_headers(place, library)?;
        let toolchain = self.toolchain()?;
        let out_dir = self.request.out_dir.clone();
        let folder = match &library.folder {
            Some(folder) => self.inside(&format!("{place}.folder"), &out_dir, folder)?,
            None => out_dir,
        };
        if self.request.assume_builds {
            let path = folder.join(format!("lib{name}.a"));
            self.attempt(
                place,
                "source build",
                "",
                Outcome::Chosen(format!("{}, not compiled here", path.display())),
            );
            // An archive without a member: what is told of it is checked as of any other.
            self.world.write(&path, b"!<arch>\n").map_err(|error| io(&path, &error))?;
            self.files.push(path);
        } else {
            self.compile(place, name, &unit, &toolchain, &folder)?;
        }
        let cpp_stdlib = match (unit.cpp, &library.cpp_link_stdlib) {
            (false, _) => None,
            (true, None) => inert_vendored_fallbacks::cpp_stdlib(&toolchain),
            (true, Some(named)) => match self.select(place, named)?.map(String::as_str) {
                Some("none") => None,
                Some(named) => Some(named.to_owned()),
                None => inert_vendored_fallbacks::cpp_stdlib(&toolchain),
            },
        };
        let include = if include.is_empty() { unit.include_dirs } else { include };
        Ok(Built { folder, cpp_stdlib, include, modifiers: library.modifiers.clone() })
    }

    /// Compiles an archive into a folder.
    fn compile(
        &mut self,
        place: &str,
        name: &str,
        unit: &Unit,
        toolchain: &Toolchain,
        folder: &Path,
    ) -> Result<()> {
        let store = self.request.store.clone().map(Store::new);
        let archive = match inert_vendored_fallbacks::build(unit, toolchain, folder, store.as_ref()) {
            Ok(archive) => archive,
            Err(error) => {
                let problem = error.to_string();
                let brief = problem.lines().next().unwrap_or_default().to_owned();
                self.attempt(place, "source build", "cc", Outcome::Failed(brief));
                return Err(FailureKind::Build { archive: format!("lib{name}.a"), problem });
            }
        };
        archive.reads.iter().for_each(|path| self.world.uses(path));
        let below = |source: &PathBuf| {
            let inside = source.strip_prefix(&self.request.package.manifest_dir);
            inside.unwrap_or(source).display().to_string()
        };
        let sources: Vec<String> = unit.sources.iter().map(below).collect();
        let detail = format!("{} for {}", archive.command, sources.join(" "));
        self.attempt(place, "source build", &detail, Outcome::Chosen(archive.path.display().to_string()));
        self.check_linker_options(place, &archive.path)?;
        self.files.push(archive.path);
        Ok(())
    }

    fn unit(&mut self, place: &str, name: &str, library: &CcLibrary) -> Result<Unit> {
        let mut sources = Vec::new();
        let mut seen = BTreeSet::new();
        for source in self.items(&library.sources)? {
            for path in globs::expand(self, &format!("{place}.sources"), source)? {
                if seen.insert(path.clone()) {
                    sources.push(path);
                }
            }
        }
        for excluded in self.items(&library.exclude)? {
            let excluded = globs::expand(self, &format!("{place}.exclude"), excluded)?;
            let excluded: BTreeSet<PathBuf> = excluded.into_iter().collect();
            sources.retain(|source| !excluded.contains(source));
        }
        self.check_shipped(&format!("{place}.sources"), &sources)?;
        let mut include_dirs = Vec::new();
        for folder in self.items(&library.include_dirs)? {
            include_dirs.extend(self.paths(&format!("{place}.include-dirs"), folder)?);
        }
        let mut defines = Vec::new();
        for (name, define) in &library.defines {
            let place = format!("{place}.defines.{name}");
            let value = match self.select(&place, define)? {
                None => continue,
                Some(Define::Flag) => None,
                Some(Define::Value(text)) => Some(self.text(&place, text)?),
            };
            if value.as_ref().is_some_and(|value| value.chars().any(char::is_control)) {
                return Err(crate::engine::refused(place, "the value holds a control character"));
            }
            defines.push((name.clone(), value));
        }
        let mut flags = Vec::new();
        for flag in self.items(&library.flags)? {
            let (if_supported, compiler) = (flag.if_supported, flag.compiler);
            flags.push(Flag { flag: flag.flag.clone(), if_supported, compiler });
        }
        let place_of = |key: &str| format!("{place}.{key}");
        Ok(Unit {
            name: name.to_owned(),
            sources,
            include_dirs,
            defines,
            flags,
            cpp: self.select_optional(&place_of("cpp"), library.cpp.as_ref())?.copied().unwrap_or(false),
            std: self.select_optional(&place_of("std"), library.std.as_ref())?.cloned(),
            warnings: self.select_optional(&place_of("warnings"), library.warnings.as_ref())?.copied(),
            extra_warnings: self
                .select_optional(&place_of("extra-warnings"), library.extra_warnings.as_ref())?
                .copied(),
            opt_level: self.select_optional(&place_of("opt-level"), library.opt_level.as_ref())?.cloned(),
            debug: self.select_optional(&place_of("debug"), library.debug.as_ref())?.copied(),
            pic: self.select_optional(&place_of("pic"), library.pic.as_ref())?.copied(),
            static_crt: self.select_optional(&place_of("static-crt"), library.static_crt.as_ref())?.copied(),
        })
    }

    /// Checks that shipped objects are objects by their first bytes: a linker takes a text file for a script.
    fn check_shipped(&mut self, place: &str, sources: &[PathBuf]) -> Result<()> {
        for path in sources {
            let Some(ending @ ("o" | "obj" | "a" | "lib")) =
                path.extension().and_then(|ending| ending.to_str())
            else {
                continue;
            };
            if matches!(ending, "a" | "lib") {
                let problem = format!(
                    "`{}` is an archive, and no archive holds another; link it by a `search` entry of `link` that \
                     names it among its `files`",
                    path.display()
                );
                return Err(declared(place, problem));
            }
            let start = self.world.start_of(path).map_err(|error| io(path, &error))?;
            if magic::kind(&start).is_none_or(|kind| kind == "archive") {
                let problem = format!(
                    "`{}` is no object by its first bytes; a text file by such a name is a linker script, which can \
                     make the linker run or read anything",
                    path.display()
                );
                return Err(crate::engine::refused(place, problem));
            }
            self.check_linker_options(place, path)?;
        }
        Ok(())
    }

    /// Checks the options for the linker that an object or an archive carries. Bitcode is accepted in an archive that was
    /// compiled here, since the caller's own flags make it (`-flto`).
    pub(super) fn check_linker_options(&mut self, place: &str, path: &Path) -> Result<()> {
        let made = path.starts_with(&self.request.out_dir)
            && self.archives.iter().any(|(name, asked)| {
                let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
                !matches!(asked, Asked::Done(None))
                    && (file == format!("lib{name}.a") || file == format!("{name}.lib"))
            });
        match self.world.linker_options(path).map_err(|error| io(path, &error))? {
            None => Ok(()),
            Some(Objection::Bitcode) if made => Ok(()),
            Some(why) => Err(crate::engine::refused(place, format!("`{}`: {why}", path.display()))),
        }
    }

    /// Copies headers into OUT_DIR; returns the folders that dependents should search.
    fn install_headers(&mut self, place: &str, library: &CcLibrary) -> Result<Vec<PathBuf>> {
        let out_dir = self.request.out_dir.clone();
        let mut folders = Vec::new();
        for (to, from) in &library.install_headers {
            let place = format!("{place}.install-headers.\"{}\"", to.0);
            let Some(from) = self.select(&place, from)? else { continue };
            let whole = self.inside(&place, &out_dir, to)?;
            let single = self.headers(&place, from, &whole)?;
            // `include/openssl/ssl.h` is included as `openssl/ssl.h`.
            let top = match to.0.split_once('/') {
                Some((top, _)) => out_dir.join(top),
                None if single => out_dir.clone(),
                None => whole,
            };
            if !folders.contains(&top) {
                folders.push(top);
            }
        }
        Ok(folders)
    }

    /// Copies a file to `to`, or the tree of a folder or the matches of a glob below it; returns whether it was a
    /// single file.
    fn headers(&mut self, place: &str, from: &PathRef, to: &std::path::Path) -> Result<bool> {
        let glob = globs::is_glob(from);
        let found = globs::expand(self, place, from)?;
        for path in found {
            if self.world.is_dir(&path) {
                let files = globs::tree(self, place, &path)?;
                for file in files {
                    let below = file.strip_prefix(&path).unwrap_or(&file).to_path_buf();
                    self.header(&file, &to.join(below))?;
                }
                return Ok(false);
            }
            if glob {
                self.header(&path, &to.join(path.file_name().unwrap_or_default()))?;
            } else {
                self.header(&path, to)?;
            }
        }
        Ok(!glob)
    }

    fn header(&mut self, from: &std::path::Path, to: &std::path::Path) -> Result<()> {
        let bytes = self.world.read(from).map_err(|error| io(from, &error))?;
        self.world.write(to, &bytes).map_err(|error| io(to, &error))?;
        self.files.push(to.to_path_buf());
        Ok(())
    }

    /// Returns the C toolchain of this build. The caller starts a compiler next, so a world that only reads refuses
    /// here.
    pub(crate) fn toolchain(&mut self) -> Result<Toolchain> {
        self.world.may_act().map_err(|error| io(&self.world.scratch, &error))?;
        let request = self.request;
        let (target, host) = (request.target.triple.as_str(), request.host.as_str());
        for name in cc_variables(target, host) {
            self.world.env(&name);
        }
        let mut environment = self.world.environment.clone();
        for (name, values) in &request.target.cfgs {
            let value = values.as_ref().map(|values| values.join(",")).unwrap_or_default();
            environment.set(format!("CARGO_CFG_{}", name.to_uppercase().replace('-', "_")), value);
        }
        environment.set("CARGO_ENCODED_RUSTFLAGS", request.rustflags.join("\x1f"));
        environment.set("TARGET", target);
        environment.set("HOST", host);
        environment.variables.extend(self.world.own_temporary());
        Ok(Toolchain {
            target: target.to_owned(),
            host: host.to_owned(),
            opt_level: request.opt_level.clone(),
            debug: request.debug,
            environment,
            scratch: self.world.scratch.clone(),
            jobs: request.jobs.clone(),
            roots: self.roots(),
            fence: self.world.fence.clone(),
        })
    }

    /// Returns the folders that objects do not depend on: the package's, OUT_DIR, and those of the packages whose sources
    /// or headers may be compiled.
    fn roots(&self) -> Roots {
        let Request { package, out_dir, build_dependencies, .. } = self.request;
        let own = (package.manifest_dir.clone(), format!("{}-{}", package.name, package.version));
        let others = build_dependencies.iter().map(|(name, root)| (root.clone(), format!("{name}-source")));
        Roots::new([(out_dir.clone(), "out".to_owned()), own].into_iter().chain(others))
    }
}

/// Returns the variables that cc reads, with each name's forms for a target (cc's documentation, "External
/// configuration via environment variables").
fn cc_variables(target: &str, host: &str) -> Vec<String> {
    const FAMILIES: &[&str] =
        &["CC", "CFLAGS", "CXX", "CXXFLAGS", "AR", "ARFLAGS", "RANLIB", "RANLIBFLAGS", "CXXSTDLIB"];
    const SINGLE: &[&str] = &[
        "CRATE_CC_NO_DEFAULTS",
        "CC_FORCE_DISABLE",
        "CC_SHELL_ESCAPED_FLAGS",
        "CC_KNOWN_WRAPPER_CUSTOM",
        "RUSTC_WRAPPER",
        "SDKROOT",
        "MACOSX_DEPLOYMENT_TARGET",
        "IPHONEOS_DEPLOYMENT_TARGET",
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "CROSS_COMPILE",
        "WASI_SDK_PATH",
        "WASI_SYSROOT",
        "PATH",
    ];
    let side = if host == target { "HOST" } else { "TARGET" };
    let mut names: Vec<String> = SINGLE.iter().map(|name| (*name).to_owned()).collect();
    for name in FAMILIES {
        names.push(format!("{name}_{target}"));
        names.push(format!("{name}_{}", target.replace(['-', '.'], "_")));
        names.push(format!("{side}_{name}"));
        names.push((*name).to_owned());
    }
    names
}
