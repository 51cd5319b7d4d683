//! The only module that accesses the world: files, processes, and the snapshot of the caller's environment. Every
//! read is journalled.
//!
//! Nothing here reads the process environment or its working directory; the one exception is
//! [`process_environment`], for a build script under plain cargo.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use inert_build_output::objects;
use inert_vendored_fallbacks::sha256;
pub use inert_vendored_fallbacks::{Environment, Fence, Fenced};

use crate::journal::{
    Entry, Journal, PathKind, PathState, digest_of_names, digest_of_variable, executable_extensions, kind_of,
    names, places_of_program, stamp_of,
};

/// The world that a resolution reads from and writes to.
#[derive(Debug)]
pub struct World {
    /// The caller's environment, which is read, and which tools are started with.
    pub environment: Environment,
    /// Everything that has been read so far.
    pub journal: Journal,
    /// A folder of Inert's own for this resolution; tools start in an empty folder in it, and probes write there.
    pub scratch: PathBuf,
    /// The folders that the resolution itself writes to: reading there is not journalled.
    pub own: Vec<PathBuf>,
    /// The fence around the tools that are started; none unless the caller has one.
    pub fence: Fenced,
    /// True for a world that [`World::reading`] made.
    only_reads: bool,
    refused: AtomicBool,
    memory: Option<Memory>,
    seen: HashSet<(&'static str, PathBuf)>,
}

/// The results of earlier reads by worlds of the same moment: many packages read the same files, and nothing is
/// written in between.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    kinds: HashMap<PathBuf, Option<PathKind>>,
    contents: HashMap<PathBuf, (Vec<u8>, PathState)>,
}

/// A program to start.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The absolute path of the executable.
    pub program: PathBuf,
    /// The arguments of the program.
    pub args: Vec<OsString>,
    /// The variables that differ from the snapshot; `None` removes one.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// The bytes on its standard input.
    pub stdin: Option<Vec<u8>>,
}

/// The result of running a program.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// True if it exited with code 0.
    pub success: bool,
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The bytes of standard output.
    pub stdout: Vec<u8>,
    /// The bytes of standard error.
    pub stderr: Vec<u8>,
}

/// The greatest size of a file that is read, in bytes: headers, `.pc` files and prebuilt archives are smaller.
const LARGEST: u64 = 2 << 30;

/// Checks that a read ends: reading a pipe may never end, a device may have no end, a sparse file may have any
/// size.
fn bounded(metadata: &std::fs::Metadata, largest: u64) -> io::Result<()> {
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.len() > largest {
        return Err(io::Error::other(format!(
            "it has {} bytes, and more than {largest} are not read",
            metadata.len()
        )));
    }
    Ok(())
}

/// Returns a number from the system's source of randomness, through the one type of std that uses it.
fn unknowable() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// Returns the environment of this process, for a build script under plain cargo, and for drivers that take the
/// caller's snapshot.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub fn process_environment() -> Environment {
    std::env::vars_os().collect()
}

impl World {
    /// Makes a world whose tools work in `scratch`, which is created when it is needed.
    #[must_use]
    pub fn new(environment: Environment, scratch: PathBuf) -> Self {
        let own = vec![scratch.clone()];
        Self {
            environment,
            journal: Journal::default(),
            scratch,
            own,
            fence: Fenced::default(),
            only_reads: false,
            refused: AtomicBool::new(false),
            memory: None,
            seen: HashSet::new(),
        }
    }

    /// Makes a world in which nothing is written and no program started, for answers before the build. Such actions
    /// are refused, and [`World::was_refused`] reports it, since a resolution may go on without them. The world
    /// uses the memory of an earlier one, and adds to it: see [`World::into_memory`].
    #[must_use]
    pub fn reading(environment: Environment, memory: Memory) -> Self {
        Self { only_reads: true, memory: Some(memory), ..Self::new(environment, PathBuf::new()) }
    }

    /// Returns the results of its reads, for the next world of the same moment.
    #[must_use]
    pub fn into_memory(self) -> Memory {
        self.memory.unwrap_or_default()
    }

