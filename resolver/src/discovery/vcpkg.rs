//! The method `vcpkg`: reads vcpkg's installed tree as the `vcpkg` crate reads it, in classic and manifest mode.
//!
//! Phases: the place of the tree ([`tree`]) → its triplet for the target ([`triplet`]) → the installed ports
//! ([`status`]) → the port and all its dependencies, their libraries in link order ([`order`]) → directives.

mod order;
mod status;
mod tree;
mod triplet;

use std::path::PathBuf;

use inert_manifest_spec::{LinkKind, SearchKind};

use super::{EnvRole, Failed, Found, KindReason, MethodOutcome, Query, flags};
use crate::directives::Directive;
use crate::world::World;
use status::Status;
use tree::Tree;
use triplet::Triplet;

/// Returns vcpkg's name for the target of a build.
pub(super) fn triplet(request: &crate::request::Request, world: &mut World) -> Option<String> {
    Triplet::of(request, world).map(|triplet| triplet.name)
}

/// Looks for the library's ports.
pub(super) fn find(query: &Query<'_>, world: &mut World) -> MethodOutcome {
    if query.ports.is_empty() {
        return MethodOutcome::Skipped("");
    }
    if query.variable(EnvRole::NoVcpkg, world).is_some() {
        return MethodOutcome::Skipped("the crate's NO_VCPKG variable is set");
    }
    if ["VCPKGRS_DISABLE", "NO_VCPKG"].iter().any(|name| world.env(name).is_some()) {
        return MethodOutcome::Skipped("VCPKGRS_DISABLE or NO_VCPKG is set");
    }
    let Some(triplet) = Triplet::of(query.request, world) else {
        return MethodOutcome::Skipped(
            "vcpkg has no triplet for this target; VCPKGRS_TRIPLET would name one",
        );
    };
    let tree = match Tree::find(query.request, world) {
        Ok(Some(tree)) => tree,
        Ok(None) => {
            return MethodOutcome::Skipped(
                "no vcpkg tree: VCPKG_ROOT or VCPKG_INSTALLED_ROOT would name one",
            );
        }
        Err(failed) => return MethodOutcome::Failed(vec![failed]),
    };
    let status = match Status::read(&tree, &triplet, world) {
        Ok(status) => status,
        Err(failed) => return MethodOutcome::Failed(vec![failed]),
    };
    let mut failed = Vec::new();
    for port in &query.ports {
        let detail = format!("{port}:{} in {}", triplet.name, tree.installed.display());
        match port_of(port, query, &tree, &triplet, &status, world) {
            Ok(found) => return as_asked(found, detail, failed, query, &triplet, world),
            Err(why) => failed.push(Failed::new(detail, why)),
        }
    }
    MethodOutcome::Failed(failed)
}

/// Compares the kind of the triplet's libraries, archives or shared, with the request; adds a warning or fails if
/// they differ.
fn as_asked(
    mut found: Found,
    detail: String,
    failed: Vec<Failed>,
    query: &Query<'_>,
    triplet: &Triplet,
    world: &mut World,
) -> MethodOutcome {
    let why = match query.wants(None, world) {
        Some((kind @ LinkKind::Static, reason)) if !triplet.is_static => Some((
            reason.clone(),
            format!("{}, but {} holds shared libraries", reason.describe(kind), triplet.name),
        )),
        Some((kind @ LinkKind::Dylib, reason)) if triplet.is_static => Some((
            reason.clone(),
            format!(
                "{}, but {} holds archives; VCPKGRS_DYNAMIC=1 or VCPKGRS_TRIPLET would choose another",
                reason.describe(kind),
                triplet.name
            ),
        )),
        _ => None,
    };
    match why {
        Some((KindReason::Policy, why)) => return MethodOutcome::Unmet(why, failed),
        Some((_, why)) => found.warnings.push(why),
        None => {}
    }
    MethodOutcome::Found(Box::new(found), detail, failed)
}

