//! The seccomp filter: [`CALLS`] as a program of classic BPF. A search by number finds the call's rule, whose cases
//! are tried in turn; a call without a row fails with `ENOSYS`, and a call of another architecture (x32 too) kills
//! the process.

use super::calls::{CALLS, Call, Rule};

/// The parameters of a filter.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The ABI version of Landlock in force: the filter has to guard what that version does not.
    pub abi: u32,
    /// True if processes may be started.
    pub spawn: bool,
    /// True if sockets of the internet families may be opened.
    pub network: bool,
    /// True if the supervisor records each denied access to a file and to the network. It decides none of them.
    pub watch: bool,
    /// True if some folders may be listed without the folders below them, so that the supervisor lists.
    pub lists: bool,
    /// The authority for calls that a filter cannot decide.
    pub asked: Asked,
}

/// The authority for calls that a filter cannot decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The supervisor decides.
    Supervisor,
    /// No supervisor: such calls are denied, except signals of the process with this number to itself.
    Nobody {
        /// The number of the process.
        own: u32,
        /// True if a change of a mode, an owner or a time does nothing and succeeds. Compilers copy files with their
        /// mode (rustc's `--emit=llvm-ir`), and end where that fails.
        seems_done: bool,
    },
}

/// An instruction of the filter: `struct sock_filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// The operation code.
    pub code: u16,
    /// The number of instructions to skip if a comparison holds.
    pub on_true: u8,
    /// The number of instructions to skip if it does not.
    pub on_false: u8,
    /// The operand of the operation.
    pub value: u32,
}

/// The kernel's action for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The call is made.
    Allow,
    /// The call fails with this error number.
    Fail(i32),
    /// The supervisor decides the call.
    Ask,
    /// The process is killed.
    Kill,
}

impl Action {
    /// Returns the value that the kernel reads.
    #[must_use]
    pub fn value(self) -> u32 {
        match self {
            Self::Allow => 0x7fff_0000,
            Self::Fail(number) => 0x0005_0000 | number.unsigned_abs(),
            Self::Ask => 0x7fc0_0000,
            Self::Kill => 0x8000_0000,
        }
    }
}

/// A condition on an argument of a call.
#[derive(Debug, Clone, Copy)]
enum Test {
    /// The lower 32 bits are equal to this.
    Is(u32, u32),
    /// The bits of a mask, within the lower 32, are equal to this.
    Bits(u32, u32, u32),
    /// Any of these bits is set in the lower 32.
    Any(u32, u32),
    /// The whole argument is zero.
    Null(u32),
}

/// The cases of a rule in order, and the action if none holds.
struct Cases(Vec<(Vec<Test>, Action)>, Action);

const LOAD: u16 = 0x20;
const JUMP: u16 = 0x05;
const EQUAL: u16 = 0x15;
const AT_LEAST: u16 = 0x35;
const ANY_BIT: u16 = 0x45;
const AND: u16 = 0x54;
const RETURN: u16 = 0x06;

/// `RLIMIT_MSGQUEUE`, by which [`mark`](super::sys::Confinement::mark) tells whose a confined process is. A program that makes
/// no message queues, which the filter refuses, has no other use for it.
pub(super) const MARK: u32 = 12;

const SET_ID: u32 = 0o6000;
const TRUNCATES: u32 = 0o1000;
const MAKES: u32 = 0o100;
const MAKES_NAMELESS: u32 = 0x40_0000;
const NEW_NAMESPACE: u32 = 0x7e02_0080;
const THREAD: u32 = 0x0001_0000;
/// A child of the caller's parent, or one that is hidden from a tracer.
const UNUSUAL_CHILD: u32 = 0x0080_8000;

/// The allowed requests on descriptors: reading the state of terminals, copying by shared blocks, closing at exec,
/// counting unread bytes.
const IOCTLS: &[u32] = &[
    0x5401,      // TCGETS
    0x540f,      // TIOCGPGRP
    0x5413,      // TIOCGWINSZ
    0x541b,      // FIONREAD
    0x5421,      // FIONBIO
    0x5450,      // FIONCLEX
    0x5451,      // FIOCLEX
    0x5429,      // TIOCGSID
    0x8004_5430, // TIOCGPTN
    0x802c_542a, // TCGETS2
    0x4004_9409, // FICLONE
    0x4020_940d, // FICLONERANGE
    0x8008_6601, // FS_IOC_GETFLAGS
    0xc020_660b, // FS_IOC_FIEMAP
];

