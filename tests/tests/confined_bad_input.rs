//! What a confined script and its entry do wrong, as a user meets it: tools that are no plain programs, an OUT_DIR that is replaced,
//! two builds at once, a supervisor that is killed.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use inert_tests::{Said, Sandbox, said};

/// An application whose dependency has this script; nothing derives it.
fn project(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\ndep = { path = \"../dep\" }\n"),
        ("app/src/lib.rs", ""),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", ""),
        // The script writes the time, so that no declaration can be derived.
        (
            "dep/build.rs",
            &format!(
                "fn main() {{ let clock = format!(\"{{:?}}\", std::time::SystemTime::now()); \
                 std::fs::write(std::path::Path::new(&std::env::var(\"OUT_DIR\").unwrap()).join(\"clock\"), clock).unwrap(); {script} }}"
            ),
        ),
    ]);
    sandbox
}

fn command(sandbox: &Sandbox, words: &str) -> std::process::Command {
    let mut command = sandbox.command("app", "cargo");
    let path =
        command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value).unwrap().to_owned();
    let path = std::iter::once(sandbox.path("bin")).chain(std::env::split_paths(&path));
    command.arg("inert").args(words.split(' ')).env("PATH", std::env::join_paths(path).unwrap());
    command
}

fn build(sandbox: &Sandbox) -> Said {
    said(&mut command(sandbox, "build -vv"))
}

/// Allows the script with these keys.
fn allow(sandbox: &Sandbox, keys: &str) {
    let _ = std::fs::remove_file(sandbox.path("app/inert.toml"));
    let refused = build(sandbox).code(1);
    let stanza = refused.err.split_once("[[allow]]").map(|(_, rest)| rest.to_owned()).unwrap();
    sandbox.write(&[("app/inert.toml", &format!("[[allow]]\n{keys}{stanza}"))]);
}