fn port_of(
    port: &str,
    query: &Query<'_>,
    tree: &Tree,
    triplet: &Triplet,
    status: &Status,
    world: &mut World,
) -> Result<Found, String> {
    let shout = port.to_ascii_uppercase().replace('-', "_");
    for name in [format!("VCPKGRS_NO_{shout}"), format!("{shout}_NO_VCPKG")] {
        if world.env(&name).is_some() {
            return Err(format!("{name} is set"));
        }
    }
    let Some(wanted) = status.ports.get(port) else {
        return Err(match status.elsewhere(port) {
            Some(triplets) => format!("it is installed for {triplets}, not for {}", triplet.name),
            None => "it is not installed".to_owned(),
        });
    };
    if let Some(why) = query.rejects(&wanted.version) {
        return Err(why);
    }
    // Without this check, installing vcpkg would make programs depend on DLLs that are not found at run time.
    if !triplet.is_static && world.env("VCPKGRS_DYNAMIC").is_none() {
        return Err(format!("{} holds shared libraries, which VCPKGRS_DYNAMIC=1 allows", triplet.name));
    }
    let lib_dir = tree.installed.join(&triplet.name).join("lib");
    let bin_dir = tree.installed.join(&triplet.name).join("bin");
    let include_dir = tree.installed.join(&triplet.name).join("include");

    let mut link = vec![search(&lib_dir)];
    if !triplet.is_static {
        link.push(search(&bin_dir));
    }
    let mut dlls = Vec::new();
    for name in required(port, status) {
        let files = status::files(tree, triplet, &name, &status.ports[&name], world)?;
        for lib in order::libraries(tree, triplet, &name, &files, world) {
            if !world.is_file(&lib_dir.join(&lib)) {
                return Err(format!(
                    "{} is listed and not there: the vcpkg tree is not whole",
                    lib_dir.join(&lib).display()
                ));
            }
            let stem = lib.rsplit_once('.').map_or(lib.as_str(), |(stem, _)| stem);
            let stem = if triplet.strips_prefix { stem.trim_start_matches("lib") } else { stem };
            let verbatim = query.is_verbatim() && query.libs.contains(&lib);
            let name = if verbatim { lib.as_str() } else { stem };
            if !flags::is_library(name) {
                return Err(format!("`{lib}` is no library's name"));
            }
            link.push(Directive::LinkLib {
                name: name.to_owned(),
                // The crate leaves the kind to rustc; with modifiers the library must be known to be an archive.
                kind: (triplet.is_static && query.libs.iter().any(|lib| lib == name))
                    .then_some(LinkKind::Static)
                    .filter(|_| !query.modifiers.is_empty()),
                modifiers: Vec::new(),
                rename: None,
            });
        }
        if !triplet.is_static {
            dlls.extend(files.dlls.iter().map(|dll| bin_dir.join(dll)));
        }
    }
    // A header-only port links nothing, but a library whose files are requested by name must.
    let links = |directive: &Directive| matches!(directive, Directive::LinkLib { .. });
    if !query.libs.is_empty() && !link.iter().any(links) {
        return Err(format!("it has no library, where {} is looked for", query.libs.join(", ")));
    }
    let mut warnings = Vec::new();
    for (name, needs) in status.ports.iter().filter(|(name, _)| required(port, status).contains(name)) {
        // A dependency with a triplet of its own is a tool for the host.
        for gone in
            needs.depends.iter().filter(|need| !need.contains(':') && !status.ports.contains_key(*need))
        {
            warnings.push(format!(
                "vcpkg's {name} depends on {gone}, which is not installed for {}",
                triplet.name
            ));
        }
    }
    if !dlls.is_empty() && query.request.out_dir.is_absolute() {
        copy(&dlls, &query.request.out_dir, world)?;
        link.push(search(&query.request.out_dir));
        link.push(Directive::LinkSearch { kind: None, path: query.request.out_dir.clone() });
    }
    Ok(Found {
        version: Some(wanted.version.clone()),
        link,
        prefixes: vec![tree.installed.join(&triplet.name)],
        include_dirs: vec![include_dir],
        lib_dirs: vec![lib_dir],
        warnings,
        ..Found::default()
    })
}

/// Returns the port and all its dependencies, each before the ports that it needs, in the crate's order.
fn required(port: &str, status: &Status) -> Vec<String> {
    let mut order: Vec<String> = Vec::new();
    let mut pending = vec![port.to_owned()];
    while let Some(name) = pending.pop() {
        if order.contains(&name) {
            continue;
        }
        if let Some(port) = status.ports.get(&name) {
            pending.extend(port.depends.iter().cloned());
            order.push(name);
        }
    }
    order
}

/// Copies DLLs into OUT_DIR, where programs that Cargo runs find them.
fn copy(dlls: &[PathBuf], out_dir: &std::path::Path, world: &mut World) -> Result<(), String> {
    for dll in dlls {
        let bytes = world.read(dll).map_err(|error| format!("{}: {error}", dll.display()))?;
        let Some(name) = dll.file_name() else { continue };
        world
            .write(&out_dir.join(name), &bytes)
            .map_err(|error| format!("{}: {error}", out_dir.display()))?;
    }
    Ok(())
}

fn search(path: &std::path::Path) -> Directive {
    Directive::LinkSearch { kind: Some(SearchKind::Native), path: path.to_owned() }
}