/// The `fcntl` requests that have signals sent, or watch other processes: F_SETOWN, F_SETSIG, F_SETOWN_EX,
/// F_SETLEASE, F_NOTIFY.
const FCNTLS_OF_OTHERS: &[u32] = &[8, 10, 15, 1024, 1026];

/// The `prctl` options that affect the caller alone and give it no rights.
const PRCTLS: &[u32] = &[
    1,           // PR_SET_PDEATHSIG
    2,           // PR_GET_PDEATHSIG
    3,           // PR_GET_DUMPABLE
    7,           // PR_GET_KEEPCAPS
    15,          // PR_SET_NAME
    16,          // PR_GET_NAME
    21,          // PR_GET_SECCOMP
    23,          // PR_CAPBSET_READ
    27,          // PR_GET_SECUREBITS
    29,          // PR_SET_TIMERSLACK
    30,          // PR_GET_TIMERSLACK
    36,          // PR_SET_CHILD_SUBREAPER
    37,          // PR_GET_CHILD_SUBREAPER
    38,          // PR_SET_NO_NEW_PRIVS
    39,          // PR_GET_NO_NEW_PRIVS
    40,          // PR_GET_TID_ADDRESS
    41,          // PR_SET_THP_DISABLE
    42,          // PR_GET_THP_DISABLE
    47,          // PR_CAP_AMBIENT
    52,          // PR_GET_SPECULATION_CTRL
    0x5356_4d41, // PR_SET_VMA
];

fn cases(rule: Rule, shape: Shape) -> Cases {
    use Action::{Allow, Ask, Fail};
    use Test::{Any, Bits, Is, Null};
    let refused = Fail(libc::EPERM);
    let asked = |otherwise| match shape.asked {
        Asked::Supervisor => Ask,
        Asked::Nobody { .. } => otherwise,
    };
    let watched = if shape.watch { asked(Allow) } else { Allow };
    let all = |action| Cases(Vec::new(), action);
    let listed = |list: &[u32], argument, then, otherwise| {
        Cases(list.iter().map(|value| (vec![Is(argument, *value)], then)).collect(), otherwise)
    };
    let open = |flags: u32| {
        let mut cases = vec![(vec![Any(flags, MAKES | MAKES_NAMELESS), Any(flags + 1, SET_ID)], refused)];
        if shape.abi < 3 {
            // The access mode is reading, or neither reading nor writing.
            for access in [0, 3] {
                let empties = vec![Any(flags, TRUNCATES), Bits(flags, 3, access)];
                cases.push((empties, Fail(libc::EACCES)));
            }
        }
        Cases(cases, watched)
    };
    let mode = |argument| Cases(vec![(vec![Any(argument, SET_ID)], refused)], watched);
    // Where processes may be started, the supervisor is not asked: a caller that waits for its answer is interrupted by
    // signals (SIGCHLD of an earlier child), and shells take that for a failure. It counts the new process where that
    // begins. Where none may be started, the supervisor takes down that one was tried.
    let spawn = if shape.spawn { Allow } else { asked(refused) };
    match rule {
        Rule::Allowed => all(Allow),
        Rule::Refused => all(refused),
        Rule::Open => open(1),
        Rule::OpenAt => open(2),
        Rule::Creat | Rule::Mknod => mode(1),
        Rule::MknodAt => mode(2),
        Rule::Names => all(watched),
        Rule::Ioctl => listed(IOCTLS, 1, Allow, Fail(libc::ENOTTY)),
        Rule::Fcntl => listed(FCNTLS_OF_OTHERS, 1, refused, Allow),
        Rule::Prctl => listed(PRCTLS, 0, Allow, Fail(libc::EINVAL)),
        Rule::Clone => Cases(
            vec![(vec![Any(0, NEW_NAMESPACE | UNUSUAL_CHILD)], refused), (vec![Any(0, THREAD)], Allow)],
            spawn,
        ),
        Rule::Fork => all(spawn),
        Rule::Begin => all(if shape.spawn { asked(Allow) } else { Allow }),
        Rule::Group => all(asked(Allow)),
        Rule::Socket if shape.network => Cases(
            vec![
                (vec![Is(0, 2)], Allow),
                (vec![Is(0, 10)], Allow),
                // `getaddrinfo` asks routes for addresses.
                (vec![Is(0, 16), Is(2, 0)], Allow),
            ],
            refused,
        ),
        Rule::Socket if shape.watch => all(asked(refused)),
        Rule::Socket => all(refused),
        Rule::SocketPair => Cases(
            // The types are SOCK_STREAM and SOCK_SEQPACKET; the other flags are CLOEXEC and NONBLOCK.
            vec![(vec![Is(0, 1), Bits(1, 0xf, 1)], Allow), (vec![Is(0, 1), Bits(1, 0xf, 5)], Allow)],
            refused,
        ),
        Rule::SendTo if shape.network => all(Allow),
        Rule::SendTo => Cases(vec![(vec![Null(4)], Allow)], refused),
        Rule::Network => all(if shape.network { Allow } else { refused }),
        Rule::Limits => Cases(
            vec![(vec![Null(2)], Allow), (vec![Is(1, MARK)], refused), (vec![Is(0, 0)], Allow)],
            refused,
        ),
        Rule::OwnLimits => Cases(vec![(vec![Is(0, MARK)], refused)], Allow),
        Rule::OnlySelf => Cases(vec![(vec![Is(0, 0)], Allow)], refused),
        Rule::OwnPriority => Cases(vec![(vec![Is(0, 0), Is(1, 0)], Allow)], refused),
        Rule::Attribute => match shape.asked {
            // The number 0 is no error: the call returns 0.
            Asked::Nobody { seems_done: true, .. } => all(Fail(0)),
            _ => all(asked(refused)),
        },
        Rule::ExtendedAttribute => all(Fail(libc::EOPNOTSUPP)),
        Rule::Signal if shape.abi >= 6 => all(Allow),
        Rule::Signal => match shape.asked {
            Asked::Supervisor => all(Ask),
            Asked::Nobody { own, .. } => Cases(vec![(vec![Is(0, own)], Allow)], refused),
        },
        Rule::Truncate => all(if shape.abi >= 3 { Allow } else { asked(Fail(libc::EACCES)) }),
        Rule::Execute => all(asked(Allow)),
        Rule::List => all(if shape.lists { asked(refused) } else { Allow }),
    }
}

