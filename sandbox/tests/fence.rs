//! Tests the fence around what one thread starts: C compilers read and write what is granted, the other threads keep
//! their rights.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use inert_sandbox::linux::Fence;
use inert_sandbox::{Access, Grants, Processes, machine};

fn fence(writes: &Path) -> Fence {
    let mut grants = Grants { processes: Processes::Any, ..Grants::default() };
    for path in ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"] {
        grants.add_if_there(path, Access::Execute);
    }
    grants.add("/dev/null", Access::Write);
    grants.add(writes, Access::Write);
    Fence::new(&grants, &machine().expect("this machine confines")).unwrap()
}

fn cc(folder: &Path, text: &str) -> Result<(), String> {
    let mut child = Command::new("/usr/bin/cc")
        .args(["-c", "-x", "c", "-o", "a.o", "-"])
        .current_dir(folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_a_thread_starts_reads_and_writes_what_is_granted() {
    let root = tempfile::tempdir().unwrap();
    let (own, home) = (root.path().join("own"), root.path().join("home"));
    std::fs::create_dir(&own).unwrap();
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("key"), "int key;\n").unwrap();
    let include = format!("#include \"{}\"\n", home.join("key").display());
    let incbin = format!("__asm__(\".incbin \\\"{}\\\"\");\n", home.join("key").display());
    for text in [&include, &incbin] {
        cc(&own, text).expect("the attempt works without the fence");
    }
    let fence = fence(&own);
    for text in [&include, &incbin] {
        let said = fence.within(|| cc(&own, text)).unwrap().unwrap_err();
        assert!(said.contains("ermission denied") || said.contains("key"), "{said}");
    }
    fence.within(|| cc(&own, "#include <stdio.h>\nint a;\n")).unwrap().unwrap();
    assert!(fence.within(|| std::fs::write(home.join("new"), "")).unwrap().is_err());
    assert!(fence.within(|| TcpListener::bind("127.0.0.1:0")).unwrap().is_err());
    let deeper = fence.within(|| std::thread::spawn(move || std::fs::read(home.join("key")).is_ok()));
    assert!(!deeper.unwrap().join().unwrap(), "a thread of the thread has its rights");
    // This thread has kept its rights, and other work goes on.
    std::fs::read(root.path().join("home/key")).unwrap();
    TcpListener::bind("127.0.0.1:0").unwrap();
    cc(&own, &include).unwrap();
}

/// rustc copies files with their modes, and ends where the kernel refuses the mode.
#[test]
fn a_change_of_a_mode_succeeds_and_does_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    let before = mode();
    let fence = fence(root.path());
    fence.within(|| std::fs::copy(&file, root.path().join("copy"))).unwrap().unwrap();
    assert_eq!(std::fs::read(root.path().join("copy")).unwrap(), b"text");
    let set = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    fence.within(|| set(0o4777)).unwrap().unwrap();
    assert_eq!(mode(), before);
    set(0o600).unwrap();
    assert_eq!(mode(), 0o600);
}

/// Prints the time that the fence adds to each start; run with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn cost() {
    let root = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let fence = fence(root.path());
    eprintln!("rules: {:?}", start.elapsed());
    let run = || Command::new("/bin/true").status().unwrap();
    for turn in 0..3 {
        let start = Instant::now();
        for _ in 0..500 {
            let _ = run();
        }
        let bare = start.elapsed() / 500;
        let start = Instant::now();
        for _ in 0..500 {
            let _ = fence.within(run).unwrap();
        }
        eprintln!("turn {turn}: bare {bare:?}, fenced {:?}", start.elapsed() / 500);
    }
}
