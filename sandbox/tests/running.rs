//! Tests the abilities of a confined program, the limits that stop it, and refusals.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

#[path = "escapes/attempts.rs"]
#[allow(dead_code, unsafe_code, clippy::disallowed_methods, unreachable_pub, missing_docs)]
mod attempts;
mod place;

use std::process::Output;
use std::time::{Duration, Instant};

use place::Place;

/// Runs a shell script below the supervisor; PATH is the system's.
fn shell(place: &Place, arguments: &[&str], script: &str) -> Output {
    let tmp = format!("TMPDIR={}", place.out().display());
    let mut all = vec!["--set", "PATH=/usr/bin:/bin", "--set", &tmp];
    all.extend(arguments);
    let mut command = place.supervised(&all);
    command.args(["/bin/sh", "-c", script]).current_dir(place.out());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_call_changes_nothing_outside() {
    for arguments in [&[][..], &["--abi", "2"]] {
        let place = Place::new(None);
        let before = place.digest();
        let output = place.confined(arguments).arg("every-call").args(place.words()).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).lines().last(),
            Some("every-call done"),
            "{output:?}"
        );
        assert_eq!(place.digest(), before, "{arguments:?}");
    }
}

#[test]
fn compilers_and_what_they_need() {
    let place = Place::new(None);
    let script = "set -e
        printf '#include <stdio.h>\\nint main(void) { puts(\"made\"); return 0; }\\n' > a.c
        cc a.c -o a && ./a
        cp -p a b && chmod 755 b && ./b
        install -m 644 a.c installed.c
        touch -d 2001-01-01 a.c && test $(stat -c %Y a.c) -lt 1000000000
        mkdir dir && cp a.c dir && tar cf a.tar dir && rm -r dir && tar xpf a.tar && cat dir/a.c > /dev/null
        ln -s a.c link && touch -h link && mv dir other
        umask 0 && echo x > y && chmod 600 y";
    let output = shell(&place, &[], script);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).starts_with("made\nmade\n"), "{}", said(&output));
}

#[test]
fn what_it_ends_with_is_told() {
    let place = Place::new(None);
    assert_eq!(shell(&place, &[], "exit 7").status.code(), Some(7));
    let output = shell(&place, &[], "kill -SEGV $$");
    assert!(said(&output).contains("ended by signal 11"), "{}", said(&output));
}

#[test]
fn denials_are_told() {
    let place = Place::new(None);
    std::fs::copy("/bin/true", place.path("home/tool")).unwrap();
    let key = place.path("home/.ssh/id_rsa");
    let script = format!("chmod 644 {}; {}; true", key.display(), place.path("home/tool").display());
    let text = said(&shell(&place, &[], &script));
    assert!(
        text.contains(&format!("denied to change the mode, owner or times of {}", key.display())),
        "{text}"
    );
    assert!(text.contains(&format!("denied to start {}", place.path("home/tool").display())), "{text}");
}

#[test]
fn files_are_told_where_they_are_watched() {
    let place = Place::new(None);
    let home = place.path("home");
    let said_of = |arguments: &[&str], script: &str| {
        let text = said(&shell(&place, arguments, script));
        let mut lines: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("inert-confine: denied "))
            .map(str::to_owned)
            .collect();
        // The files that programs of this system look for by themselves are left out.
        let root = place.path("").display().to_string();
        lines.retain(|line| line.contains(&root) || line.contains("network"));
        lines
    };
    let at = |path: &str| home.join(path).display().to_string();
    let script = format!(
        "cat {key}; echo x > {new}; echo x >> {rc}; rm {rc}; mkdir {new}; cd {home}; ls .; echo x > made; \
         cat {out}/granted; cat {home}/missing; mkdir {out}/sub; mkdir {home}; mv {out}/sub {new}; \
         echo x > {out}/one; perl -e 'rename \"{out}/one\", \"{profile}\"'; perl -e 'rename \"{out}/missing\", \"{config}\"'; ln -s x {new}; python3 -c 'import socket; socket.socket()'; true",
        key = at(".ssh/id_rsa"),
        rc = at(".bashrc"),
        new = at("new"),
        profile = at(".profile"),
        config = at(".cargo/config.toml"),
        home = home.display(),
        out = place.out().display(),
    );
    let mut expected = vec![
        format!("to read {}", home.display()),
        format!("to read {}", at(".ssh/id_rsa")),
        format!("to write {}", at(".bashrc")),
        format!("to write {}", at(".profile")),
        format!("to write {}", at("made")),
        format!("to write {}", at("new")),
        "to reach the network".to_owned(),
    ];
    let mut found = said_of(&["--watch", "--write", "/dev/null"], &script);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(said_of(&["--write", "/dev/null"], &script), [] as [&str; 0]);
}

