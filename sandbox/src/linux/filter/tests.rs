//! Runs the filter in an interpreter, and compares it with the table.

use super::*;

const ARCHITECTURES: [(&str, u32); 2] = [("x86_64", 0xc000_003e), ("aarch64", 0xc000_00b7)];

fn shape() -> Shape {
    Shape { abi: 7, spawn: true, network: false, watch: false, lists: false, asked: Asked::Supervisor }
}

/// Executes the program as the kernel does: `data` is `struct seccomp_data`.
fn run(program: &[Instruction], audit: u32, number: u32, arguments: [u64; 6]) -> u32 {
    let mut data = vec![number, audit, 0, 0];
    data.extend(arguments.iter().flat_map(|value| [*value as u32, (*value >> 32) as u32]));
    let (mut a, mut at) = (0, 0);
    loop {
        let one = program[at];
        at += 1;
        let skip = |holds: bool| usize::from(if holds { one.on_true } else { one.on_false });
        match one.code {
            LOAD => a = data[one.value as usize / 4],
            AND => a &= one.value,
            JUMP => at += one.value as usize,
            EQUAL => at += skip(a == one.value),
            AT_LEAST => at += skip(a >= one.value),
            ANY_BIT => at += skip(a & one.value != 0),
            RETURN => return one.value,
            code => panic!("{code:#x}"),
        }
    }
}

