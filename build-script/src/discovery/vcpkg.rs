//! The method `vcpkg`: reads vcpkg's installed tree as the `vcpkg` crate does.

use std::path::Path;

use super::{Found, Link, Looked, Query};
use crate::Outcome;
use crate::script::{Script, join, joined, note, underscored};

/// An installed port, as the status file describes it.
struct Port {
    name: String,
    version: String,
    revision: String,
    depends: Vec<String>,
}

/// A vcpkg tree, and the properties of the target's triplet.
struct Tree {
    installed: String,
    /// The folder of built packages, in classic mode.
    packages: String,
    triplet: String,
    is_static: bool,
    extension: &'static str,
    strips_prefix: bool,
}

/// Looks for the library's ports.
pub(super) fn find(query: &Query<'_>, script: &mut Script<'_>) -> Looked {
    let off = query.ports.is_empty()
        || query.variable(script, "no-vcpkg", "_NO_VCPKG").is_some()
        || script.env("VCPKGRS_DISABLE").is_some()
        || script.env("NO_VCPKG").is_some();
    let tree = match if off { None } else { tree(script) } {
        Some(tree) => tree,
        None => return Ok(None),
    };
    let ports = ports(script, &tree);
    for port in &query.ports {
        match port_of(port, query, script, &tree, &ports) {
            Ok(found) => return Ok(Some(found)),
            Err(why) => {
                script.tried.push(format!("vcpkg: {}:{} in {}: {}", port, tree.triplet, tree.installed, why))
            }
        }
    }
    Ok(None)
}

