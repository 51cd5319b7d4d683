//! Starts Cargo behind the fence, and outside what it is allowed to have started there: the programs that the build has made,
//! for `run`, `test` and `bench` alone. There is one form of request, and no command can be given in it.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use inert_sandbox::linux::{Held, OuterFence, Request};

use super::{CHANNEL, Fenced, Kept, OFFLINE, RUNNING, TEMPORARY, plain_name};
use crate::environment::Environment;

/// The greatest length of a request, in bytes.
const LONGEST: u64 = 16 << 20;

/// What decides about requests.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What the plan says of the fence.
    pub fenced: &'a Fenced,
    /// The command of Cargo.
    pub command: &'a str,
    /// The folders in which the build's programs are.
    pub outputs: &'a [&'a Path],
    /// The folder of the session.
    pub kept: &'a Kept,
    /// The caller's environment.
    pub environment: &'a Environment,
    /// The mark of what is inside.
    pub mark: Option<u32>,
    /// The program that asks.
    pub inert: &'a Path,
}

/// Starts Cargo behind the fence, answers what it asks for, and waits for it; `keep` collects its standard error.
///
/// # Errors
/// The fence cannot be made, or Cargo cannot be started.
pub fn start(mut command: Command, asked: &Asked<'_>, more: &[PathBuf], keep: bool) -> io::Result<Output> {
    let files: Vec<PathBuf> = asked.fenced.files.iter().chain(more).cloned().collect();
    let (fence, channel) = behind(&mut command, &asked.fenced.folders, &files, asked.kept, asked.mark)?;
    command.env(CHANNEL, channel.to_string());
    if keep {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    let child = command.spawn()?;
    let cargo = child.id();
    std::thread::scope(|scope| {
        let fence = &fence;
        scope.spawn(move || {
            std::thread::scope(|programs| {
                while let Some(request) = fence.next() {
                    programs.spawn(move || answer(request, asked, cargo));
                }
            });
        });
        let ended = child.wait_with_output();
        fence.close();
        ended
    })
}

/// Runs a command behind a fence that lets nothing out.
///
/// # Errors
/// The fence cannot be made, or the command cannot be started.
pub fn run(
    mut command: Command,
    folders: &[PathBuf],
    files: &[PathBuf],
    kept: &Kept,
) -> io::Result<ExitStatus> {
    let (fence, _) = behind(&mut command, folders, files, kept, None)?;
    let status = command.status();
    fence.close();
    status
}

/// Puts a command behind a fence: it writes to these folders, which are created, and to those of the files that exist.
fn behind(
    command: &mut Command,
    folders: &[PathBuf],
    files: &[PathBuf],
    kept: &Kept,
    mark: Option<u32>,
) -> io::Result<(OuterFence, i32)> {
    let machine = inert_sandbox::machine().map_err(|error| io::Error::other(error.to_string()))?;
    let mut writable = Vec::new();
    for folder in folders {
        std::fs::create_dir_all(folder)?;
        writable.push(folder.clone());
    }
    writable.extend(files.iter().filter(|file| file.exists()).cloned());
    let mut fence = OuterFence::new(&writable, &machine, mark)
        .map_err(|error| io::Error::other(format!("the outer fence: {error}")))?;
    let channel = fence.put(command);
    command.env(OFFLINE, "true");
    for name in TEMPORARY {
        command.env(name, kept.temporary());
    }
    Ok((fence, channel))
}

/// Starts what a request asks for, if it may be, and answers how it ended.
fn answer(request: Request, asked: &Asked<'_>, cargo: u32) {
    let line = started(&request, asked, cargo).unwrap_or_else(|why| format!("refused {why}"));
    request.answer(&line);
}

fn started(request: &Request, asked: &Asked<'_>, cargo: u32) -> Result<String, String> {
    let io = |error: io::Error| error.to_string();
    let by_rustdoc = asked.sender(request.sender, cargo)?;
    let wanted = Wanted::read(request).ok_or("the request is not understood")?;
    let program = asked.program(&wanted, by_rustdoc)?;
    let runner = asked.fenced.runners.get(&wanted.target).ok_or("a target that is not built")?;
    let mut words: Vec<OsString> = runner.iter().map(OsString::from).collect();
    words.push(program.into());
    words.extend(wanted.arguments);
    let mut command = crate::cargo::command(&words[0]);
    command.args(&words[1..]).current_dir(&wanted.folder).env_clear().envs(wanted.variables);
    command.env_remove(CHANNEL);
    // What the fence has changed is as the caller has it.
    for name in TEMPORARY.iter().chain([&OFFLINE]) {
        match asked.environment.get(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let streams: Vec<_> = request.streams.iter().map(std::os::fd::OwnedFd::try_clone).collect();
    let mut streams: VecDeque<_> = streams.into_iter().collect::<io::Result<_>>().map_err(io)?;
    let mut next = || streams.pop_front().map_or_else(Stdio::null, Stdio::from);
    command.stdin(next()).stdout(next()).stderr(next());
    let child = command.spawn().map_err(|error| format!("{}: {error}", words[0].to_string_lossy()))?;
    drop(command);
    let status = waited(child, request).map_err(io)?;
    Ok(match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {}", code & 0xff),
        (None, signal) => format!("signal {}", signal.unwrap_or(9)),
    })
}

/// Waits for a program, and ends it if who asked for it has ended.
fn waited(mut child: Child, request: &Request) -> io::Result<ExitStatus> {
    let asking = request.asking()?;
    let held = Held::of(child.id())?;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            asking.wait();
            held.kill();
        });
        let ended = child.wait();
        asking.leave();
        ended
    })
}

