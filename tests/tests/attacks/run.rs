//! Runs one case in a temporary copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::case::{Case, Step};
use crate::tools::Tools;

/// The folders of one run.
struct Place {
    /// The temporary folder, which is removed at the end.
    _scratch: tempfile::TempDir,
    /// The folder of the workspace.
    root: PathBuf,
    /// The folder in which every script or program of the case that runs leaves a file.
    canary: PathBuf,
    /// The folder of `HOME`.
    home: PathBuf,
    /// The folder `tests/attacks`.
    attacks: PathBuf,
    tools: &'static Tools,
}

/// Runs a case, and returns the differences from its expectations.
pub(crate) fn run(name: &str, case: &Case, attacks: &Path, tools: &'static Tools, show: bool) -> Vec<String> {
    match attempt(name, case, attacks, tools, show) {
        Ok(problems) => problems,
        Err(error) => vec![format!("{error}")],
    }
}

fn attempt(
    name: &str,
    case: &Case,
    attacks: &Path,
    tools: &'static Tools,
    show: bool,
) -> std::io::Result<Vec<String>> {
    let scratch = tempfile::Builder::new().prefix("inert-attack-").tempdir()?;
    let outside = scratch.path().canonicalize()?;
    let place = Place {
        root: outside.join("workspace"),
        canary: outside.join("canary"),
        home: outside.join("home"),
        _scratch: scratch,
        attacks: attacks.to_path_buf(),
        tools,
    };
    for folder in [&place.root, &place.canary, &place.home] {
        fs::create_dir_all(folder)?;
    }
    if let Some(base) = &case.base {
        copy(&attacks.join("base").join(base), &place.root, &place)?;
    }
    copy(&case.folder, &place.root, &place)?;
    let _ = fs::remove_file(place.root.join("case.toml"));
    let mut problems = Vec::new();
    for (number, step) in case.steps.iter().enumerate() {
        change(step, &place)?;
        if case.unfenced {
            unfence(&place.root.join("inert.toml"))?;
        }
        let before = files(&outside)?;
        let said = command(step, &place)?;
        let (code, text) = &said;
        if show {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "--- {name}, step {}: exit {code}\n{text}", number + 1);
        }
        let mut wrong = judge(step, *code, text);
        if step.accept {
            accept(text, &place)?;
        }
        let after = files(&outside)?;
        for (path, content) in &after {
            if before.get(path) != Some(content) && !may_be_written(path, case) {
                wrong.push(format!("{path} was written"));
            }
        }
        for path in before.keys().filter(|path| !after.contains_key(*path) && !may_be_written(path, case)) {
            wrong.push(format!("{path} was removed"));
        }
        if !wrong.is_empty() {
            problems.push(format!("step {}: {}\n{}", number + 1, wrong.join("; "), indented(text)));
            break;
        }
    }
    let found: BTreeSet<String> = fs::read_dir(&place.canary)?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let expected: BTreeSet<String> = case.canary.iter().cloned().collect();
    if problems.is_empty() && found != expected {
        problems.push(format!("what ran: {found:?}, expected: {expected:?}"));
    }
    Ok(problems)
}

fn judge(step: &Step, code: i32, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if code != step.exit {
        wrong.push(format!("exit code {code}, expected {}", step.exit));
    }
    // Diagnostics are wrapped to the terminal's width.
    let flat = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    let holds = |wanted: &String| text.contains(wanted.as_str()) || flat.contains(wanted.as_str());
    wrong.extend(
        step.says.iter().filter(|wanted| !holds(wanted)).map(|wanted| format!("does not say `{wanted}`")),
    );
    wrong.extend(
        step.silent.iter().filter(|unwanted| holds(unwanted)).map(|unwanted| format!("says `{unwanted}`")),
    );
    wrong
}