fn answer(shape: Shape, name: &str, arguments: [u64; 6]) -> Action {
    let call = CALLS.iter().find(|call| call.name == name).unwrap();
    let mut answers = Vec::new();
    for (architecture, audit) in ARCHITECTURES {
        let number = if architecture == "x86_64" { call.x86_64 } else { call.aarch64 };
        let Some(number) = number else { continue };
        let value = run(&program_for(architecture, shape).unwrap(), audit, number, arguments);
        answers.push(match value {
            0x7fff_0000 => Action::Allow,
            0x7fc0_0000 => Action::Ask,
            0x8000_0000 => Action::Kill,
            value => Action::Fail((value & 0xffff) as i32),
        });
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {answers:?}");
    answers[0]
}

#[test]
fn a_number_without_a_row_does_not_exist() {
    for (architecture, audit) in ARCHITECTURES {
        let program = program_for(architecture, shape()).unwrap();
        for number in 0..2000 {
            let known = CALLS.iter().any(|call| {
                (if architecture == "x86_64" { call.x86_64 } else { call.aarch64 }) == Some(number)
            });
            let value = run(&program, audit, number, [0; 6]);
            assert_eq!(
                value == Action::Fail(libc::ENOSYS).value(),
                !known,
                "{architecture} {number}: {value:#x}"
            );
        }
    }
}

#[test]
fn another_architecture_ends_the_process() {
    let program = program_for("x86_64", shape()).unwrap();
    assert_eq!(run(&program, 0x4000_0003, 1, [0; 6]), Action::Kill.value(), "i386");
    assert_eq!(run(&program, 0xc000_003e, 0x4000_0001, [0; 6]), Action::Kill.value(), "x32");
    assert!(program_for("riscv64", shape()).is_none());
}

#[test]
fn the_kernel_takes_it() {
    for (architecture, _) in ARCHITECTURES {
        let length = program_for(architecture, shape()).unwrap().len();
        assert!(length < 4096, "{architecture}: {length} instructions");
    }
}

#[test]
fn attributes_and_signals_are_asked_or_denied() {
    for call in CALLS.iter().filter(|call| call.rule == Rule::Attribute) {
        assert_eq!(answer(shape(), call.name, [0; 6]), Action::Ask, "{}", call.name);
        let alone = Shape { asked: Asked::Nobody { own: 7, seems_done: false }, ..shape() };
        assert_eq!(answer(alone, call.name, [0; 6]), Action::Fail(libc::EPERM), "{}", call.name);
    }
    let old = Shape { abi: 5, ..shape() };
    assert_eq!(answer(old, "kill", [1, 9, 0, 0, 0, 0]), Action::Ask);
    assert_eq!(answer(shape(), "kill", [1, 9, 0, 0, 0, 0]), Action::Allow);
    let alone = Shape { asked: Asked::Nobody { own: 7, seems_done: false }, ..old };
    assert_eq!(answer(alone, "tgkill", [7, 7, 6, 0, 0, 0]), Action::Allow);
    assert_eq!(answer(alone, "tgkill", [8, 8, 6, 0, 0, 0]), Action::Fail(libc::EPERM));
}

#[test]
fn what_is_watched_is_asked_and_nothing_else_changes() {
    let watching = Shape { watch: true, ..shape() };
    for (name, arguments) in [
        ("openat", [0, 0, 0o101, 0o755, 0, 0]),
        ("mkdirat", [0; 6]),
        ("unlinkat", [0; 6]),
        ("renameat2", [0; 6]),
        ("socket", [2, 1, 0, 0, 0, 0]),
    ] {
        assert_eq!(answer(watching, name, arguments), Action::Ask, "{name}");
    }
    let refused = Action::Fail(libc::EPERM);
    assert_eq!(answer(watching, "openat", [0, 0, 0o101, 0o4755, 0, 0]), refused);
    assert_eq!(answer(Shape { network: true, ..watching }, "socket", [2, 1, 0, 0, 0, 0]), Action::Allow);
    let alone = Shape { asked: Asked::Nobody { own: 7, seems_done: false }, ..watching };
    assert_eq!(answer(alone, "mkdirat", [0; 6]), Action::Allow);
    assert_eq!(answer(alone, "socket", [2, 1, 0, 0, 0, 0]), refused);
}

#[test]
fn lists_are_asked_for_where_a_folder_is_listed_alone() {
    for call in CALLS.iter().filter(|call| call.rule == Rule::List) {
        assert_eq!(answer(shape(), call.name, [0; 6]), Action::Allow, "{}", call.name);
        assert_eq!(answer(Shape { lists: true, ..shape() }, call.name, [0; 6]), Action::Ask, "{}", call.name);
    }
}

#[test]
fn arguments_decide() {
    let denied = Action::Fail(libc::EPERM);
    for (name, arguments, expected) in [
        ("openat", [0, 0, 0o101, 0o4755, 0, 0], denied),
        ("openat", [0, 0, 0o101, 0o755, 0, 0], Action::Allow),
        // Without O_CREAT the mode is undefined, since the caller need not set the register.
        ("openat", [0, 0, 0o1, 0o4755, 0, 0], Action::Allow),
        ("openat", [0, 0, 0x41_0002, 0o2755, 0, 0], denied),
        ("socket", [1, 1, 0, 0, 0, 0], denied),
        ("socket", [2, 1, 0, 0, 0, 0], denied),
        ("socketpair", [1, 1 | 0o2000000, 0, 0, 0, 0], Action::Allow),
        ("socketpair", [1, 2, 0, 0, 0, 0], denied),
        ("socketpair", [2, 1, 0, 0, 0, 0], denied),
        ("sendto", [3, 0, 0, 0, 0, 0], Action::Allow),
        ("sendto", [3, 0, 0, 0, 1 << 40, 0], denied),
        ("clone", [0x1000_0000, 0, 0, 0, 0, 0], denied),
        ("clone", [0x11, 0, 0, 0, 0, 0], Action::Allow),
        ("setpgid", [0; 6], Action::Ask),
        ("setsid", [0; 6], Action::Ask),
        ("clone", [0x3d_0f00, 0, 0, 0, 0, 0], Action::Allow),
        ("ioctl", [0, 0x5412, 0, 0, 0, 0], Action::Fail(libc::ENOTTY)),
        ("ioctl", [0, 0x4008_6602, 0, 0, 0, 0], Action::Fail(libc::ENOTTY)),
        // The kernel uses only the lower 32 bits.
        ("ioctl", [0, 0x1_0000_5412, 0, 0, 0, 0], Action::Fail(libc::ENOTTY)),
        ("ioctl", [0, 0x5413, 0, 0, 0, 0], Action::Allow),
        ("fcntl", [0, 8, 1, 0, 0, 0], denied),
        ("fcntl", [0, 4, 1, 0, 0, 0], Action::Allow),
        ("prlimit64", [0, 7, 1, 0, 0, 0], Action::Allow),
        ("prlimit64", [9, 7, 0, 0, 0, 0], Action::Allow),
        ("prlimit64", [9, 7, 1, 0, 0, 0], denied),
        ("prlimit64", [9, 7, 1 << 33, 0, 0, 0], denied),
        ("setpriority", [0, 0, 5, 0, 0, 0], Action::Allow),
        ("setpriority", [0, 1, 5, 0, 0, 0], denied),
        ("setpriority", [1, 0, 5, 0, 0, 0], denied),
        ("prctl", [0x5961_6d61, 1, 0, 0, 0, 0], Action::Fail(libc::EINVAL)),
    ] {
        assert_eq!(answer(shape(), name, arguments), expected, "{name} {arguments:x?}");
    }
}

#[test]
fn the_network_is_the_internet_alone() {
    let network = Shape { network: true, ..shape() };
    let denied = Action::Fail(libc::EPERM);
    for (family, protocol, expected) in [
        (1, 0, denied),
        (2, 6, Action::Allow),
        (10, 17, Action::Allow),
        (16, 0, Action::Allow),
        (16, 9, denied),
        (17, 0, denied),
        (40, 0, denied),
    ] {
        assert_eq!(answer(network, "socket", [family, 1, protocol, 0, 0, 0]), expected, "{family}");
    }
}

#[test]
fn what_old_landlock_leaves_open_is_closed() {
    let old = Shape { abi: 2, ..shape() };
    assert_eq!(answer(old, "openat", [0, 0, 0o1000, 0, 0, 0]), Action::Fail(libc::EACCES));
    assert_eq!(answer(old, "openat", [0, 0, 0o1003, 0, 0, 0]), Action::Fail(libc::EACCES));
    assert_eq!(answer(old, "openat", [0, 0, 0o1101, 0o644, 0, 0]), Action::Allow);
    assert_eq!(answer(old, "truncate", [0; 6]), Action::Ask);
    assert_eq!(answer(shape(), "truncate", [0; 6]), Action::Allow);
}

#[test]
fn without_processes_only_threads_start() {
    let alone = Shape { spawn: false, asked: Asked::Nobody { own: 1, seems_done: false }, ..shape() };
    assert_eq!(answer(alone, "clone", [0x11, 0, 0, 0, 0, 0]), Action::Fail(libc::EPERM));
    assert_eq!(answer(alone, "clone", [0x3d_0f00, 0, 0, 0, 0, 0]), Action::Allow);
    assert_eq!(answer(alone, "fork", [0; 6]), Action::Fail(libc::EPERM));
    // A supervisor takes down that one was tried, and denies it.
    let watched = Shape { spawn: false, ..shape() };
    assert_eq!(answer(watched, "fork", [0; 6]), Action::Ask);
    assert_eq!(answer(watched, "clone", [0x3d_0f00, 0, 0, 0, 0, 0]), Action::Allow);
    assert_eq!(answer(watched, "clone", [0x1000_0011, 0, 0, 0, 0, 0]), Action::Fail(libc::EPERM));
}

/// Behind an outer fence no socket is opened, in whatever way, and every other call is let through.
#[test]
fn an_outer_fence_refuses_sockets_alone() {
    for (architecture, audit) in ARCHITECTURES {
        let program = outer_for(architecture).unwrap();
        let number = |name: &str| {
            let call = CALLS.iter().find(|call| call.name == name).unwrap();
            if architecture == "x86_64" { call.x86_64.unwrap() } else { call.aarch64.unwrap() }
        };
        let allow = Action::Allow.value();
        let refused = Action::Fail(libc::EPERM).value();
        let (local, internet) = (1, 2);
        let (stream, datagram, packets) = (1, 2, 5);
        for family in 0..50 {
            assert_eq!(
                run(&program, audit, number("socket"), [family, stream, 0, 0, 0, 0]),
                refused,
                "{family}"
            );
        }
        let pair = |family, kind| run(&program, audit, number("socketpair"), [family, kind, 0, 0, 0, 0]);
        assert_eq!((pair(local, stream | 0o2000000), pair(local, packets)), (allow, allow));
        assert_eq!((pair(local, datagram), pair(internet, stream)), (refused, refused));
        assert_eq!(run(&program, audit, 425, [0; 6]), Action::Fail(libc::ENOSYS).value(), "io_uring");
        let others = [number("socket"), number("socketpair"), number("request_key"), 425];
        for other in (0..600).filter(|other| !others.contains(other)) {
            assert_eq!(run(&program, audit, other, [0; 6]), allow, "{other}");
        }
        // What counts its calls otherwise reaches none of them: x32, and programs of another architecture.
        assert_eq!(run(&program, audit, 0x4000_0000 | 41, [0; 6]), Action::Kill.value());
        assert_eq!(run(&program, 0x4000_0003, 102, [0; 6]), Action::Kill.value());
    }
}