/// What a request says.
struct Wanted {
    folder: PathBuf,
    target: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
}

impl Wanted {
    fn read(request: &Request) -> Option<Self> {
        let mut bytes = Vec::new();
        (&request.text).take(LONGEST).read_to_end(&mut bytes).ok()?;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = bytes.strip_suffix(b"\0")?.split(|byte| *byte == 0);
        let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let folder = PathBuf::from(os(fields.next()?));
        let count: usize = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        let mut words: VecDeque<OsString> = fields.by_ref().take(count).map(os).collect();
        if words.len() != count {
            return None;
        }
        let target = words.pop_front()?.into_string().ok()?;
        let program = folder.join(words.pop_front()?);
        let pair = |field: &[u8]| {
            let at = field.iter().skip(1).position(|byte| *byte == b'=')? + 1;
            Some((os(&field[..at]), os(&field[at + 1..])))
        };
        let variables = fields.map(pair).collect::<Option<_>>()?;
        Some(Self { folder, target, program, arguments: words.into(), variables })
    }
}

impl Asked<'_> {
    /// Checks that Cargo itself asks, or a rustdoc that it started; returns whether it is the second. A program that Cargo started
    /// may be one that only took the runner's place, so this alone permits nothing.
    fn sender(&self, sender: u32, cargo: u32) -> Result<bool, String> {
        if !RUNNING.contains(&self.command) {
            return Err(format!("`cargo {}` starts no program of the build", self.command));
        }
        let parent = parent_of(sender);
        let is = |process: u32, program: &Path| {
            let path = std::fs::read_link(format!("/proc/{process}/exe")).ok();
            path.is_some() && path == program.canonicalize().ok()
        };
        let rustdoc = parent.filter(|parent| is(*parent, &self.fenced.rustdoc));
        let by_rustdoc = rustdoc.and_then(parent_of) == Some(cargo);
        // `cargo run` becomes the program.
        let by_cargo = sender == cargo || parent == Some(cargo);
        if !is(sender, self.inert) || !(by_cargo || by_rustdoc) {
            return Err("it is not Cargo that asks".to_owned());
        }
        Ok(by_rustdoc)
    }

    /// Returns the program of a request, if the build has made it.
    fn program(&self, wanted: &Wanted, by_rustdoc: bool) -> Result<PathBuf, String> {
        let shown = crate::file::shown(&wanted.program);
        let real = wanted.program.canonicalize().map_err(|error| format!("{shown}: {error}"))?;
        if !real.is_file() {
            return Err(format!("{shown} is no file"));
        }
        let within = |folder: &Path| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        if by_rustdoc && within(&self.kept.temporary()) {
            return Ok(wanted.program.clone());
        }
        let stem = real.file_stem().unwrap_or(OsStr::new("")).to_string_lossy();
        let whole = self.fenced.programs.contains(&plain_name(&stem));
        let hashed = stem.rsplit_once('-').is_some_and(|(name, hash)| {
            hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                && self.fenced.programs.contains(&plain_name(name))
        });
        if !(whole || hashed) || !self.outputs.iter().any(|folder| within(folder)) {
            return Err(format!("{shown} is none of the programs that this build makes"));
        }
        Ok(wanted.program.clone())
    }
}

/// Returns the parent of a process.
fn parent_of(process: u32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_form() {
        let whole = b"/w\x003\0x86_64\0target/debug/app\0--flag\0A=1\0B=\0";
        let wanted = Wanted::parse(whole).unwrap();
        assert_eq!(wanted.program, Path::new("/w/target/debug/app"));
        assert_eq!(
            (wanted.target.as_str(), wanted.arguments.len(), wanted.variables.len()),
            ("x86_64", 1, 2)
        );
        for bad in [
            &b""[..],
            b"/w\0",
            b"/w\x004\0x\0app\0",
            b"/w\x001\0x\0",
            b"/w\x002\0x\0app\0noequals\0",
            b"/w\x002\0x\0app",
        ] {
            assert!(Wanted::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn only_programs_of_the_build_are_started() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("target");
        let kept = Kept::of_session(folder.path());
        kept.create().unwrap();
        std::fs::create_dir_all(&output).unwrap();
        let make = |path: &str| {
            let path = folder.path().join(path);
            std::fs::write(&path, "").unwrap();
            path
        };
        let fenced = Fenced { programs: ["my_app".to_owned(), "lib".to_owned()].into(), ..Fenced::default() };
        let environment = Environment::default();
        let asked = Asked {
            fenced: &fenced,
            command: "test",
            outputs: &[&output],
            kept: &kept,
            environment: &environment,
            mark: None,
            inert: Path::new("/inert"),
        };
        let wanted = |program: PathBuf| Wanted {
            folder: "/".into(),
            target: String::new(),
            program,
            arguments: Vec::new(),
            variables: Vec::new(),
        };
        let may = |program, by_rustdoc| asked.program(&wanted(program), by_rustdoc).is_ok();
        assert!(may(make("target/my-app"), false));
        assert!(may(make("target/lib-0123456789abcdef"), false));
        assert!(!may(make("target/other"), false));
        assert!(!may(make("target/my-app-nothex!"), false));
        assert!(!may(make("my-app"), false), "it lies elsewhere");
        assert!(!may(output.join("missing"), false));
        std::os::unix::fs::symlink("/bin/sh", output.join("lib")).unwrap();
        assert!(!may(output.join("lib"), false), "it leads elsewhere");
        let doctest = make("fence/tmp/rust_out");
        assert!(may(doctest.clone(), true) && !may(doctest, false));
        let build = Asked { command: "build", ..asked };
        assert!(build.sender(1, 1).is_err());
    }
}
