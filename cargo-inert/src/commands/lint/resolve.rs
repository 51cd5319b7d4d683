//! `lint --resolve`: shows what a declaration tells Cargo on a target that need not be installed.
//!
//! rustc prints the cfgs of every target that it knows. Probes and source builds, which compile, are carried out only
//! if the target is this host; elsewhere source builds are shown as if they were done.

use std::collections::BTreeMap;
use std::path::Path;

use inert_manifest_spec::{Declaration, ProbeKind};
use inert_resolver::request::{Package, Request, Rustc, Target};
use inert_resolver::{Dialect, World, directives};

use super::Arguments;
use super::subject::Subject;
use crate::driver::{Context, Failure};
use crate::{report, verify};

/// Resolves the declaration and prints its directives.
pub(super) fn show(context: &Context, arguments: &Arguments, subject: &Subject) -> Result<(), Failure> {
    let Some(declaration) = subject.declaration() else { return Ok(()) };
    let source = &subject.source;
    for feature in &arguments.features {
        if !source.features.contains(feature) {
            return Err(Failure::Arguments(format!("`{}` has no feature `{feature}`", source.name)));
        }
    }
    let rustc =
        verify::targets::Rustc::find(&context.environment, &context.cwd).map_err(Failure::Unexpected)?;
    let target = arguments.target.clone().unwrap_or_else(|| rustc.host.clone());
    let cfgs = rustc.cfgs(&target, &[]).map_err(Failure::Arguments)?;
    let folder = std::env::temp_dir().join(format!("inert-lint-{}", std::process::id()));
    let io = |error| Failure::Io(folder.display().to_string(), error);
    std::fs::create_dir_all(folder.join("out")).map_err(io)?;
    let folder = folder.canonicalize().map_err(io)?;
    let mut request = Request {
        package: Package {
            name: source.name.clone(),
            version: source.version.clone(),
            manifest_dir: source.root.clone(),
            links: source.links.clone(),
            rust_version: source
                .metadata
                .get("CARGO_PKG_RUST_VERSION")
                .filter(|text| !text.is_empty())
                .cloned(),
        },
        target: Target { triple: target.clone(), cfgs: by_name(&cfgs) },
        host: rustc.host.clone(),
        features: arguments.features.iter().cloned().collect(),
        profile: "debug".into(),
        opt_level: "0".into(),
        debug: true,
        out_dir: folder.join("out"),
        rustc: Rustc::parse(rustc.path.clone(), &rustc.verbose).map_err(Failure::Unexpected)?,
        ..Request::default()
    };
    let mut environment: inert_resolver::Environment =
        context.environment.variables.clone().into_iter().collect();
    if let Some(simulate) = &arguments.simulate {
        let pc = folder.join("pkgconfig");
        simulated(declaration, &pc, simulate == "present").map_err(io)?;
        for name in ["PKG_CONFIG_PATH", "VCPKG_ROOT", "VCPKG_INSTALLED_ROOT", "PKG_CONFIG"] {
            environment.remove(name);
        }
        environment.set("PKG_CONFIG_LIBDIR", &pc);
        environment.set("PKG_CONFIG_ALLOW_CROSS", "1");
    }
    // Nothing is compiled for a target that may not be installed; files are written to a folder that is removed.
    let asks = declaration
        .probe
        .values()
        .any(|probe| !matches!(probe.kind, ProbeKind::Variable { .. } | ProbeKind::PathExists { .. }));
    let acts = target == rustc.host || !asks;
    request.assume_builds = target != rustc.host;
    let mut world = match acts {
        true => World::new(environment, folder.join("scratch")),
        false => World::reading(environment, Default::default()),
    };
    let on = match arguments.features.is_empty() {
        true => String::new(),
        false => format!(", features {}", arguments.features.join(", ")),
    };
    report::print(&format!("# {} {} for {target}{on}\n", source.name, source.version));
    // OUT_DIR is in that folder; a world that only reads writes nothing.
    let resolved = inert_resolver::resolve(declaration, &request, &mut world);
    match resolved {
        Ok(resolution) => {
            let shown: Vec<_> = resolution
                .directives
                .into_iter()
                .filter(|directive| {
                    use directives::Directive::{RerunIfChanged, RerunIfEnvChanged};
                    !matches!(directive, RerunIfChanged(_) | RerunIfEnvChanged(_))
                })
                .collect();
            let printed = directives::print(&shown, Dialect::of(request.package.rust_version.as_deref()));
            let printed = printed.map_err(|error| Failure::Unexpected(error.to_string()))?;
            let printed = printed.replace(&folder.join("out").display().to_string(), "$OUT_DIR");
            report::print(&report::escaped(&printed.replace(&folder.display().to_string(), "$SIMULATED")));
            for file in &resolution.files {
                let does = match request.assume_builds && file.extension().is_some_and(|kind| kind == "a") {
                    true => "compiles, which was not tried here,",
                    false => "writes",
                };
                report::print(&format!("# {does} $OUT_DIR/{}\n", super::below(&request.out_dir, file)));
            }
        }
        Err(_) if !acts && world.was_refused() => {
            report::print(
                "# what it says there depends on a probe, which only a compiler for that target answers\n",
            );
        }
        Err(failure) => {
            report::print(&report::escaped(&format!("# it fails there: {}\n", failure.kind)));
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

/// Writes `.pc` files for all libraries of the declaration, or leaves the folder empty.
fn simulated(declaration: &Declaration, pc: &Path, present: bool) -> std::io::Result<()> {
    std::fs::create_dir_all(pc)?;
    for (name, library) in declaration.library.iter().filter(|_| present) {
        let version = library.version.iter().flat_map(|version| &version.alternatives);
        let version = version.flat_map(|item| &item.value.comparisons).map(|test| test.value.as_str()).next();
        let link = library.libs.first().map_or(name.as_str(), |item| item.value.as_str());
        for module in &library.pkg_config {
            let text = format!(
                "Name: {module}\nDescription: as if it were installed\nVersion: {}\nLibs: -l{link}\n",
                version.unwrap_or("1.0"),
                module = module.value,
            );
            std::fs::write(pc.join(format!("{}.pc", module.value)), text)?;
        }
    }
    Ok(())
}

/// Groups the lines of `rustc --print cfg` by name.
fn by_name(lines: &[String]) -> BTreeMap<String, Option<Vec<String>>> {
    let mut cfgs: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for line in lines {
        match line.split_once('=') {
            None => drop(cfgs.entry(line.clone()).or_default()),
            Some((name, value)) => {
                let value = value.trim_matches('"').to_owned();
                cfgs.entry(name.to_owned()).or_default().get_or_insert_default().push(value);
            }
        }
    }
    cfgs
}