/// Returns the tree that the user's variables name, that is integrated into MSBuild, or that cargo-vcpkg put above
/// OUT_DIR.
fn tree(script: &mut Script<'_>) -> Option<Tree> {
    let triplet = triplet(script)?;
    let windows = triplet.contains("windows") || triplet.contains("uwp");
    let mingw = triplet.contains("mingw");
    let mut tree = Tree {
        installed: String::new(),
        packages: String::new(),
        is_static: if windows { triplet.contains("-static") } else { !triplet.ends_with("-dynamic") },
        extension: if windows && !mingw { "lib" } else { "a" },
        strips_prefix: !windows || mingw,
        triplet,
    };
    for name in &["VCPKG_INSTALLED_ROOT", "VCPKG_INSTALLED_DIR"] {
        if let Some(folder) = script.env(name) {
            tree.installed = folder.to_owned();
            return Some(tree).filter(|tree| script.is_dir(&join(&tree.installed, "vcpkg")));
        }
    }
    let mut root = script.env("VCPKG_ROOT").unwrap_or_default().to_owned();
    if let (true, Some(data)) = (root.is_empty(), script.env("LOCALAPPDATA")) {
        let text = script.read(&join(data, "vcpkg/vcpkg.user.targets")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let project =
            text.split("Project=\"").nth(1).unwrap_or_default().split('"').next().unwrap_or_default();
        // The file is …/scripts/buildsystems/msbuild/vcpkg.targets.
        root = Path::new(project).ancestors().nth(4).and_then(Path::to_str).unwrap_or_default().to_owned();
    }
    for folder in Path::new(&script.out_dir.clone()).ancestors().skip(1) {
        let folder = join(folder.to_str().unwrap_or_default(), "vcpkg");
        if root.is_empty() && script.is_file(&join(&folder, "downloads/cargo-vcpkg.toml")) {
            root = folder;
        }
    }
    tree.installed = join(&root, "installed");
    tree.packages = join(&root, "packages");
    Some(tree).filter(|_| !root.is_empty() && Path::new(&join(&root, ".vcpkg-root")).exists())
}

/// Returns vcpkg's name for the target.
fn triplet(script: &mut Script<'_>) -> Option<String> {
    const FIXED: &str = "x86_64-apple-darwin x64-osx aarch64-apple-darwin arm64-osx x86_64-unknown-linux-gnu x64-linux \
        aarch64-apple-ios arm64-ios aarch64-unknown-linux-gnu arm64-linux i686-unknown-linux-gnu x86-linux \
        armv7-unknown-linux-gnueabihf arm-linux riscv64gc-unknown-linux-gnu riscv64-linux \
        powerpc64le-unknown-linux-gnu ppc64le-linux s390x-unknown-linux-gnu s390x-linux \
        loongarch64-unknown-linux-gnu loongarch64-linux x86_64-unknown-linux-musl x64-linux-musl \
        aarch64-unknown-linux-musl arm64-linux-musl aarch64-linux-android arm64-android \
        armv7-linux-androideabi arm-neon-android x86_64-linux-android x64-android i686-linux-android x86-android \
        x86_64-unknown-freebsd x64-freebsd x86_64-unknown-openbsd x64-openbsd wasm32-unknown-emscripten wasm32-emscripten";
    let dynamic = script.env("VCPKGRS_DYNAMIC").is_some();
    if let Some(name) = script.env("VCPKGRS_TRIPLET") {
        return Some(name.to_owned());
    }
    let mut words = FIXED.split_whitespace();
    while let (Some(target), Some(triplet)) = (words.next(), words.next()) {
        if target == script.target {
            return Some(triplet.to_owned());
        }
    }
    let arch = match script.target.split('-').next()? {
        "x86_64" => "x64",
        "aarch64" | "arm64ec" => "arm64",
        "i586" | "i686" => "x86",
        _ => return None,
    };
    let crt_static = script.cfg("target_feature").unwrap_or_default().contains("crt-static");
    Some(match () {
        () if script.target.contains("-windows-gnu") && dynamic => format!("{}-mingw-dynamic", arch),
        () if script.target.contains("-windows-gnu") => format!("{}-mingw-static", arch),
        () if !script.target.contains("-windows-msvc") => return None,
        () if crt_static => format!("{}-windows-static", arch),
        () if dynamic => format!("{}-windows", arch),
        () => format!("{}-windows-static-md", arch),
    })
}

/// Returns the ports that are installed for the triplet: the status file, then its updates, of which later ones
/// have priority.
fn ports(script: &mut Script<'_>, tree: &Tree) -> Vec<Port> {
    let folder = join(&tree.installed, "vcpkg");
    let mut text = script.read(&join(&folder, "status")).unwrap_or_default();
    let mut updates = Vec::new();
    if let Ok(entries) = std::fs::read_dir(join(&folder, "updates")) {
        for entry in entries.flatten() {
            note(&mut updates, &entry.path().to_string_lossy());
        }
    }
    for update in updates {
        text.push(b'\n');
        text.append(&mut std::fs::read(update).unwrap_or_default());
    }
    let mut ports: Vec<Port> = Vec::new();
    for paragraph in String::from_utf8_lossy(&text).replace("\r", "").split("\n\n") {
        let field = |name: &str| {
            let line = paragraph.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().trim().to_owned()
        };
        let (name, version) = (field("Package"), field("Version"));
        if field("Architecture") != tree.triplet {
            continue;
        }
        let mut depends = Vec::new();
        for name in field("Depends").split(", ") {
            depends.push(name.to_owned());
        }
        let installed = field("Status").ends_with(" installed");
        let at = ports.iter().position(|port| port.name == name);
        match at {
            // The dependencies of a feature are added to those of its port.
            Some(at) if version.is_empty() && installed => ports[at].depends.append(&mut depends),
            None if version.is_empty() => {}
            _ if version.is_empty() => {}
            at => {
                if let Some(at) = at {
                    ports.remove(at);
                }
                if installed {
                    ports.push(Port { name, version, revision: field("Port-Version"), depends });
                }
            }
        }
    }
    ports
}

fn port_of(
    port: &str,
    query: &Query<'_>,
    script: &mut Script<'_>,
    tree: &Tree,
    ports: &[Port],
) -> Outcome<Found> {
    let shout = underscored(&port.to_ascii_uppercase());
    for name in &["VCPKGRS_NO_".to_owned() + &shout, shout + "_NO_VCPKG"] {
        if script.env(name).is_some() {
            return Err(name.clone() + " is set");
        }
    }
    let named = |name: &str| ports.iter().find(|port| port.name == name);
    let wanted = named(port).ok_or("it is not installed")?;
    if let Some(why) = query.rejects(&wanted.version) {
        return Err(why);
    }
    if !tree.is_static && script.env("VCPKGRS_DYNAMIC").is_none() {
        return Err("the triplet holds shared libraries, which VCPKGRS_DYNAMIC=1 allows".to_owned());
    }
    let root = join(&tree.installed, &tree.triplet);
    let mut found = Found { version: wanted.version.clone(), ..Found::default() };
    let lib_dir = join(&root, "lib");
    found.include.push(join(&root, "include"));
    found.link.push(Link::search(&lib_dir, "native"));
    if !tree.is_static {
        found.link.push(Link::search(&join(&root, "bin"), "native"));
    }
    let (mut order, mut pending, mut dlls) = (Vec::new(), vec![port.to_owned()], false);
    while let Some(name) = pending.pop() {
        let port = match named(&name) {
            Some(port) if !order.contains(&name) => port,
            _ => continue,
        };
        for needed in &port.depends {
            pending.push(needed.clone());
        }
        let files = files(script, tree, port)?;
        for lib in libraries(script, tree, port, &files) {
            if !script.is_file(&join(&lib_dir, &lib)) {
                return Err(lib + " is listed and not there: the vcpkg tree is not whole");
            }
            let stem = lib.rsplit_once('.').map_or(lib.as_str(), |(stem, _)| stem);
            let stem = if tree.strips_prefix { stem.trim_start_matches("lib") } else { stem };
            let verbatim = query.is_verbatim() && query.libs.contains(&lib.as_str());
            let name = if verbatim { lib.as_str() } else { stem };
            let own = tree.is_static && query.libs.contains(&name) && !query.modifiers.is_empty();
            found.link.push(Link::lib(name, if own { "static" } else { "" }));
        }
        for file in &files {
            if let (Some(dll), false) = (file.strip_prefix("bin/"), tree.is_static) {
                if dll.ends_with(".dll") {
                    // Programs that Cargo runs find the files in OUT_DIR.
                    let bytes = script.read(&join(&root, file))?;
                    script.write(&join(&script.out_dir.clone(), dll), &bytes)?;
                    dlls = true;
                }
            }
        }
        order.push(name);
    }
    if !query.libs.is_empty() && !found.link.iter().any(|link| link.what == super::What::Lib) {
        return Err(format!("it has no library, where {} is looked for", joined(&query.libs, ", ")));
    }
    if dlls {
        found.link.push(Link::search(&script.out_dir, "native"));
        found.link.push(Link::search(&script.out_dir, ""));
    }
    found.lib.push(lib_dir);
    Ok(found)
}

/// Returns a port's files, below the triplet's folder.
fn files(script: &mut Script<'_>, tree: &Tree, port: &Port) -> Outcome<Vec<String>> {
    let info = join(&tree.installed, "vcpkg/info");
    let list = |version: &str| join(&info, &format!("{}_{}_{}.list", port.name, version, tree.triplet));
    let mut text = script.read(&list(&port.version));
    if text.is_err() && !port.revision.is_empty() {
        text = script.read(&list(&format!("{}#{}", port.version, port.revision)));
    }
    let mut files = Vec::new();
    for line in String::from_utf8_lossy(&text?).lines() {
        if let Some(path) = line.strip_prefix(&tree.triplet).and_then(|rest| rest.strip_prefix('/')) {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

/// Returns a port's library files; each comes before those that it needs by its `.pc` files.
fn libraries(script: &mut Script<'_>, tree: &Tree, port: &Port, files: &[String]) -> Vec<String> {
    let folder = match tree.packages.as_str() {
        "" => join(&tree.installed, &tree.triplet),
        packages => join(packages, &format!("{}_{}", port.name, tree.triplet)),
    };
    let mut libs: Vec<String> = Vec::new();
    // Each module with its library files and the modules that it requires.
    let mut modules: Vec<(String, Vec<String>, Vec<String>)> = Vec::new();
    for file in files {
        if let Some(name) = file.strip_prefix("lib/pkgconfig/").and_then(|name| name.strip_suffix(".pc")) {
            let bytes = script.read(&join(&folder, file)).unwrap_or_default();
            let (mut own, mut requires) = (Vec::new(), Vec::new());
            for line in String::from_utf8_lossy(&bytes).lines() {
                if let Some(flags) = line.strip_prefix("Libs:") {
                    for lib in flags.split_whitespace().filter_map(|word| word.strip_prefix("-l")) {
                        let prefix = if tree.strips_prefix { "lib" } else { "" };
                        own.push(format!("{}{}.{}", prefix, lib, tree.extension));
                    }
                } else if let Some(list) = line.strip_prefix("Requires:") {
                    for module in list.split(|c: char| c == ',' || c.is_whitespace()) {
                        requires.push(module.to_owned());
                    }
                }
            }
            modules.push((name.to_owned(), own, requires));
        } else if let Some(name) = file.strip_prefix("lib/") {
            if !name.contains('/') && name.rsplit_once('.').map_or(false, |(_, end)| end == tree.extension) {
                libs.push(name.to_owned());
            }
        }
    }
    // A chain of requirements needs as many rounds as it is long; the crate, too, stops after three.
    for _ in 0..3 {
        let mut ordered: Vec<String> = Vec::new();
        for lib in &libs {
            ordered.push(lib.clone());
            let needs = modules.iter().find(|(_, own, _)| own.contains(lib)).map(|(_, _, requires)| requires);
            for needed in needs.map_or(&[][..], Vec::as_slice) {
                for (module, own, _) in &modules {
                    if module != needed {
                        continue;
                    }
                    for lib in own {
                        if let Some(at) = ordered.iter().position(|other| other == lib) {
                            let moved = ordered.remove(at);
                            ordered.push(moved);
                        }
                    }
                }
            }
        }
        libs = ordered;
    }
    libs
}
