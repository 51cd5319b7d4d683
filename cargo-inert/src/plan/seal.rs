//! Writes a plan where only Inert finds it, and finds it again.
//!
//! The name of a plan and of a session is a nonce that nothing in the tree can know. The session's is passed in
//! `INERT_SESSION`; if a tree forces that variable (`[env]` in its configuration), the build is refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use inert_resolver::store::StorePlace;

use super::model::{Action, Checked, Confined, Decision, Index, IndexEntry, Plan, ScriptPlan};
use crate::artifacts::build_dir::{self, BuildDir};
use crate::cargo::package::path_from;
use crate::cargo::recording::Recording;
use crate::confine::outer::Kept;
use crate::environment::Environment;
use crate::file::write_atomic;
use crate::random::nonce;

pub use crate::artifacts::build_dir::SESSION;

/// The file of a session that says where the user's store is, and the secret that seals it.
const STORE: &str = "store";

impl Plan {
    /// Returns the data to seal: the index and a file for each script. `around` holds the settings that all confined
    /// scripts share.
    #[must_use]
    pub fn sealed(
        &self,
        recording: &Recording,
        user_wrapper: Option<PathBuf>,
        around: &Confined,
    ) -> (Index, Vec<(String, ScriptPlan)>) {
        let mut index = Index {
            scripts: BTreeMap::new(),
            lookalikes: self.lookalikes.clone(),
            pinned: self.pinned.clone(),
            skipped: self.skipped.clone(),
            places: self.places.clone(),
            flag_features: recording
                .targets
                .values()
                .flat_map(|facts| features_of(&facts.rustflags))
                .collect(),
            sysroot: recording.rustc.sysroot.clone(),
            rustc: None,
            user_wrapper,
        };
        let mut scripts = Vec::new();
        for decision in &self.decisions {
            let id = decision.id();
            // The path in the wrapper's form: `build = "../build.rs"` appears as `<package>/../build.rs`.
            let script = path_from(Path::new("/"), &decision.script);
            index.scripts.entry(script).or_default().push(IndexEntry {
                id: id.clone(),
                action: decision.action,
                root: decision.package.root.clone(),
                checked: decision.checked(recording, around),
                package: decision.package.id.to_string(),
            });
            scripts.push((id, decision.sealed(recording, around)));
        }
        (index, scripts)
    }
}

impl Decision {
    fn checked(&self, recording: &Recording, around: &Confined) -> Option<Checked> {
        (self.action == Action::Run).then(|| Checked {
            wasm: self.wasm.is_some(),
            digest: self.pinned.clone(),
            closure: self.pinned_closure.clone(),
            outputs: self.outputs.clone(),
            confined: self.confined.as_ref().map(|(rights, place)| Confined {
                rights: rights.clone(),
                place: place.clone(),
                sysroot: recording.rustc.sysroot.clone(),
                linked: self.build_closure.iter().map(|(id, root)| (id.name.clone(), root.clone())).collect(),
                observed: self.observed.clone(),
                libraries: self.libraries.clone(),
                ..around.clone()
            }),
            build_output: crate::digest::build_output(),
            judged_apart: crate::digest::judged_apart(),
        })
    }

    fn sealed(&self, recording: &Recording, around: &Confined) -> ScriptPlan {
        let declared = self.declared.as_ref().filter(|_| self.action == Action::Replace);
        let mut targets = BTreeMap::new();
        for (platform, facts) in &recording.targets {
            let triple = match platform {
                None => recording.rustc.host.clone(),
                Some(path) => path.strip_suffix(".json").map_or(path.clone(), |stem| {
                    Path::new(stem).file_name().unwrap_or_default().to_string_lossy().into_owned()
                }),
            };
            // If `--target` names the host, its flags are those of the target; the host's own are used only for
            // scripts.
            targets.entry(triple).or_insert_with(|| facts.clone());
        }
        ScriptPlan {
            wasm: self.wasm.clone().filter(|_| self.action == Action::Run),
            tools: None,
            package: self.package.id.clone(),
            root: self.package.root.clone(),
            links: self.package.links.clone(),
            rust_version: self.package.rust_version.clone(),
            action: self.action,
            origin: self.origin,
            declaration: declared.map(|declared| declared.text.clone()).unwrap_or_default(),
            declared_in: declared.map(|declared| declared.place.clone()).unwrap_or_default(),
            runs: self.runs.clone(),
            checked: self.checked(recording, around),
            targets,
            rustc: recording.rustc.clone(),
            build_dependencies: self
                .build_closure
                .iter()
                .map(|(id, root)| (id.name.clone(), root.clone()))
                .collect(),
        }
    }
}