#[test]
fn a_folder_is_listed_without_what_is_below() {
    let place = Place::new(None);
    let root = place.path("listed");
    for path in [".git/refs/heads", "src/inner"] {
        std::fs::create_dir_all(root.join(path)).unwrap();
    }
    for path in [".git/refs/heads/secret", "src/inner/a.rs"] {
        std::fs::write(root.join(path), "").unwrap();
    }
    std::fs::write(root.join("Cargo.toml"), "").unwrap();
    // More entries than one call returns.
    (0..3000).for_each(|number| std::fs::write(root.join(format!("entry-{number:0>60}")), "").unwrap());
    let at = root.display();
    let (listed, read) = (root.to_str().unwrap().to_owned(), root.join("src").to_str().unwrap().to_owned());
    let arguments = ["--list", &listed, "--read", &read];
    let output = shell(&place, &arguments, &format!("ls -a {at}; find {at}/src; ls {at}/.git"));
    let text = said(&output);
    assert_eq!(text.matches("entry-").count(), 3000);
    assert!(text.contains("\n.git\n") && text.contains("/src/inner/a.rs\n"), "{text}");
    assert!(!text.contains("refs") && text.contains(&format!("denied to list {at}/.git")), "{text}");
    assert!(!said(&shell(&place, &arguments, &format!("ls {at}/.git/refs/heads"))).contains("secret\n"));
    assert!(!shell(&place, &arguments, &format!("cat {at}/Cargo.toml")).status.success());
    // Where nobody can be asked, nothing is listed.
    for alone in [&["--no-listener"][..], &["--only", "landlock"]] {
        let all: Vec<&str> = alone.iter().copied().chain(arguments).collect();
        assert!(!shell(&place, &all, &format!("ls {at}")).status.success(), "{alone:?}");
    }
}

#[test]
fn a_folder_that_is_exchanged_while_it_is_listed_stays_closed() {
    let place = Place::new(None);
    let root = place.path("listed");
    std::fs::create_dir_all(root.join(".git/secret")).unwrap();
    let program = r#"
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static int open_one, closed_one, used;
        static void *exchange(void *p) { for (;;) { dup2(closed_one, used); dup2(open_one, used); } return p; }
        int main(int count, char **words) {
            open_one = open(words[1], O_RDONLY); closed_one = open(words[2], O_RDONLY); used = dup(open_one);
            pthread_t thread; pthread_create(&thread, 0, exchange, 0);
            char names[4096]; int listed = 0, denied = 0;
            while (listed < 200 || denied < 200) {
                lseek(used, 0, SEEK_SET);
                long read = syscall(SYS_getdents64, used, names, sizeof names);
                if (read < 0) denied++; else listed++;
                for (long at = 0; at + 6 < read; at++) if (!memcmp(names + at, "secret", 6)) { puts("seen"); return 1; }
                if (listed + denied > 20000) break;
            }
            puts("done"); return 0;
        }"#;
    std::fs::write(place.path("out/race.c"), program).unwrap();
    let at = root.display();
    let script = format!("cc race.c -o race -pthread && ./race {at} {at}/.git");
    let text = said(&shell(&place, &["--list", root.to_str().unwrap()], &script));
    assert!(text.contains("done\n") && !text.contains("seen"), "{text}");
}

#[test]
fn what_is_left_behind_is_ended() {
    let place = Place::new(None);
    let began = Instant::now();
    let output = shell(&place, &[], "(setsid sleep 100 >/dev/null 2>&1 &) ; sleep 100 & echo done");
    assert!(began.elapsed() < Duration::from_secs(20), "it holds the pipe, and is not waited for");
    assert!(said(&output).starts_with("done\n"), "{}", said(&output));
    assert!(said(&output).contains("ended 2 processes"), "{}", said(&output));
}

#[test]
fn limits_stop_it_with_a_word() {
    let place = Place::new(None);
    for (arguments, script, word) in [
        (&["--seconds", "1"][..], "while :; do :; done", "it ran for more than 1 s"),
        (&["--seconds", "1"], "trap '' TERM INT; sleep 100 & sleep 100", "it ran for more than 1 s"),
        (&["--processes", "40"], "f() { f | f & }; f; sleep 30", "it had more than 40 processes at once"),
        (&["--file", "1048576"], "cat /dev/zero > big", "it wrote a file of more than 1 MiB"),
        (
            &["--written", "8388608"],
            "i=0; while :; do i=$((i+1)); head -c 500000 /dev/zero > f$i; done",
            "it wrote more than 8 MiB in all",
        ),
        (&[], "cat /dev/zero", "it printed more than 64 MiB"),
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--read", "/dev/zero"]);
        let began = Instant::now();
        // With `exec`, a signal ends the program itself.
        let output = shell(&place, &all, &script.replacen("cat ", "exec cat ", 1));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(word),
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(began.elapsed() < Duration::from_secs(20), "{script}: {:?}", began.elapsed());
    }
}

