//! Ends processes that begin faster than they can be read, bounds those that begin without end, and runs in a container
//! that takes a call away.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

#[path = "escapes/attempts.rs"]
#[allow(dead_code, unsafe_code, clippy::disallowed_methods, unreachable_pub, missing_docs)]
mod attempts;
mod place;

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use place::Place;

/// The user of programs that make processes without end: the system bounds those of every user but root.
const NOBODY: u32 = 65534;

/// The beginning of the programs that make processes: `begin` makes one by the bare call, which the C library, and so the
/// supervisor, does not notice. After `last` each of them ends, should the supervisor fail.
const BEGIN: &str = "
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static time_t last;
static int begin(void) { if (time(0) > last) _exit(0); return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Returns the number of processes that run a program.
fn running(program: &Path) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|entry| std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program))
        .count()
}

/// Chains of processes in groups of their own, each of which starts the next and ends: whoever is read is gone when it is
/// killed, so only its group can be.
#[test]
fn chains_in_groups_of_their_own_are_ended() {
    let place = Place::new(None);
    let source = format!(
        "{BEGIN}int main(void) {{
            last = time(0) + 30;
            for (int i = 0; i < 6; i++) if (!fork()) {{ setpgid(0, 0); for (;;) if (begin()) _exit(0); }}
            sleep(1); puts(\"over\"); return 0;
        }}"
    );
    let chains = place.compiled("chains", &source);
    let began = Instant::now();
    let output = place.supervised(&[]).arg(&chains).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("over"), "{}", said(&output));
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(running(&chains), 0, "a chain goes on");
}

/// A program goes into the group of a process of the user's, so that this is killed with what the program leaves behind. Outside of
/// confinement it can; in it neither it nor the supervisor harms the other process.
#[test]
fn a_group_of_the_users_is_not_joined_and_not_ended() {
    let place = Place::new(None);
    let source = "
        #include <stdio.h>
        #include <stdlib.h>
        #include <unistd.h>
        int main(int count, char **words) {
            int joined = !setpgid(0, atoi(words[1]));
            puts(joined ? \"joined\" : \"refused\");
            fflush(stdout);
            if (!fork()) { close(1); close(2); sleep(joined && count > 2 ? 0 : 30); }
            return 0;
        }";
    let joins = place.compiled("joins", source);
    let mut other = std::process::Command::new("/bin/sleep").arg("60").process_group(0).spawn().unwrap();
    let number = other.id().to_string();
    let bare = std::process::Command::new(&joins).args([&number, "bare"]).output().unwrap();
    let output = place.supervised(&[]).arg(&joins).arg(&number).output().unwrap();
    let lives = other.try_wait().unwrap().is_none();
    let _ = other.kill();
    let _ = other.wait();
    assert_eq!(String::from_utf8_lossy(&bare.stdout), "joined\n");
    assert!(
        said(&output).starts_with("refused\n") && said(&output).contains("ended 1 processes"),
        "{}",
        said(&output)
    );
    assert!(lives, "another process of the user was ended");
}

/// A program and all its processes make further ones as fast as they can: it is stopped with a message, and no process of it
/// is left. The system's bound keeps the machine usable, should it not be stopped.
#[test]
fn processes_without_end_are_stopped() {
    let place = Place::new(Some(NOBODY).filter(|_| place::is_root()));
    let source = format!("{BEGIN}int main(void) {{ last = time(0) + 30; for (;;) begin(); }}");
    let bomb = place.compiled("bomb", &source);
    let mut supervised = place.supervised(&["--processes", "200"]);
    supervised.arg(&bomb);
    let began = Instant::now();
    let output = place.after("ulimit -u 3000", &supervised).output().unwrap();
    assert!(said(&output).contains("it had more than 200 processes at once"), "{}", said(&output));
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(running(&bomb), 0, "a process goes on");
}

/// In a container that forbids taking descriptors (Docker's filter does), nobody can list a folder without those below it: what
/// may only be listed stays closed, and all else works.
#[test]
fn nothing_is_listed_where_descriptors_cannot_be_taken() {
    let place = Place::new(None);
    let root = place.path("listed");
    std::fs::create_dir_all(root.join(".git/refs")).unwrap();
    std::fs::create_dir_all(root.join("src/inner")).unwrap();
    let source = "
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(int count, char **words) {
            struct sock_filter lines[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 438, 0, 1), /* pidfd_getfd */
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = { 4, lines };
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &program)) return 9;
            execv(words[1], words + 1);
            return 8;
        }";
    let container = place.compiled("container", source);
    let at = root.display();
    let (list, read) = (root.display().to_string(), root.join("src").display().to_string());
    let mut supervised = place.supervised(&["--list", &list, "--read", &read]);
    supervised.args([
        "/bin/sh",
        "-c",
        &format!("ls {at} && echo listed; ls {at}/src && echo read; chmod 600 own && echo own"),
    ]);
    std::fs::write(place.out().join("own"), "").unwrap();
    let mut inside = std::process::Command::new(container);
    inside.arg(supervised.get_program()).args(supervised.get_args()).current_dir(place.out());
    let text = said(&inside.output().unwrap());
    assert!(text.contains("inner\nread\nown\n") && !text.contains("listed\n"), "{text}");
    // Where they can be taken, it is listed.
    let text = said(&supervised.current_dir(place.out()).output().unwrap());
    assert!(text.contains("src\nlisted\n") && !text.contains("refs"), "{text}");
}
