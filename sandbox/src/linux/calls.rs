//! The system calls that a confined program may make. A call that is not in this table fails with `ENOSYS`, as in
//! an older kernel: programs fall back on older calls.
//!
//! So each call that was added to Linux after this table was written is denied until a row is added. These have no
//! row on purpose: io_uring, whose operations a filter does not see; `clone3` and `openat2`, whose flags lie in
//! memory; `execveat` and `memfd_create`, which run a program without a path; the newer calls that set attributes
//! (`setxattrat`, `file_setattr`); inotify and fanotify, which watch folders that may not be read; objects without
//! a path that outlive a process (System V and POSIX queues and memory); and the calls that administer the machine.

/// The check before a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// No check: the call reaches only objects that Landlock guards, or the caller itself.
    Allowed,
    /// The call is never made, and fails with `EPERM`.
    Refused,
    /// The call opens a file: no set-id mode; below ABI 3, a file that is opened for reading must not be truncated.
    Open,
    /// As `Open`, relative to a folder's descriptor.
    OpenAt,
    /// The call creates a file: no set-id mode.
    Creat,
    /// The call creates a file or pipe: no set-id mode.
    Mknod,
    /// As `Mknod`, relative to a folder's descriptor.
    MknodAt,
    /// Landlock guards the call, which makes, moves or removes a name in a folder; the supervisor records it if files
    /// are watched.
    Names,
    /// Only the listed requests are accepted.
    Ioctl,
    /// All requests but those that send signals to others.
    Fcntl,
    /// Only the listed options are accepted.
    Prctl,
    /// No namespaces; a process only if processes may be started.
    Clone,
    /// Only if processes may be started.
    Fork,
    /// The C library makes the call as soon as a process or thread begins. The supervisor counts them there: in the new
    /// process no signal of a child interrupts the wait for the answer, and the result of the call is not used.
    Begin,
    /// The call moves a process into another group. The supervisor ends a program by its groups, so it is asked.
    Group,
    /// Internet families only if the network is granted.
    Socket,
    /// Only local, connected sockets: a datagram socket can send to any address.
    SocketPair,
    /// Sending to the connected peer; to an address only if the network is granted.
    SendTo,
    /// Only if the network is granted.
    Network,
    /// The call reads the limits of any process, and sets those of the caller but for the mark.
    Limits,
    /// The call sets the limits of the caller but for the mark.
    OwnLimits,
    /// Only for the caller itself.
    OnlySelf,
    /// Only for the caller's own priority.
    OwnPriority,
    /// The call changes the mode, owner or times of a file, which Landlock does not guard: the supervisor makes the
    /// change, if at all.
    Attribute,
    /// The call fails with `EOPNOTSUPP`, as on a file system without such attributes.
    ExtendedAttribute,
    /// Landlock guards the call from ABI 6 on; below, the supervisor decides.
    Signal,
    /// Landlock guards the call from ABI 3 on; below, the supervisor decides.
    Truncate,
    /// Landlock guards the call; the supervisor records it if denials are reported.
    Execute,
    /// Landlock guards the opening of the folder; where a folder may be listed without those below it, the supervisor
    /// lists it for the caller, if at all.
    List,
}

/// A system call with its rule.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The kernel's name of the call.
    pub name: &'static str,
    /// The call's number on x86_64.
    pub x86_64: Option<u32>,
    /// The call's number on aarch64.
    pub aarch64: Option<u32>,
    /// The check before the call.
    pub rule: Rule,
}

macro_rules! number {
    (_) => {
        None
    };
    ($number:literal) => {
        Some($number)
    };
}

macro_rules! calls {
    ($($name:ident: $x86_64:tt, $aarch64:tt, $rule:ident;)*) => {
        /// Every call with a result other than `ENOSYS`.
        pub const CALLS: &[Call] = &[$(Call {
            name: stringify!($name),
            x86_64: number!($x86_64),
            aarch64: number!($aarch64),
            rule: Rule::$rule,
        },)*];
    };
}