    /// Returns whether a write or a start of a program was refused.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Checks that writing and starting programs is allowed; called before either.
    ///
    /// # Errors
    ///
    /// The world only reads.
    pub fn may_act(&self) -> io::Result<()> {
        if !self.only_reads {
            return Ok(());
        }
        self.refused.store(true, Ordering::Relaxed);
        Err(io::Error::other("nothing is written or started before the build"))
    }

    /// Returns a variable of the caller's environment.
    pub fn env(&mut self, name: &str) -> Option<OsString> {
        let value = self.environment.get(name).map(OsStr::to_owned);
        if self.seen.insert(("env", PathBuf::from(name))) {
            let digest = digest_of_variable(value.as_deref());
            self.journal.entries.push(Entry::Env { name: name.to_owned(), value: digest });
        }
        value
    }

    /// Returns a variable of the caller's environment, if it is Unicode.
    pub fn env_text(&mut self, name: &str) -> Option<String> {
        self.env(name)?.into_string().ok()
    }

    /// Returns the kind of a path, with symlinks followed; `None` if nothing is there (or visible).
    pub fn kind(&mut self, path: &Path) -> Option<PathKind> {
        let kind = self.look(path);
        self.note(path, || kind.map_or(PathState::Absent, PathState::Present), "kind");
        kind
    }

    /// Returns the kind of a path as [`World::kind`] does, without a line in the journal.
    fn look(&mut self, path: &Path) -> Option<PathKind> {
        let look = || std::fs::metadata(path).ok().map(|metadata| kind_of(&metadata));
        match &mut self.memory {
            None => look(),
            Some(memory) => match memory.kinds.get(path) {
                Some(kind) => *kind,
                None => *memory.kinds.entry(path.to_path_buf()).or_insert_with(look),
            },
        }
    }

    /// Returns whether a file is there.
    pub fn is_file(&mut self, path: &Path) -> bool {
        self.kind(path) == Some(PathKind::File)
    }

    /// Returns whether a folder is there.
    pub fn is_dir(&mut self, path: &Path) -> bool {
        self.kind(path) == Some(PathKind::Directory)
    }