/// Returns the filter for this architecture; `None` if the table has no numbers for it.
#[must_use]
pub fn program(shape: Shape) -> Option<Vec<Instruction>> {
    program_for(std::env::consts::ARCH, shape)
}

/// Returns the filter for an architecture.
#[must_use]
pub fn program_for(architecture: &str, shape: Shape) -> Option<Vec<Instruction>> {
    let (audit, number): (u32, fn(&Call) -> Option<u32>) = match architecture {
        "x86_64" => (0xc000_003e, |call| call.x86_64),
        "aarch64" => (0xc000_00b7, |call| call.aarch64),
        _ => return None,
    };
    let mut calls: Vec<(u32, Rule)> =
        CALLS.iter().filter_map(|call| Some((number(call)?, call.rule))).collect();
    calls.sort_unstable_by_key(|(number, _)| *number);
    let mut ranges: Vec<(u32, Option<Rule>)> = vec![(0, None)];
    for (number, rule) in calls {
        let (last, current) = ranges[ranges.len() - 1];
        if current != Some(rule) {
            // A range that begins where the last one began replaces it.
            if last == number {
                ranges.pop();
            }
            if ranges.last().map(|(_, rule)| *rule) != Some(Some(rule)) {
                ranges.push((number, Some(rule)));
            }
        }
        ranges.push((number + 1, None));
    }
    let mut out = head(audit);
    search(&ranges, shape, &mut out);
    Some(out)
}

/// Returns the beginning of a filter: the number of the call is loaded, and other architectures are killed.
fn head(audit: u32) -> Vec<Instruction> {
    vec![
        at(LOAD, 4),
        Instruction { code: EQUAL, on_true: 1, on_false: 0, value: audit },
        at(RETURN, Action::Kill.value()),
        at(LOAD, 0),
        // x32 sets this bit; no architecture has as many calls.
        Instruction { code: AT_LEAST, on_true: 0, on_false: 1, value: 0x4000_0000 },
        at(RETURN, Action::Kill.value()),
    ]
}