calls! {
    read: 0, 63, Allowed;
    write: 1, 64, Allowed;
    open: 2, _, Open;
    close: 3, 57, Allowed;
    stat: 4, _, Allowed;
    fstat: 5, 80, Allowed;
    lstat: 6, _, Allowed;
    poll: 7, _, Allowed;
    lseek: 8, 62, Allowed;
    mmap: 9, 222, Allowed;
    mprotect: 10, 226, Allowed;
    munmap: 11, 215, Allowed;
    brk: 12, 214, Allowed;
    rt_sigaction: 13, 134, Allowed;
    rt_sigprocmask: 14, 135, Allowed;
    rt_sigreturn: 15, 139, Allowed;
    ioctl: 16, 29, Ioctl;
    pread64: 17, 67, Allowed;
    pwrite64: 18, 68, Allowed;
    readv: 19, 65, Allowed;
    writev: 20, 66, Allowed;
    access: 21, _, Allowed;
    pipe: 22, _, Allowed;
    select: 23, _, Allowed;
    sched_yield: 24, 124, Allowed;
    mremap: 25, 216, Allowed;
    msync: 26, 227, Allowed;
    mincore: 27, 232, Allowed;
    madvise: 28, 233, Allowed;
    dup: 32, 23, Allowed;
    dup2: 33, _, Allowed;
    pause: 34, _, Allowed;
    nanosleep: 35, 101, Allowed;
    getitimer: 36, 102, Allowed;
    alarm: 37, _, Allowed;
    setitimer: 38, 103, Allowed;
    getpid: 39, 172, Allowed;
    sendfile: 40, 71, Allowed;
    socket: 41, 198, Socket;
    connect: 42, 203, Network;
    accept: 43, 202, Network;
    sendto: 44, 206, SendTo;
    recvfrom: 45, 207, Allowed;
    sendmsg: 46, 211, Allowed;
    recvmsg: 47, 212, Allowed;
    shutdown: 48, 210, Allowed;
    bind: 49, 200, Network;
    listen: 50, 201, Network;
    getsockname: 51, 204, Allowed;
    getpeername: 52, 205, Allowed;
    socketpair: 53, 199, SocketPair;
    setsockopt: 54, 208, Allowed;
    getsockopt: 55, 209, Allowed;
    clone: 56, 220, Clone;
    fork: 57, _, Fork;
    vfork: 58, _, Fork;
    execve: 59, 221, Execute;
    exit: 60, 93, Allowed;
    wait4: 61, 260, Allowed;
    kill: 62, 129, Signal;
    uname: 63, 160, Allowed;
    fcntl: 72, 25, Fcntl;
    flock: 73, 32, Allowed;
    fsync: 74, 82, Allowed;
    fdatasync: 75, 83, Allowed;
    truncate: 76, 45, Truncate;
    ftruncate: 77, 46, Allowed;
    getdents: 78, _, List;
    getcwd: 79, 17, Allowed;
    chdir: 80, 49, Allowed;
    fchdir: 81, 50, Allowed;
    rename: 82, _, Names;
    mkdir: 83, _, Names;
    rmdir: 84, _, Names;
    creat: 85, _, Creat;
    link: 86, _, Names;
    unlink: 87, _, Names;
    symlink: 88, _, Names;
    readlink: 89, _, Allowed;
    chmod: 90, _, Attribute;
    fchmod: 91, 52, Attribute;
    chown: 92, _, Attribute;
    fchown: 93, 55, Attribute;
    lchown: 94, _, Attribute;
    umask: 95, 166, Allowed;
    gettimeofday: 96, 169, Allowed;
    getrlimit: 97, 163, Allowed;
    getrusage: 98, 165, Allowed;
    sysinfo: 99, 179, Allowed;
    times: 100, 153, Allowed;
    ptrace: 101, 117, Refused;
    getuid: 102, 174, Allowed;
    getgid: 104, 176, Allowed;
    setuid: 105, 146, Allowed;
    setgid: 106, 144, Allowed;
    geteuid: 107, 175, Allowed;
    getegid: 108, 177, Allowed;
    setpgid: 109, 154, Group;
    getppid: 110, 173, Allowed;
    getpgrp: 111, _, Allowed;
    setsid: 112, 157, Group;
    setreuid: 113, 145, Allowed;
    setregid: 114, 143, Allowed;
    getgroups: 115, 158, Allowed;
    setgroups: 116, 159, Allowed;
    setresuid: 117, 147, Allowed;
    getresuid: 118, 148, Allowed;
    setresgid: 119, 149, Allowed;
    getresgid: 120, 150, Allowed;
    getpgid: 121, 155, Allowed;
    setfsuid: 122, 151, Allowed;
    setfsgid: 123, 152, Allowed;
    getsid: 124, 156, Allowed;
    capget: 125, 90, Allowed;
    capset: 126, 91, Allowed;
    rt_sigpending: 127, 136, Allowed;
    rt_sigtimedwait: 128, 137, Allowed;
    rt_sigqueueinfo: 129, 138, Signal;
    rt_sigsuspend: 130, 133, Allowed;
    sigaltstack: 131, 132, Allowed;
    utime: 132, _, Attribute;
    mknod: 133, _, Mknod;
    personality: 135, 92, Allowed;
    statfs: 137, 43, Allowed;
    fstatfs: 138, 44, Allowed;
    getpriority: 140, 141, Allowed;
    setpriority: 141, 140, OwnPriority;
    sched_setparam: 142, 118, OnlySelf;
    sched_getparam: 143, 121, Allowed;
    sched_setscheduler: 144, 119, OnlySelf;
    sched_getscheduler: 145, 120, Allowed;
    sched_get_priority_max: 146, 125, Allowed;
    sched_get_priority_min: 147, 126, Allowed;
    sched_rr_get_interval: 148, 127, Allowed;
    mlock: 149, 228, Allowed;
    munlock: 150, 229, Allowed;
    mlockall: 151, 230, Allowed;
    munlockall: 152, 231, Allowed;
    pivot_root: 155, 41, Refused;
    prctl: 157, 167, Prctl;
    arch_prctl: 158, _, Allowed;
    setrlimit: 160, 164, OwnLimits;
    chroot: 161, 51, Refused;
    sync: 162, 81, Allowed;
    mount: 165, 40, Refused;
    umount2: 166, 39, Refused;
    gettid: 186, 178, Allowed;
    readahead: 187, 213, Allowed;
    setxattr: 188, 5, ExtendedAttribute;
    lsetxattr: 189, 6, ExtendedAttribute;
    fsetxattr: 190, 7, ExtendedAttribute;
    getxattr: 191, 8, ExtendedAttribute;
    lgetxattr: 192, 9, ExtendedAttribute;
    fgetxattr: 193, 10, ExtendedAttribute;
    listxattr: 194, 11, ExtendedAttribute;
    llistxattr: 195, 12, ExtendedAttribute;
    flistxattr: 196, 13, ExtendedAttribute;
    removexattr: 197, 14, ExtendedAttribute;
    lremovexattr: 198, 15, ExtendedAttribute;
    fremovexattr: 199, 16, ExtendedAttribute;
    tkill: 200, 130, Signal;
    time: 201, _, Allowed;
    futex: 202, 98, Allowed;
    sched_setaffinity: 203, 122, OnlySelf;
    sched_getaffinity: 204, 123, Allowed;
    set_thread_area: 205, _, Allowed;
    get_thread_area: 211, _, Allowed;
    epoll_create: 213, _, Allowed;
    remap_file_pages: 216, 234, Allowed;
    getdents64: 217, 61, List;
    set_tid_address: 218, 96, Allowed;
    restart_syscall: 219, 128, Allowed;
    fadvise64: 221, 223, Allowed;
    timer_create: 222, 107, Allowed;
    timer_settime: 223, 110, Allowed;
    timer_gettime: 224, 108, Allowed;
    timer_getoverrun: 225, 109, Allowed;
    timer_delete: 226, 111, Allowed;
    clock_gettime: 228, 113, Allowed;
    clock_getres: 229, 114, Allowed;
    clock_nanosleep: 230, 115, Allowed;
    exit_group: 231, 94, Allowed;
    epoll_wait: 232, _, Allowed;
    epoll_ctl: 233, 21, Allowed;
    tgkill: 234, 131, Signal;
    utimes: 235, _, Attribute;
    mbind: 237, 235, Allowed;
    set_mempolicy: 238, 237, Allowed;
    get_mempolicy: 239, 236, Allowed;
    waitid: 247, 95, Allowed;
    add_key: 248, 217, Refused;
    request_key: 249, 218, Refused;
    keyctl: 250, 219, Refused;
    ioprio_set: 251, 30, Refused;
    ioprio_get: 252, 31, Allowed;
    openat: 257, 56, OpenAt;
    mkdirat: 258, 34, Names;
    mknodat: 259, 33, MknodAt;
    fchownat: 260, 54, Attribute;
    futimesat: 261, _, Attribute;
    newfstatat: 262, 79, Allowed;
    unlinkat: 263, 35, Names;
    renameat: 264, 38, Names;
    linkat: 265, 37, Names;
    symlinkat: 266, 36, Names;
    readlinkat: 267, 78, Allowed;
    fchmodat: 268, 53, Attribute;
    faccessat: 269, 48, Allowed;
    pselect6: 270, 72, Allowed;
    ppoll: 271, 73, Allowed;
    unshare: 272, 97, Refused;
    set_robust_list: 273, 99, Begin;
    get_robust_list: 274, 100, Allowed;
    splice: 275, 76, Allowed;
    tee: 276, 77, Allowed;
    sync_file_range: 277, 84, Allowed;
    vmsplice: 278, 75, Allowed;
    utimensat: 280, 88, Attribute;
    epoll_pwait: 281, 22, Allowed;
    signalfd: 282, _, Allowed;
    timerfd_create: 283, 85, Allowed;
    eventfd: 284, _, Allowed;
    fallocate: 285, 47, Allowed;
    timerfd_settime: 286, 86, Allowed;
    timerfd_gettime: 287, 87, Allowed;
    accept4: 288, 242, Network;
    signalfd4: 289, 74, Allowed;
    eventfd2: 290, 19, Allowed;
    epoll_create1: 291, 20, Allowed;
    dup3: 292, 24, Allowed;
    pipe2: 293, 59, Allowed;
    preadv: 295, 69, Allowed;
    pwritev: 296, 70, Allowed;
    rt_tgsigqueueinfo: 297, 240, Signal;
    perf_event_open: 298, 241, Refused;
    recvmmsg: 299, 243, Network;
    prlimit64: 302, 261, Limits;
    syncfs: 306, 267, Allowed;
    sendmmsg: 307, 269, Network;
    setns: 308, 268, Refused;
    getcpu: 309, 168, Allowed;
    process_vm_readv: 310, 270, Refused;
    process_vm_writev: 311, 271, Refused;
    sched_setattr: 314, 274, OnlySelf;
    sched_getattr: 315, 275, Allowed;
    renameat2: 316, 276, Names;
    getrandom: 318, 278, Allowed;
    bpf: 321, 280, Refused;
    membarrier: 324, 283, Allowed;
    mlock2: 325, 284, Allowed;
    copy_file_range: 326, 285, Allowed;
    preadv2: 327, 286, Allowed;
    pwritev2: 328, 287, Allowed;
    pkey_mprotect: 329, 288, Allowed;
    pkey_alloc: 330, 289, Allowed;
    pkey_free: 331, 290, Allowed;
    statx: 332, 291, Allowed;
    rseq: 334, 293, Allowed;
    pidfd_send_signal: 424, 424, Signal;
    pidfd_open: 434, 434, Allowed;
    close_range: 436, 436, Allowed;
    faccessat2: 439, 439, Allowed;
    epoll_pwait2: 441, 441, Allowed;
    landlock_create_ruleset: 444, 444, Allowed;
    landlock_add_rule: 445, 445, Allowed;
    landlock_restrict_self: 446, 446, Allowed;
    futex_waitv: 449, 449, Allowed;
    set_mempolicy_home_node: 450, 450, Allowed;
    cachestat: 451, 451, Allowed;
    fchmodat2: 452, 452, Attribute;
    map_shadow_stack: 453, 453, Allowed;
    futex_wake: 454, 454, Allowed;
    futex_wait: 455, 455, Allowed;
    futex_requeue: 456, 456, Allowed;
    mseal: 462, 462, Allowed;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_number_stands_once() {
        for (architecture, of) in
            [("x86_64", (|call| call.x86_64) as fn(&Call) -> Option<u32>), ("aarch64", |call| call.aarch64)]
        {
            let mut seen = BTreeMap::new();
            for call in CALLS {
                if let Some(number) = of(call) {
                    let other = seen.insert(number, call.name);
                    assert!(other.is_none(), "{architecture} {number}: {} and {}", call.name, other.unwrap());
                }
            }
        }
    }

    /// Compares the numbers with those of the kernel's own headers, if they are installed.
    #[test]
    fn numbers_are_the_headers() {
        let file = match std::env::consts::ARCH {
            "x86_64" => "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
            _ => return,
        };
        let Ok(text) = std::fs::read_to_string(file) else { return };
        let known: BTreeMap<&str, u32> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#define __NR_")?.split_once(' '))
            .filter_map(|(name, number)| Some((name, number.trim().parse().ok()?)))
            .collect();
        for call in CALLS {
            if let Some(number) = known.get(call.name) {
                assert_eq!(call.x86_64, Some(*number), "{}", call.name);
            }
        }
    }
}
