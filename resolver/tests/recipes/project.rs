//! Builds a project that depends on the crate, by plain cargo with a compiler that records its calls.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use inert_resolver::Environment;
use inert_resolver::world::{Run, World, process_environment};

use crate::recipe::{Oracle, Recipe};

/// The result of a build.
pub(crate) struct Built {
    /// Every call of the compiler.
    pub(crate) calls: Vec<Vec<String>>,
    /// The standard output of the script.
    pub(crate) printed: String,
    /// The OUT_DIR of the script.
    pub(crate) out_dir: PathBuf,
    /// The folder of the package.
    pub(crate) package: PathBuf,
}

/// Builds the project; with `ours`, the shim is the build script.
pub(crate) fn build(
    folder: &Path,
    work: &Path,
    recipe: &Recipe,
    oracle: &Oracle,
    ours: bool,
) -> Result<Built, String> {
    let _ = std::fs::remove_dir_all(folder);
    let calls = folder.join("calls");
    write(&folder.join("src/lib.rs"), "");
    std::fs::create_dir_all(&calls).expect("a folder");
    let features: Vec<String> = oracle.features.iter().map(|feature| format!("{feature:?}")).collect();
    let mut manifest = format!(
        "[package]\nname = \"oracle\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n\n[dependencies]\n\
         {} = {{ version = \"={}\", default-features = {}, features = [{}] }}\n",
        recipe.name,
        oracle.version,
        oracle.default_features,
        features.join(", ")
    );
    for (name, version) in &oracle.with {
        let _ = writeln!(manifest, "{name} = \"{version}\"");
    }
    let mut package = published(&recipe.name, &oracle.version).unwrap_or_default();
    if ours {
        let entry = recipe.entries.iter().find(|(versions, _)| versions.contains(&oracle.version));
        let (_, declaration) = entry.ok_or("no entry is for this version")?;
        let patched = folder.join("patched");
        copy(&package, &patched);
        patch(&patched, declaration);
        let _ = writeln!(manifest, "\n[patch.crates-io]\n{} = {{ path = \"patched\" }}", recipe.name);
        package = patched;
    }
    write(&folder.join("Cargo.toml"), &manifest);
    let side = if ours { "target-ours" } else { "target-original" };
    forget(&work.join(side), &recipe.name);
    let mut environment = environment(folder, &calls, oracle);
    environment.set("CARGO_TARGET_DIR", work.join(side));
    let mut args: Vec<String> = ["build", "--message-format=json", "--quiet"].map(str::to_owned).to_vec();
    if let Some(target) = &oracle.target {
        args.extend(["--target".into(), target.clone()]);
    }
    args.extend(["--manifest-path".into(), folder.join("Cargo.toml").display().to_string()]);
    let mut world = World::new(environment, folder.join("scratch"));
    let program = world.find_program("cargo").ok_or("cargo is not on PATH")?;
    let run = Run { program, args: args.into_iter().map(Into::into).collect(), ..Run::default() };
    let output = world.run(&run).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.success {
        let errors: String =
            text.lines().filter(|line| line.contains("\"level\":\"error\"")).take(3).collect();
        return Err(format!("{}\n{errors}", String::from_utf8_lossy(&output.stderr)));
    }
    let out_dir = out_dir(&text, &recipe.name).ok_or("cargo did not say that the script ran")?;
    let printed =
        std::fs::read_to_string(out_dir.with_file_name("output")).map_err(|error| error.to_string())?;
    if package.as_os_str().is_empty() {
        package =
            published(&recipe.name, &oracle.version).ok_or("its source is not where cargo unpacks it")?;
    }
    Ok(Built { calls: read_calls(&calls), printed, out_dir, package })
}

/// Removes Cargo's records of the crate, so that it runs the script again.
fn forget(target: &Path, name: &str) {
    let mut folders = vec![target.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if file.rsplit_once('-').is_some_and(|(crate_name, _)| crate_name == name) {
                std::fs::remove_dir_all(&path).expect("ours");
            } else if ["build", ".fingerprint", "debug"].contains(&file) || folder == target {
                folders.push(path);
            }
        }
    }
}

fn environment(folder: &Path, calls: &Path, oracle: &Oracle) -> Environment {
    let mut environment = process_environment();
    let names: Vec<_> = environment.variables.keys().cloned().collect();
    for name in names.iter().filter_map(|name| name.to_str()) {
        let cargos = name.starts_with("CARGO_") && !matches!(name, "CARGO_HOME" | "CARGO_NET_OFFLINE");
        if cargos || ["LD_LIBRARY_PATH", "RUSTC_WRAPPER", "RUSTFLAGS"].contains(&name) {
            environment.remove(name);
        }
    }
    let (cc, cxx) = match oracle.target.as_deref() {
        Some("aarch64-unknown-linux-gnu") => ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++"),
        Some("x86_64-pc-windows-gnu") => ("x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++"),
        _ => ("gcc", "g++"),
    };
    let suffix =
        oracle.target.as_ref().map(|target| format!("_{}", target.replace('-', "_"))).unwrap_or_default();
    for (name, tool) in [("CC", cc), ("CXX", cxx)] {
        let script = folder.join(format!("logging-{tool}"));
        let text = format!(
            "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done > {}/$$\nexec {tool} \"$@\"\n",
            calls.display()
        );
        write(&script, &text);
        #[cfg(unix)]
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
        environment.set(format!("{name}{suffix}"), script);
    }
    for (name, value) in &oracle.env {
        environment.set(name, value);
    }
    environment
}

fn patch(package: &Path, declaration: &str) {
    let path = package.join("Cargo.toml");
    let manifest = std::fs::read_to_string(&path).expect("a manifest");
    let script = manifest.lines().find_map(|line| line.strip_prefix("build = \"")?.strip_suffix('"'));
    write(
        &package.join(script.unwrap_or("build.rs")),
        "fn main() {\n    inert_resolver::build_script();\n}\n",
    );
    let resolver = env!("CARGO_MANIFEST_DIR");
    let ours = format!("\n[build-dependencies.inert-resolver]\npath = {resolver:?}\n\n{declaration}");
    write(&path, &(manifest + &ours));
}

/// Returns the folder to which Cargo unpacked the crate.
fn published(name: &str, version: &str) -> Option<PathBuf> {
    let environment = process_environment();
    let home = environment.get("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(environment.get("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let candidates =
        registries.filter_map(|entry| Some(entry.ok()?.path().join(format!("{name}-{version}"))));
    candidates.into_iter().find(|path| path.is_dir())
}

fn out_dir(messages: &str, name: &str) -> Option<PathBuf> {
    let executed = messages.lines().filter(|line| line.contains("\"reason\":\"build-script-executed\""));
    let mut of_package = executed.filter(|line| {
        let id = line
            .split_once("\"package_id\":\"")
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap_or_default();
        id.contains(&format!("#{name}@"))
            || id.contains(&format!("/{name}#"))
            || id.contains(&format!("/patched#{name}"))
    });
    let line = of_package.next_back()?;
    Some(PathBuf::from(line.split_once("\"out_dir\":\"")?.1.split('"').next()?))
}

fn read_calls(folder: &Path) -> Vec<Vec<String>> {
    let entries = std::fs::read_dir(folder).expect("ours");
    entries
        .map(|entry| std::fs::read(entry.expect("an entry").path()).expect("readable"))
        .map(|bytes| {
            let words = bytes.split(|byte| *byte == 0);
            words
                .filter(|word| !word.is_empty())
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect()
        })
        .collect()
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("writable");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the package") {
        let entry = entry.expect("an entry");
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), &place).expect("a copy");
        }
    }
}