/// Returns the filter of an [`OuterFence`](super::OuterFence) for this architecture; `None` if there is none.
pub(super) fn outer() -> Option<Vec<Instruction>> {
    outer_for(std::env::consts::ARCH)
}

/// Returns the filter of an outer fence for an architecture: no sockets but connected local pairs, and nothing by which a
/// socket could be opened unseen. Unlike the other filter it lets all other calls through: what it refuses is refused
/// to each program inside, whatever a supervisor there answers.
#[must_use]
pub fn outer_for(architecture: &str) -> Option<Vec<Instruction>> {
    let (audit, socket, pair, request_key) = match architecture {
        "x86_64" => (0xc000_003e, 41, 53, 249),
        "aarch64" => (0xc000_00b7, 198, 199, 218),
        _ => return None,
    };
    /// The number on all architectures.
    const IO_URING_SETUP: u32 = 425;
    let refused = || Cases(Vec::new(), Action::Fail(libc::EPERM));
    let shape = Shape {
        abi: super::landlock::NEWEST,
        spawn: true,
        network: false,
        watch: false,
        lists: false,
        asked: Asked::Nobody { own: 0, seems_done: false },
    };
    let mut out = head(audit);
    for (number, cases) in [
        (socket, refused()),
        (pair, cases(Rule::SocketPair, shape)),
        // The kernel starts a program outside for some kinds of keys, such as one that asks a name server.
        (request_key, refused()),
        (IO_URING_SETUP, Cases(Vec::new(), Action::Fail(libc::ENOSYS))),
    ] {
        let mut rule = Vec::new();
        leaf(&cases, &mut rule);
        let skip = u8::try_from(rule.len()).unwrap_or(u8::MAX);
        // A rule loads arguments, so each begins by loading the number.
        out.push(at(LOAD, 0));
        out.push(Instruction { code: EQUAL, on_true: 0, on_false: skip, value: number });
        out.extend(rule);
    }
    out.push(at(RETURN, Action::Allow.value()));
    Some(out)
}

fn at(code: u16, value: u32) -> Instruction {
    Instruction { code, on_true: 0, on_false: 0, value }
}

/// Writes the search as a tree: the upper half of the ranges is reached by a jump of the necessary length.
fn search(ranges: &[(u32, Option<Rule>)], shape: Shape, out: &mut Vec<Instruction>) {
    if let [(_, rule)] = ranges {
        let cases = match rule {
            Some(rule) => cases(*rule, shape),
            None => Cases(Vec::new(), Action::Fail(libc::ENOSYS)),
        };
        return leaf(&cases, out);
    }
    let middle = ranges.len() / 2;
    out.push(Instruction { code: AT_LEAST, on_true: 0, on_false: 1, value: ranges[middle].0 });
    let jump = out.len();
    out.push(at(JUMP, 0));
    search(&ranges[..middle], shape, out);
    out[jump].value = distance(jump, out.len());
    search(&ranges[middle..], shape, out);
}

fn distance(from: usize, to: usize) -> u32 {
    u32::try_from(to - from - 1).unwrap_or(u32::MAX)
}

fn leaf(Cases(cases, otherwise): &Cases, out: &mut Vec<Instruction>) {
    for (tests, action) in cases {
        let mut exits = Vec::new();
        for test in tests {
            let low = |argument: u32| at(LOAD, 16 + 8 * argument);
            let mut compare = |code, value, out: &mut Vec<Instruction>| {
                exits.push(out.len());
                out.push(at(code, value));
            };
            match *test {
                Test::Is(argument, value) => {
                    out.push(low(argument));
                    compare(EQUAL, value, out);
                }
                Test::Bits(argument, mask, value) => {
                    out.push(low(argument));
                    out.push(at(AND, mask));
                    compare(EQUAL, value, out);
                }
                Test::Any(argument, mask) => {
                    out.push(low(argument));
                    compare(ANY_BIT, mask, out);
                }
                Test::Null(argument) => {
                    out.push(low(argument));
                    compare(EQUAL, 0, out);
                    out.push(at(LOAD, 16 + 8 * argument + 4));
                    compare(EQUAL, 0, out);
                }
            }
        }
        out.push(at(RETURN, action.value()));
        for exit in exits {
            out[exit].on_false = u8::try_from(distance(exit, out.len())).unwrap_or(u8::MAX);
        }
    }
    out.push(at(RETURN, otherwise.value()));
}

#[cfg(test)]
mod tests;