/// Returns the features that a list of flags sets.
#[must_use]
pub fn features_of(flags: &[String]) -> Vec<String> {
    let values = flags.iter().map(|flag| flag.strip_prefix("--cfg=").unwrap_or(flag));
    let features = values.filter_map(|value| value.strip_prefix("feature=\"")?.strip_suffix('"'));
    features.map(str::to_owned).collect()
}

/// Writes a plan and returns its nonce.
///
/// # Errors
/// The build dir cannot be written.
pub fn write(dir: &BuildDir, index: &Index, scripts: &[(String, ScriptPlan)]) -> io::Result<String> {
    let name = nonce()?;
    let folder = dir.plan(&name);
    fs::create_dir_all(folder.join("scripts"))?;
    for (id, script) in scripts {
        write_atomic(&folder.join("scripts").join(id), &to_json(script)?)?;
    }
    // The index is written last, so that a plan with an index is complete.
    write_atomic(&folder.join("index"), &to_json(index)?)?;
    forget_old(&dir.inner().join("plans"), 40);
    Ok(name)
}

/// Returns the digest of a whole plan. The plan is in the build dir, to which programs of a build can write; the digest
/// is stored in the user's state folder, with the note that the plan may be reused.
///
/// # Errors
/// The plan is incomplete.
pub fn digest(plan: &Path) -> io::Result<String> {
    let scripts = plan.join("scripts");
    let mut names: Vec<_> =
        fs::read_dir(&scripts)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort();
    let mut text = crate::digest::file(&plan.join("index"))?;
    for name in names {
        text.push_str(&format!(
            "\n{} {}",
            name.to_string_lossy(),
            crate::digest::file(&scripts.join(&name))?
        ));
    }
    Ok(crate::digest::text(&text))
}

/// The session of one running command: the data for the processes that Cargo starts. It is removed when dropped.
#[derive(Debug)]
pub struct Session {
    /// The name of the session.
    pub nonce: String,
    /// The folder of the session.
    pub folder: PathBuf,
}

impl Session {
    /// Opens a session on a plan; `fenced` says that Cargo starts behind the outer fence.
    ///
    /// # Errors
    /// The build dir cannot be written.
    pub fn open(
        dir: &BuildDir,
        plan: &str,
        environment: &Environment,
        store: Option<&StorePlace>,
        fenced: bool,
    ) -> io::Result<Self> {
        let nonce = nonce()?;
        let folder = dir.session(&nonce).ok_or_else(|| io::Error::other("a nonce is not a name"))?;
        forget_old(&dir.inner().join("sessions"), 40);
        fs::create_dir_all(&folder)?;
        restrict(&folder)?;
        write_atomic(&folder.join("plan"), plan.as_bytes())?;
        let environment = if fenced {
            let kept = Kept::of_session(&folder);
            kept.create()?;
            kept.within(environment).to_bytes()
        } else {
            environment.to_bytes()
        };
        write_atomic(&folder.join("environment"), &environment)?;
        if let Some(place) = store {
            let folder_of_store = place.folder.as_os_str().as_encoded_bytes();
            write_atomic(&folder.join(STORE), &[place.secret.as_bytes(), b"\n", folder_of_store].concat())?;
        }
        Ok(Self { nonce, folder })
    }
}

/// The file of a session that names the packages of which the wrapper left a unit empty, one a line.
const EMPTY: &str = "empty";