    /// Returns a file's content.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_within(path, LARGEST)
    }

    /// Returns a file's content, if it has at most that many bytes.
    ///
    /// # Errors
    ///
    /// The error that the system reports, or that the file is too large.
    pub fn read_within(&mut self, path: &Path, largest: u64) -> io::Result<Vec<u8>> {
        let known = self.memory.as_ref().and_then(|memory| memory.contents.get(path)).cloned();
        if let Some((bytes, state)) = known {
            self.note(path, || state, "content");
            return Ok(bytes);
        }
        let result = std::fs::metadata(path).and_then(|metadata| {
            bounded(&metadata, largest)?;
            Ok((metadata, std::fs::read(path)?))
        });
        match result {
            Ok((metadata, bytes)) => {
                let state = || PathState::Content { stamp: stamp_of(&metadata), sha256: sha256::hex(&bytes) };
                if let Some(memory) = &mut self.memory {
                    memory.contents.insert(path.to_path_buf(), (bytes.clone(), state()));
                    return self.read_within(path, largest);
                }
                self.note(path, state, "content");
                Ok(bytes)
            }
            Err(error) => {
                self.kind(path);
                Err(error)
            }
        }
    }

    /// Returns a file's content as text.
    ///
    /// # Errors
    ///
    /// The error that the system reports, or `InvalidData` if it is not UTF-8.
    pub fn read_text(&mut self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
    }

    /// Returns the names in a folder, sorted.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn list(&mut self, path: &Path) -> io::Result<Vec<String>> {
        match names(path) {
            Ok(names) => {
                self.note(path, || PathState::Listing { sha256: digest_of_names(&names) }, "listing");
                Ok(names)
            }
            Err(error) => {
                self.kind(path);
                Err(error)
            }
        }
    }

    /// Returns the path with every symlink in it resolved.
    ///
    /// # Errors
    ///
    /// The path does not exist.
    pub fn real_path(&mut self, path: &Path) -> io::Result<PathBuf> {
        let real = std::fs::canonicalize(path).map(plain);
        self.kind(path);
        real
    }

    /// Returns whether the path itself is a symlink, even a dangling one.
    #[must_use]
    pub fn is_symlink(&self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
    }

    /// Records that a tool, or a file that a tool read, was used: another file in its place makes the journal
    /// invalid.
    pub fn uses(&mut self, path: &Path) {
        let state = || std::fs::metadata(path).map_or(PathState::Absent, |m| PathState::Used(stamp_of(&m)));
        self.note(path, state, "used");
    }

    /// Returns the first bytes of a file, enough to recognize its format.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn start_of(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        self.uses(path);
        let mut start = Vec::new();
        bounded(&std::fs::metadata(path)?, LARGEST)?;
        io::Read::take(std::fs::File::open(path)?, 64).read_to_end(&mut start)?;
        Ok(start)
    }

    /// Returns why the options that a file gives the linker are refused.
    ///
    /// # Errors
    ///
    /// The error that the system reports, or that the file contradicts its own format.
    pub fn linker_options(&mut self, path: &Path) -> io::Result<Option<objects::Objection>> {
        self.uses(path);
        bounded(&std::fs::metadata(path)?, LARGEST)?;
        objects::objection(&mut std::fs::File::open(path)?)
    }

    /// Returns the program of that name on the caller's PATH, as an absolute path; an absolute name is returned
    /// unchanged. Relative entries of PATH are skipped, since they depend on the working directory.
    pub fn find_program(&mut self, name: &str) -> Option<PathBuf> {
        let direct = Path::new(name);
        if direct.is_absolute() {
            return self.is_file(direct).then(|| direct.to_path_buf());
        }
        if name.contains(['/', '\\']) {
            return None;
        }
        let path = self.env("PATH")?;
        for folder in std::env::split_paths(&path).filter(|folder| folder.is_absolute()) {
            for extension in executable_extensions() {
                let candidate = folder.join(format!("{name}{extension}"));
                if self.is_file(&candidate) {
                    return Some(candidate);
                }
            }
        }
        None
    }

    /// Returns whether a process of the caller that starts a program by this bare name might start one, by
    /// execvp(3) or, on Windows, CreateProcess. Any file of that name counts, executable or not; so does a PATH
    /// with a relative folder, which depends on the process. The folder of Cargo's own programs counts, since
    /// rustup's proxies put it on the PATH of the programs they start.
    ///
    /// The journal gets the answer and the file that was found, not PATH nor the other places: see [`Entry::Program`].
    pub fn may_start(&mut self, name: &str) -> bool {
        let found = places_of_program(name, &self.environment)
            .map(|places| places.into_iter().find(|place| self.look(place).is_some()));
        if let Some(Some(place)) = &found {
            // Under plain cargo, a file that goes away makes the script run again.
            self.kind(place);
        }
        let may_start = found.is_none_or(|place| place.is_some());
        if self.seen.insert(("program", PathBuf::from(name))) {
            self.journal.entries.push(Entry::Program { name: name.to_owned(), may_start });
        }
        may_start
    }

    /// Starts a program in an empty folder of Inert's own, with the caller's environment, and waits for it.
    ///
    /// # Errors
    ///
    /// The program cannot be started. Its failure is not an error: see [`Output::success`].
    pub fn run(&mut self, run: &Run) -> io::Result<Output> {
        if !run.program.is_absolute() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a tool is started by its absolute path only",
            ));
        }
        self.may_act()?;
        self.uses(&run.program);
        let folder = self.scratch_folder("cwd")?;
        #[expect(clippy::disallowed_methods, reason = "the one place where the resolver starts a tool")]
        let mut command = Command::new(&run.program);
        command.args(&run.args).current_dir(&folder).env_clear().envs(&self.environment.variables);
        command.envs(self.own_temporary());
        if self.fence.is_there() {
            // `Fenced::hint` reads messages in English; this variable is about messages alone.
            command.env("LANGUAGE", "en");
        }
        for (name, value) in &run.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.stdin(if run.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = self.fence.run(&run.program, || {
            let mut child = command.spawn()?;
            if let (Some(bytes), Some(mut stdin)) = (&run.stdin, child.stdin.take()) {
                // If a program does not read its input, its exit code shows whether that matters.
                let _ = stdin.write_all(bytes);
            }
            child.wait_with_output()
        })??;
        // The next program gets a folder of its own, and does not need this one's files.
        let _ = std::fs::remove_dir_all(&folder);
        // Such a failure is no answer to a question: without the fence it might be another.
        if let Some(hint) = self.fence.hint(output.status.success(), &output.stderr) {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(std::io::Error::other(format!("{}\n{hint}", said.trim())));
        }
        Ok(Output {
            success: output.status.success(),
            code: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    /// Returns the variable for temporary files of tools: behind a fence they can write to the scratch folder alone.
    pub(crate) fn own_temporary(&self) -> Option<(OsString, OsString)> {
        self.fence.is_there().then(|| ("TMPDIR".into(), self.scratch.clone().into()))
    }

    /// Creates an empty folder in the scratch folder, whose name begins with `name` and has an unpredictable end:
    /// the text of a package can never name a file of Inert's own.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn scratch_folder(&self, name: &str) -> io::Result<PathBuf> {
        self.may_act()?;
        std::fs::create_dir_all(&self.scratch)?;
        let folder = self.scratch.join(format!("{name}-{:016x}", unknowable()));
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Empties a folder without following a symlink, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// The error that the system reports; a symlink in the folder's place is refused.
    pub fn empty_folder(&self, folder: &Path) -> io::Result<()> {
        match std::fs::symlink_metadata(folder) {
            // A missing folder counts as empty, so a world that only reads need not refuse.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.only_reads => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return std::fs::create_dir_all(folder),
            Err(error) => return Err(error),
            Ok(metadata) if !metadata.is_dir() => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a folder of its own"));
            }
            Ok(_) => {}
        }
        for entry in std::fs::read_dir(folder)? {
            self.may_act()?;
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
            } else {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Creates a folder and its parents.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.may_act()?;
        std::fs::create_dir_all(folder)
    }

    /// Returns whether a path exists, without a journal entry: for files that Inert itself writes.
    #[must_use]
    pub fn is_there(&self, path: &Path) -> bool {
        path.exists()
    }

    /// Removes a file that Inert itself wrote.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.may_act()?;
        std::fs::remove_file(path)
    }

    /// Writes a file under a temporary name and renames it, so that it is never visible in part.
    ///
    /// # Errors
    ///
    /// The error that the system reports.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.may_act()?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".inert-part");
        let part = path.with_file_name(name);
        let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written
    }

    fn note(&mut self, path: &Path, state: impl FnOnce() -> PathState, what: &'static str) {
        // Every path starts with the empty path, which is the scratch folder of a world without one.
        let own = self.own.iter().any(|folder| !folder.as_os_str().is_empty() && path.starts_with(folder));
        if !own && self.seen.insert((what, path.to_path_buf())) {
            self.journal.entries.push(Entry::Path { path: path.to_path_buf(), state: state() });
        }
    }
}

impl Output {
    /// Returns both streams as text, for messages.
    #[must_use]
    pub fn text(&self) -> String {
        let both = [String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr)];
        both.iter().map(|text| text.trim_end()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

impl Run {
    /// Returns the command as a person would type it, for messages.
    #[must_use]
    pub fn command_line(&self) -> String {
        let words =
            std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    }
}

/// Quotes an argument for a shell, if it needs quotes.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Returns Windows' `\\?\C:\…` as `C:\…`, which more tools understand.
fn plain(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
        Some(rest) if !rest.starts_with("UNC") => PathBuf::from(rest),
        _ => path,
    }
}