fn make_executable(sandbox: &Sandbox, path: &str) {
    std::fs::set_permissions(sandbox.path(path), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A tool is a symlink to a program elsewhere, a script of the system's shell, and a script for an interpreter that is not
/// granted: the last is refused before the script starts, with what would grant it.
#[test]
fn tools_are_symlinks_and_scripts() {
    let sandbox = project(
        "let out = std::process::Command::new(\"a-tool\").output().unwrap(); println!(\"cargo:warning=said {}\", String::from_utf8_lossy(&out.stdout).trim());",
    );
    sandbox.write(&[
        ("real/program", "#!/bin/sh\necho program as ${0##*/}\n"),
        ("real/secret", "#!/bin/sh\necho secret\n"),
        ("real/odd", &format!("#!{}\necho odd\n", sandbox.path("interpreters/shell").display())),
        ("bin/x", ""),
        ("interpreters/x", ""),
    ]);
    std::fs::copy("/bin/sh", sandbox.path("interpreters/shell")).unwrap();
    for path in ["real/program", "real/secret", "real/odd", "interpreters/shell"] {
        make_executable(&sandbox, path);
    }
    let tool = sandbox.path("bin/a-tool");
    symlink("../real/program", &tool).unwrap();
    allow(&sandbox, "tools = [\"a-tool\"]\n");
    let ran = build(&sandbox).good();
    assert!(ran.err.contains("said program as a-tool"), "{}", ran.err);
    std::fs::remove_file(&tool).unwrap();
    symlink("../real/odd", &tool).unwrap();
    let _ = sandbox.inert("app", "clean").good();
    let refused = build(&sandbox).code(101);
    let grant = format!("read = [\"system:{}\"]", sandbox.path("interpreters").display());
    assert!(
        refused.err.contains("the tool `a-tool` is a script for") && refused.err.contains(&grant),
        "{}",
        refused.err
    );
    allow(&sandbox, &format!("tools = [\"a-tool\"]\n{grant}\n"));
    let ran = build(&sandbox).good();
    assert!(ran.err.contains("said odd"), "{}", ran.err);
    // A symlink that leads nowhere is no tool.
    std::fs::remove_file(&tool).unwrap();
    symlink("../real/missing", &tool).unwrap();
    let _ = sandbox.inert("app", "clean").good();
    let refused = build(&sandbox).code(101);
    assert!(refused.err.contains("the tool `a-tool` is granted, and is not on PATH"), "{}", refused.err);
}

/// A script empties its OUT_DIR, replaces it by a link, and moves it away: its contents it may change, the folder itself it may not.
#[test]
fn out_dir_is_replaced() {
    let sandbox = project(
        "use std::path::Path; let out = std::env::var(\"OUT_DIR\").unwrap(); let out = Path::new(&out); let beside = out.parent().unwrap(); \
         std::fs::create_dir(out.join(\"kept\")).unwrap(); \
         let moved = std::fs::rename(out, beside.join(\"moved\")).is_ok(); \
         let removed = std::fs::remove_dir_all(out).is_ok(); \
         let linked = std::os::unix::fs::symlink(\"/etc\", out).is_ok() || std::os::unix::fs::symlink(\"/etc\", beside.join(\"other\")).is_ok(); \
         println!(\"cargo:warning=moved {moved} removed {removed} linked {linked} kept {}\", out.join(\"kept\").exists()); \
         std::fs::write(out.join(\"made\"), \"made\").unwrap();",
    );
    allow(&sandbox, "");
    let built = build(&sandbox).good();
    assert!(built.err.contains("moved false removed false linked false kept false"), "{}", built.err);
}

/// Two builds at once, of the same and of other profiles: each ends well, and the script ran with folders of its own.
#[test]
fn two_builds_at_once() {
    let sandbox = project(
        "let tmp = std::env::temp_dir(); let file = tmp.join(\"own\"); assert!(!file.exists()); \
         std::fs::write(&file, std::process::id().to_string()).unwrap(); std::thread::sleep(std::time::Duration::from_millis(500)); \
         assert_eq!(std::fs::read_to_string(&file).unwrap(), std::process::id().to_string());",
    );
    allow(&sandbox, "");
    let children: Vec<_> = ["build", "build", "build --release", "check"]
        .iter()
        .map(|words| command(&sandbox, words).stderr(std::process::Stdio::piped()).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The rest of a policy with the outer fence.
const FENCED: &str = "[sandbox]\nouter = true\n";

/// Returns the processes with this command line.
fn processes(words: &[&str]) -> Vec<u32> {
    let named = |entry: &std::fs::DirEntry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .map(String::from_utf8_lossy)
            .filter(|word| !word.is_empty())
            .eq(words.iter().copied())
    };
    let all = std::fs::read_dir("/proc").unwrap().flatten().filter(named);
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The process that supervises a script is killed: the script ends with it, the build fails, and what the script had started is
/// ended by the command, whichever it is, and behind the outer fence, too.
#[test]
fn a_supervisor_is_killed() {
    for (at, (words, policy)) in
        [("build", ""), ("build", FENCED), ("test", ""), ("run", FENCED), ("run", "")].iter().enumerate()
    {
        let seconds = format!("{}", 400 + 10 * at as u32 + std::process::id() % 10_000 * 100);
        let sandbox = project(&format!(
            "std::process::Command::new(\"sh\").args([\"-c\", \"setsid sleep {seconds} & sleep {seconds}.5\"]).status().unwrap();"
        ));
        sandbox.write(&[("app/src/main.rs", "fn main() {}")]);
        allow(&sandbox, "");
        sandbox.write(&[("app/inert.toml", &format!("{policy}{}", sandbox.read("app/inert.toml")))]);
        let child = command(&sandbox, words).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let parent = |process: u32| -> u32 {
            let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            text.rsplit_once(')')
                .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok())
                .unwrap_or(0)
        };
        let until = Instant::now() + Duration::from_secs(300);
        let half = format!("{seconds}.5");
        let (inner, outer) = loop {
            assert!(Instant::now() < until, "the script does not start");
            if let ([inner], [outer]) =
                (processes(&["sleep", &half]).as_slice(), processes(&["sleep", &seconds]).as_slice())
            {
                break (*inner, *outer);
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        // sleep, its shell, the script, and the process that supervises it.
        let supervisor = parent(parent(parent(inner)));
        let _ = said(sandbox.command("", "/bin/kill").args(["-KILL", &supervisor.to_string()])).good();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(101), "{words}: {text}");
        assert!(
            text.contains(
                "a confined program went on after its supervisor was killed, and was ended (processes: "
            ),
            "{words}: {text}"
        );
        let left = [processes(&["sleep", &half]), processes(&["sleep", &seconds])].concat();
        assert!(left.is_empty(), "{words}: {outer}");
    }
}

/// A program that `run` starts may leave confined processes of its own behind: they are not Inert's, and go on.
#[test]
fn a_confined_program_of_the_users_goes_on() {
    let seconds = format!("{}", 450 + std::process::id() % 10_000 * 100);
    let sandbox = Sandbox::new();
    let confine = inert_tests::binaries().join("inert-confine").display().to_string();
    sandbox.write(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n"),
        (
            "app/src/main.rs",
            &format!(
                "fn main() {{ let pause = |ms| std::thread::sleep(std::time::Duration::from_millis(ms)); \
                 let mut child = std::process::Command::new(\"{confine}\").args([\"--execute\", \"/usr\", \"--execute\", \"/bin?\", \"--execute\", \"/lib?\", \
                 \"--execute\", \"/lib64?\", \"--write\", \"/dev/null\", \"--\", \"/bin/sh\", \"-c\", \"setsid sleep {seconds} & wait\"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null())\
                 .spawn().unwrap(); pause(700); child.kill().unwrap(); child.wait().unwrap(); pause(1500); }}"
            ),
        ),
    ]);
    let _ = said(&mut command(&sandbox, "run")).good();
    let end = || {
        let left = processes(&["sleep", &seconds]);
        let [left] = left[..] else { panic!("it was ended, or did not start: {left:?}") };
        let _ = said(sandbox.command("", "/bin/kill").args(["-KILL", &left.to_string()])).good();
    };
    end();
    sandbox.write(&[("app/inert.toml", FENCED)]);
    let _ = said(&mut command(&sandbox, "run")).good();
    end();
}