/// The file of a session that says which scripts were to run in WebAssembly and ran confined, one a line.
pub const NOT_IN_WASM: &str = "not-in-wasm";

/// Notes in the session's folder that the wrapper left a unit of a package empty.
pub fn note_empty(dir: &BuildDir, environment: &Environment) {
    let of_cargo = |name: &str| environment.text(name);
    if let (Some(name), Some(version)) = (of_cargo("CARGO_PKG_NAME"), of_cargo("CARGO_PKG_VERSION")) {
        dir.note(environment, EMPTY, &format!("{name} {version}"));
    }
}

impl Session {
    /// Returns what programs were denied that did not fail, each once.
    #[must_use]
    pub fn denied(&self) -> std::collections::BTreeSet<String> {
        crate::confine::denied::noted(&self.folder)
    }

    /// Returns which scripts were to run in WebAssembly and ran confined, each once, with the reason.
    #[must_use]
    pub fn not_in_wasm(&self) -> std::collections::BTreeSet<String> {
        build_dir::noted(&self.folder, NOT_IN_WASM)
    }

    /// Returns the packages, as name and version, of which the wrapper left a unit empty in this session.
    #[must_use]
    pub fn left_empty(&self) -> std::collections::BTreeSet<String> {
        build_dir::noted(&self.folder, EMPTY)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns the user's store of finished work, if the session that `INERT_SESSION` names has one.
#[must_use]
pub fn store_of_session(dir: &BuildDir, environment: &Environment) -> Option<StorePlace> {
    let session = dir.session(environment.text(SESSION)?)?;
    let bytes = fs::read(session.join(STORE)).ok()?;
    let kept = Kept::of_session(&session);
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some(StorePlace {
        folder: crate::file::path_of(&bytes[end + 1..])?,
        secret: std::str::from_utf8(&bytes[..end]).ok()?.to_owned(),
        shared: true,
        staged: kept.exists().then(|| kept.store()),
    })
}

/// Returns the plan of the session that `INERT_SESSION` names in this build dir.
///
/// # Errors
/// There is no such session, or its plan is gone: the caller was not started by `cargo inert`, or the variable was
/// forced.
pub fn plan_of_session(dir: &BuildDir, environment: &Environment) -> Result<PathBuf, String> {
    let name = environment.text(SESSION).ok_or_else(|| {
        format!(
            "{} belongs to `cargo inert`; build with that command, or with another target directory",
            dir.root.display()
        )
    })?;
    let plan = dir
        .session(name)
        .and_then(|folder| fs::read_to_string(folder.join("plan")).ok())
        .ok_or_else(|| format!("{SESSION} names no running `cargo inert`; something forced the variable (`[env]` in .cargo/config.toml?)"))?;
    Ok(dir.plan(plan.trim()))
}

/// Reads the index of a plan.
///
/// # Errors
/// The index does not exist or is incomplete.
pub fn read_index(plan: &Path) -> Result<Index, String> {
    from_json(&plan.join("index"))
}

/// Reads the plan of one script.
///
/// # Errors
/// The file does not exist or is incomplete.
pub fn read_script(plan: &Path, id: &str) -> Result<ScriptPlan, String> {
    from_json(&plan.join("scripts").join(id))
}

fn from_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("{}: {error}; run `cargo inert clean`", path.display()))
}

fn to_json(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

/// Removes the access of other users, since the caller's environment may contain secrets.
fn restrict(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let _ = folder;
    Ok(())
}

/// Removes old folders except for the newest; the command of a session that is a week old no longer runs.
fn forget_old(parent: &Path, keep: usize) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let mut aged: Vec<_> = entries
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    aged.sort();
    let week = std::time::Duration::from_secs(7 * 24 * 3600);
    let excess = aged.len().saturating_sub(keep);
    for (at, (modified, path)) in aged.iter().enumerate() {
        let old = modified.elapsed().is_ok_and(|age| age > week);
        if old && at < excess {
            let _ = fs::remove_dir_all(path);
        }
    }
}