/// A shell has a handler for SIGCHLD that interrupts calls. If the supervisor were asked about a new process, the call would
/// fail now and then on a busy machine: jemalloc's configure then wrote headers with empty names.
#[test]
fn a_signal_interrupts_no_start_of_a_process() {
    let place = Place::new(None);
    let script = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); x=$(echo a:b | tr ':' ' ' | cut -c1); \
                  [ \"$x\" = a ] || echo lost; done; echo over";
    let busy = "for i in 1 2 3 4; do (while :; do :; done) & done; ";
    let output = shell(&place, &[], &format!("{busy}{script}"));
    assert_eq!(said(&output).lines().filter(|line| !line.contains("ended")).collect::<Vec<_>>(), ["over"]);
}

/// Processes that go into sessions and groups of their own, and start others as they are ended.
#[test]
fn groups_of_their_own_are_ended() {
    let place = Place::new(None);
    let script = "for i in 1 2 3; do setsid sh -c 'c() { (c &) ; }; c & sleep 30' & done; sleep 1; echo over";
    let began = Instant::now();
    let output = shell(&place, &[], script);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("over"), "{}", said(&output));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

/// Starts three chains of processes, each of which starts the next and ends: no process and no zombie is left,
/// within a short time.
#[test]
fn chains_of_processes_end() {
    let place = Place::new(None);
    let script = "chain() { (chain &) ; }; chain & chain & chain & sleep 1; echo over";
    let began = Instant::now();
    let output = shell(&place, &[], script);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("over"), "{}", said(&output));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn a_killed_supervisor_takes_its_program_along() {
    let place = Place::new(None);
    let mark = place.out().join("still-there");
    let script = format!("(sleep 2; echo x > {0}.grand) & sleep 2; echo x > {0}", mark.display());
    let mut command = place.supervised(&["--set", "PATH=/usr/bin:/bin"]);
    let mut supervisor = command.args(["/bin/sh", "-c", &script]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    std::thread::sleep(Duration::from_millis(2500));
    assert!(!mark.exists(), "the program lived on");
}

#[test]
fn what_cannot_be_enforced_is_refused() {
    let place = Place::new(None);
    let missing = place.path("missing").display().to_string();
    let text = said(&shell(&place, &["--read", &missing], "echo ran"));
    assert!(text.contains(&format!("the grant on {missing}")) && !text.contains("ran\n"), "{text}");
    let mut relative = place.supervised(&[]);
    let text = said(&relative.arg("sh").output().unwrap());
    assert!(text.contains("absolute path"), "{text}");
    let mut no_program = place.supervised(&[]);
    let text = said(&no_program.arg(&missing).output().unwrap());
    assert!(text.contains(&missing) && text.contains("No such file"), "{text}");
    // Inside another sandbox there can be no second listener: the program is refused, not run without.
    let inner =
        format!("{} --execute /usr --execute /bin -- /bin/sh -c 'echo ran'", place::supervisor().display());
    let supervisor = place::supervisor().display().to_string();
    let text = said(&shell(&place, &["--execute", &supervisor], &inner));
    assert!(text.contains("cannot be confined") && !text.contains("ran\n"), "{text}");
}

#[test]
fn a_kept_pipe_is_opened_anew() {
    let place = Place::new(None);
    // Descriptor 9 is the reading end of a pipe that the caller shares; the program switches it to non-blocking.
    let supervisor = place::supervisor().display().to_string();
    let script = format!(
        "mkfifo fifo; exec 8<>fifo 9<fifo; {supervisor} --keep 9 --execute /usr --execute /bin --execute /lib --execute /lib64 --write /dev/null \
         -- /usr/bin/perl -e 'use Fcntl; open(F, \"<&=\", 9) or die; fcntl(F, F_SETFL, O_NONBLOCK) or die; print \"set\\n\"'; \
         grep flags /proc/self/fdinfo/9"
    );
    let output = std::process::Command::new("/bin/bash")
        .args(["-c", &script])
        .current_dir(place.out())
        .output()
        .unwrap();
    let text = said(&output);
    assert!(text.starts_with("set\n"), "{text}");
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim().to_owned();
    assert_eq!(i32::from_str_radix(&flags, 8).unwrap() & 0o4000, 0, "{text}");
}

#[test]
fn the_environment_is_what_is_granted() {
    let place = Place::new(None);
    let mut command = place.supervised(&["--set", "A=b"]);
    let output = command.arg("/usr/bin/env").env("SECRET", "x").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "A=b\n");
}
