//! Makes a home, a build dir, a package and listening sockets as targets of attempts.
#![allow(dead_code, reason = "each test file uses a part")]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::attempts::ATTEMPTS;

/// The folder is removed, and the listeners are ended, when it is dropped.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    user: Option<u32>,
    victim: Child,
    port: u16,
    abstract_name: String,
    _listeners: (std::net::TcpListener, std::os::unix::net::UnixListener, std::os::unix::net::UnixListener),
    _datagrams: std::os::unix::net::UnixDatagram,
}

/// Returns whether the tests run as root.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Returns a folder that `nobody` may enter, with the programs that the tests start.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/escapes/program.rs");
        let status = Command::new("rustc")
            .args(["--edition", "2021", "-Copt-level=0", "-Cdebuginfo=0", "--out-dir"])
            .arg(&folder)
            .arg(source)
            .status()
            .unwrap();
        assert!(status.success());
        std::fs::rename(folder.join("program"), folder.join("attempt")).unwrap();
        if let Some(supervisor) = option_env!("CARGO_BIN_EXE_inert-confine") {
            std::fs::copy(supervisor, folder.join("inert-confine")).unwrap();
        }
        folder
    })
}

/// Returns the program that makes attempts.
pub(crate) fn program() -> PathBuf {
    programs().join("attempt")
}

/// Returns the supervisor's executable.
pub(crate) fn supervisor() -> PathBuf {
    programs().join("inert-confine")
}

/// The folders that every program needs to start here.
pub(crate) const SYSTEM: &[&str] = &["/usr", "/bin", "/lib", "/lib64"];

impl Place {
    /// Makes a new place, owned by a user.
    pub(crate) fn new(user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in [
            "home/.ssh",
            "home/.cargo",
            "target/debug/deps",
            "target/debug/build/other-0/out",
            "target/.inert/sessions/s",
            "package",
            "out",
        ] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        for path in [
            "home/.ssh/id_rsa",
            "home/.bashrc",
            "home/.profile",
            "home/.cargo/config.toml",
            "target/debug/deps/libvictim-0.rlib",
            "target/debug/build/other-0/out/made",
            "target/.inert/sessions/s/environment",
            "target/.cargo-lock",
            "package/Cargo.toml",
        ] {
            std::fs::write(at(path), "secret\n").unwrap();
        }
        std::fs::set_permissions(at("home/.ssh/id_rsa"), PermissionsExt::from_mode(0o600)).unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let agent = std::os::unix::net::UnixListener::bind(at("home/agent.sock")).unwrap();
        let datagrams = std::os::unix::net::UnixDatagram::bind(at("home/log.sock")).unwrap();
        let abstract_name = format!("inert-{}", folder.path().file_name().unwrap().to_string_lossy());
        let address =
            <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(
                &abstract_name,
            )
            .unwrap();
        let named = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
        let mut victim = Command::new("/bin/sleep");
        victim.arg("600");
        if let Some(user) = user {
            for path in walk(folder.path()) {
                std::os::unix::fs::lchown(&path, Some(user), Some(user)).unwrap();
            }
            victim.uid(user).gid(user);
        }
        let victim = victim.spawn().unwrap();
        let port = tcp.local_addr().unwrap().port();
        Self {
            folder,
            user,
            victim,
            port,
            abstract_name,
            _listeners: (tcp, agent, named),
            _datagrams: datagrams,
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Returns the arguments of the program that makes attempts.
    pub(crate) fn words(&self) -> Vec<String> {
        let path = |path: &str| self.path(path).display().to_string();
        vec![
            path("home"),
            path("target"),
            path("out"),
            path("package"),
            self.victim.id().to_string(),
            self.port.to_string(),
            self.abstract_name.clone(),
        ]
    }

    fn as_user(&self, mut command: Command) -> Command {
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command.env("CARGO_REGISTRY_TOKEN", "secret").stdin(Stdio::null());
        command
    }

    /// Returns the program, without confinement.
    pub(crate) fn bare(&self) -> Command {
        self.as_user(Command::new(program()))
    }

    /// Returns the supervisor with a build script's grants and these arguments, up to the program.
    pub(crate) fn supervised(&self, arguments: &[&str]) -> Command {
        let mut command = self.as_user(Command::new(supervisor()));
        for path in SYSTEM {
            command.arg("--execute").arg(format!("{path}?"));
        }
        command.args(["--read", "/etc/ld.so.cache?", "--write", "/dev/null"]);
        command.arg("--execute").arg(program());
        command.arg("--read").arg(self.path("package"));
        command.arg("--write-execute").arg(self.out());
        command.args(arguments).arg("--");
        command
    }

    /// Returns a command of a shell's that starts another one, as this place's user, after a line of the shell.
    pub(crate) fn after(&self, line: &str, command: &Command) -> Command {
        let mut shell = self.as_user(Command::new("/bin/bash"));
        shell.arg("-c").arg(format!("{line} && exec \"$@\"")).arg("bash");
        shell.arg(command.get_program()).args(command.get_args()).current_dir(self.out());
        shell
    }

    /// Compiles a C program, and returns it.
    pub(crate) fn compiled(&self, name: &str, source: &str) -> PathBuf {
        let (file, program) = (self.out().join(format!("{name}.c")), self.out().join(name));
        std::fs::write(&file, source).unwrap();
        let status = Command::new("cc").args(["-O1", "-o"]).arg(&program).arg(&file).status().unwrap();
        assert!(status.success(), "{name}");
        program
    }

    /// Returns the program below the supervisor.
    pub(crate) fn confined(&self, arguments: &[&str]) -> Command {
        let mut command = self.supervised(arguments);
        command.arg(program());
        command
    }

    /// Makes every attempt, each in a process of its own.
    pub(crate) fn attempt_all(&self, command: Command) -> Vec<(String, String)> {
        let parts: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
        let mut said = Vec::new();
        for (name, ..) in ATTEMPTS {
            let mut one = self.as_user(Command::new(command.get_program()));
            let output = one.args(&parts).arg(name).args(self.words()).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let last = text.lines().last().and_then(|line| line.strip_prefix(&format!("{name} ")));
            // A process that the filter killed prints nothing.
            let what = last.map_or_else(
                || format!("ended: {:?} {text}{}", output.status, String::from_utf8_lossy(&output.stderr)),
                str::to_owned,
            );
            said.push(((*name).to_owned(), what));
        }
        said
    }

    /// Returns the state of everything but OUT_DIR: names, contents, modes, owners, times of change.
    pub(crate) fn digest(&self) -> String {
        let mut text = String::new();
        for path in walk(self.folder.path()) {
            if path.starts_with(self.out()) {
                continue;
            }
            let of = path.symlink_metadata().unwrap();
            let content = if of.is_file() { std::fs::read(&path).unwrap_or_default() } else { Vec::new() };
            text.push_str(&format!(
                "{} {:o} {} {} {}.{} {}.{} {content:?}\n",
                path.display(),
                of.mode(),
                of.uid(),
                of.gid(),
                of.mtime(),
                of.mtime_nsec(),
                of.ctime(),
                of.ctime_nsec(),
            ));
        }
        text
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    let mut at = 0;
    while at < found.len() {
        if found[at].symlink_metadata().is_ok_and(|of| of.is_dir()) {
            let mut below: Vec<_> =
                std::fs::read_dir(&found[at]).unwrap().flatten().map(|e| e.path()).collect();
            below.sort();
            found.extend(below);
        }
        at += 1;
    }
    found
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}