fn change(step: &Step, place: &Place) -> std::io::Result<()> {
    let at = |path: &String| {
        let path = globbed(&place.root, &filled(path, place));
        path.parent().map(fs::create_dir_all).transpose().map(|_| path)
    };
    for path in &step.remove {
        let path = at(path)?;
        if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    for (from, to) in &step.rename {
        fs::rename(at(from)?, at(to)?)?;
    }
    for (path, text) in &step.write {
        fs::write(at(path)?, filled(text, place))?;
    }
    for (path, text) in &step.append {
        let path = at(path)?;
        let mut old = fs::read_to_string(&path).unwrap_or_default();
        old.push_str(&filled(text, place));
        fs::write(path, old)?;
    }
    for (path, (old, new)) in &step.replace {
        let path = at(path)?;
        let text = fs::read_to_string(&path)?;
        let (old, new) = (filled(old, place), filled(new, place));
        if !text.contains(&old) {
            return Err(std::io::Error::other(format!("{} does not hold `{old}`", path.display())));
        }
        fs::write(path, text.replace(&old, &new))?;
    }
    for (path, to) in &step.link {
        std::os::unix::fs::symlink(filled(to, place), at(path)?)?;
    }
    if step.sh.is_empty() { Ok(()) } else { shell(&step.sh, place) }
}

/// Shell functions that find files in the build dir, in any of Cargo's layouts: `places` takes arguments of find
/// and puts the results into an array of its name, `programs` finds the files that Cargo starts as a package's
/// script. Finding nothing is an error, since the case would test nothing.
const PLACES: &str = r#"
places() {
    mapfile -t places < <(find target/inert "$@")
    [ ${#places[@]} -gt 0 ] || { echo "there is no: $*" >&2; exit 1; }
}
programs() { places -path "*/build/$1[-/]*" ! -path '*/fingerprint/*' -name 'build?script?build*' ! -name '*.*'; }
"#;

/// Makes the changes that need a program: pipes, permissions, registries (`tests/attacks/registry.sh`).
#[expect(clippy::disallowed_methods, reason = "the harness prepares what it tests")]
fn shell(text: &str, place: &Place) -> std::io::Result<()> {
    let mut command = Command::new("bash");
    command.args(["-euc", &format!("{PLACES}{}", filled(text, place))]);
    let output = environment(&mut command, place).current_dir(&place.root).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(format!("sh: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Runs a command, and the one beside it; returns the exit code (if one of the two is unexpected, that one) and the
/// whole output.
fn command(step: &Step, place: &Place) -> std::io::Result<(i32, String)> {
    let (program, words) = match (&step.run, &step.cargo) {
        (Some(words), None) => (place.tools.bin.join("cargo-inert"), words),
        (None, Some(words)) => (place.tools.cargo.clone(), words),
        _ => return Err(std::io::Error::other("a step has either `run` or `cargo`")),
    };
    let first = start(&program, words, step, place)?;
    let second = step.beside.as_ref().map(|words| start(&program, words, step, place)).transpose()?;
    let (mut code, mut text) = finish(first)?;
    if let Some(second) = second {
        let (other, said) = finish(second)?;
        text.push_str(&said);
        if code == step.exit {
            code = other;
        }
    }
    Ok((code, text))
}

#[expect(clippy::disallowed_methods, reason = "the harness starts what it tests")]
fn start(program: &Path, words: &str, step: &Step, place: &Place) -> std::io::Result<Child> {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", &step.within.unwrap_or(900).to_string()]);
    if let Some(memory) = step.memory {
        command.args(["prlimit", &format!("--as={}", u64::from(memory) << 20)]);
    }
    command.arg(program).args(split(&filled(words, place)));
    environment(&mut command, place)
        .current_dir(place.root.join(&step.folder))
        .envs(step.env.iter().map(|(name, value)| (name, filled(value, place))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input has ended.
        let _ = stdin.write_all(step.stdin.as_bytes());
    }
    Ok(child)
}

fn environment<'a>(command: &'a mut Command, place: &Place) -> &'a mut Command {
    command
        .env_clear()
        .env("PATH", &place.tools.path)
        .env("HOME", &place.home)
        .env("CARGO_HOME", place.home.join("cargo"))
        .env("INERT_HOME", place.home.join("inert"))
        // Most cases do not test trust, so the tree's policy counts as the user's own. Cases about trust set the
        // variable to the empty text.
        .env("INERT_TRUST", "tree")
        .env("CARGO", &place.tools.cargo)
        .env("CARGO_NET_OFFLINE", "true")
        .env("NO_COLOR", "1")
        .envs(inert_tests::layout().iter().copied())
}

fn finish(child: Child) -> std::io::Result<(i32, String)> {
    let output = child.wait_with_output()?;
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ok((output.status.code().unwrap_or(-1), text))
}

/// Returns a path below a folder, in which `*` is replaced by the first name that leads to a file.
fn globbed(root: &Path, path: &str) -> PathBuf {
    let Some((before, rest)) = path.split_once('*') else { return root.join(path) };
    let (folder, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let (suffix, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let folder = root.join(folder);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.retain(|name| name.starts_with(prefix) && name.ends_with(suffix));
    let mut found = names.iter().map(|name| globbed(&folder.join(name), rest));
    found.find(|path| path.exists()).unwrap_or_else(|| root.join(path))
}

/// Splits arguments at spaces, except within single quotes.
fn split(words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, part) in words.split('\'').enumerate() {
        match (at % 2, found.last_mut()) {
            (1, Some(last)) if words.split('\'').nth(at - 1).is_some_and(|before| !before.ends_with(' ')) => {
                let last: &mut String = last;
                last.push_str(part);
            }
            (1, _) => found.push(part.to_owned()),
            _ => found.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    found
}

/// The policy that lets a script leave its mark in the canary folder: these cases test whether it ran.
/// `tests/confined.rs` tests its confinement.
const UNCONFINED: &str =
    "[[allow]]\nconfine = false\nconfine-reason = \"its mark lies outside of OUT_DIR\"\n";

/// Appends the stanzas that were printed, like a user who accepts them.
fn accept(text: &str, place: &Place) -> std::io::Result<()> {
    let start =
        text.find("\n[[").ok_or_else(|| std::io::Error::other(format!("no stanza was printed:\n{text}")))?;
    let path = place.root.join("inert.toml");
    let mut policy = fs::read_to_string(&path).unwrap_or_default();
    policy.push('\n');
    policy.push_str(&text[start..].replace("[[allow]]\n", UNCONFINED));
    fs::write(path, policy)
}

/// Adds to a policy that rustc is not confined.
fn unfence(path: &Path) -> std::io::Result<()> {
    let policy = fs::read_to_string(path).unwrap_or_default();
    if policy.contains("[sandbox]") {
        Ok(())
    } else {
        fs::write(path, format!("[sandbox]\nrustc = \"off\"\n\n{policy}"))
    }
}

/// Returns whether a build may write a path: its target dir, Inert's and Cargo's own folders, lock files, and the
/// canary (which is checked separately).
fn may_be_written(path: &str, case: &Case) -> bool {
    let ours = ["workspace/target/", "home/cargo/", "home/inert/", "canary/"];
    ours.iter().any(|prefix| path.starts_with(prefix))
        || path.ends_with("/Cargo.lock")
        || path.ends_with("/inert.lock")
        || path.strip_prefix("workspace/").is_some_and(|path| {
            case.writes.iter().any(|allowed| {
                path == allowed || (allowed.ends_with('/') && path.starts_with(allowed.as_str()))
            })
        })
}

/// Returns every file below a folder with its content, except those of the build.
fn files(root: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if kind.is_dir() {
                if !matches!(name.as_str(), "workspace/target" | "home/cargo" | "home/inert" | "canary") {
                    pending.push(path);
                }
            } else if kind.is_symlink() {
                found.insert(name, fs::read_link(&path)?.into_os_string().into_encoded_bytes());
            } else if kind.is_file() && path.metadata()?.len() < 1 << 28 {
                found.insert(name, fs::read(&path)?);
            } else {
                // Pipes and devices are not read, since reading may never end; nor are files that are too large.
                found.insert(name, format!("{kind:?} {}", path.metadata()?.len()).into_bytes());
            }
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path, place: &Place) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target, place)?;
        } else {
            match String::from_utf8(fs::read(entry.path())?) {
                Ok(text) => fs::write(&target, filled(&text, place))?,
                Err(bytes) => fs::write(&target, bytes.into_bytes())?,
            }
            fs::set_permissions(target, entry.metadata()?.permissions())?;
        }
    }
    Ok(())
}

/// Replaces the placeholders for values of the run.
fn filled(text: &str, place: &Place) -> String {
    let path = |path: &Path| path.display().to_string();
    text.replace("@CANARY@", &path(&place.canary))
        .replace("@ATTACKS@", &path(&place.attacks))
        .replace("@ROOT@", &path(&place.root))
        .replace("@HOME@", &path(&place.home))
        .replace("@BIN@", &path(&place.tools.bin))
        .replace("@CARGO@", &path(&place.tools.cargo))
        .replace("@RUSTC@", &path(&place.tools.rustc))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    | {line}\n")).collect()
}
