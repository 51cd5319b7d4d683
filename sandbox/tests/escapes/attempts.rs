// Attempts to reach things that a build script, a macro or a tool must not reach. The file uses only std, so that a
// build script, a proc macro or a program can include it; each attempt is one row of `ATTEMPTS`, and returns `Ok`
// if it succeeds.

/// The targets of the attempts.
#[allow(dead_code)]
pub struct Victim {
    /// A home: `.ssh/id_rsa`, `.bashrc`, `.profile`, `.cargo/config.toml`, the listening socket `agent.sock`, and
    /// the datagram socket `log.sock`.
    pub home: String,
    /// A build dir: `debug/deps/libvictim-0.rlib`, `debug/build/other-0/out/made`, `.cargo-lock`,
    /// `.inert/sessions/s/environment`.
    pub target: String,
    /// The folder that the attempt may write to.
    pub out: String,
    /// The folder of the attempt's own package.
    pub package: String,
    /// The number of a process outside the sandbox.
    pub pid: i32,
    /// A TCP port on loopback with a listener.
    pub port: u16,
    /// A name in the abstract namespace with a listener.
    pub abstract_name: String,
}

pub type Tried = Result<String, String>;
/// The attempt's name, its requirements, and its function.
pub type Row = (&'static str, Bare, fn(&Victim) -> Tried);

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
    fn fork() -> i32;
    fn setsid() -> i32;
    fn _exit(code: i32) -> !;
    fn close(fd: i32) -> i32;
    fn isatty(fd: i32) -> i32;
    fn getpid() -> i32;
}

fn e(error: impl std::fmt::Display) -> String {
    error.to_string()
}
fn c(text: &str) -> std::ffi::CString {
    std::ffi::CString::new(text).unwrap()
}
fn made(value: i64, what: &str) -> Tried {
    if value < 0 {
        Err(format!("{what}: {}", std::io::Error::last_os_error()))
    } else {
        Ok(format!("{what} = {value}"))
    }
}
fn key(v: &Victim) -> String {
    format!("{}/.ssh/id_rsa", v.home)
}
fn fd(file: &std::fs::File) -> i64 {
    use std::os::fd::AsRawFd;
    file.as_raw_fd() as i64
}
/// Opens a file that may be read but not written.
fn readable(v: &Victim) -> Result<std::fs::File, String> {
    std::fs::File::open(format!("{}/Cargo.toml", v.package)).map_err(e)
}

fn read_key(v: &Victim) -> Tried {
    std::fs::read_to_string(key(v)).map_err(e)
}
fn environ_of_another(v: &Victim) -> Tried {
    std::fs::read(format!("/proc/{}/environ", v.pid)).map_err(e).map(|b| format!("{} bytes", b.len()))
}
fn command_line_of_another(v: &Victim) -> Tried {
    std::fs::read(format!("/proc/{}/cmdline", v.pid)).map_err(e).map(|b| format!("{} bytes", b.len()))
}
fn ptrace_another(v: &Victim) -> Tried {
    made(unsafe { syscall(101, 16i64, v.pid as i64, 0i64, 0i64) }, "ptrace")
}
fn memory_of_another(v: &Victim) -> Tried {
    let mut bytes = [0u8; 8];
    let own = [bytes.as_mut_ptr() as usize, 8];
    let other = [0x1000usize, 8];
    let read = unsafe { syscall(310, v.pid as i64, own.as_ptr(), 1i64, other.as_ptr(), 1i64, 0i64) };
    // EFAULT means that reading was allowed.
    if read >= 0 || std::io::Error::last_os_error().raw_os_error() == Some(14) {
        return Ok("process_vm_readv may read".into());
    }
    Err(e(std::io::Error::last_os_error()))
}
fn append_to_bashrc(v: &Victim) -> Tried {
    use std::io::Write;
    let file = std::fs::OpenOptions::new().append(true).create(true).open(format!("{}/.bashrc", v.home));
    file.and_then(|mut file| file.write_all(b"#x\n")).map_err(e).map(|()| "appended".into())
}
fn write_cargo_config(v: &Victim) -> Tried {
    std::fs::write(format!("{}/.cargo/config.toml", v.home), "[build]\nrustc-wrapper='/x'\n")
        .map_err(e)
        .map(|()| "written".into())
}
fn write_another_rlib(v: &Victim) -> Tried {
    std::fs::write(format!("{}/debug/deps/libvictim-0.rlib", v.target), "x")
        .map_err(e)
        .map(|()| "written".into())
}
fn write_another_out_dir(v: &Victim) -> Tried {
    std::fs::write(format!("{}/debug/build/other-0/out/made", v.target), "x")
        .map_err(e)
        .map(|()| "written".into())
}
fn tcp(v: &Victim) -> Tried {
    std::net::TcpStream::connect(("127.0.0.1", v.port)).map_err(e).map(|_| "connected".into())
}
fn udp(_: &Victim) -> Tried {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").map_err(e)?;
    socket.send_to(b"x", ("127.0.0.1", 53)).map_err(e).map(|_| "sent".into())
}
fn agent_by_path(v: &Victim) -> Tried {
    std::os::unix::net::UnixStream::connect(format!("{}/agent.sock", v.home))
        .map_err(e)
        .map(|_| "connected".into())
}
/// Makes a `struct sockaddr_un` and returns its length.
fn address(path: &[u8]) -> (Vec<u8>, i64) {
    let mut bytes = vec![1u8, 0];
    bytes.extend_from_slice(path);
    let length = bytes.len() as i64;
    (bytes, length)
}
fn agent_by_abstract_name(v: &Victim) -> Tried {
    let socket = unsafe { syscall(41, 1i64, 1i64, 0i64) };
    made(socket, "socket")?;
    let (bytes, length) = address(format!("\0{}", v.abstract_name).as_bytes());
    made(unsafe { syscall(42, socket, bytes.as_ptr(), length) }, "connect")
}
fn datagram_from_a_pair(v: &Victim) -> Tried {
    let mut pair = [0i32; 2];
    made(unsafe { syscall(53, 1i64, 2i64, 0i64, pair.as_mut_ptr()) }, "socketpair")?;
    let (bytes, length) = address(format!("{}/log.sock\0", v.home).as_bytes());
    made(unsafe { syscall(44, pair[0] as i64, b"x".as_ptr(), 1i64, 0i64, bytes.as_ptr(), length) }, "sendto")
}
fn stream_from_a_pair_connects(v: &Victim) -> Tried {
    let mut pair = [0i32; 2];
    made(unsafe { syscall(53, 1i64, 1i64, 0i64, pair.as_mut_ptr()) }, "socketpair")?;
    let (bytes, length) = address(format!("{}/agent.sock\0", v.home).as_bytes());
    made(unsafe { syscall(42, pair[0] as i64, bytes.as_ptr(), length) }, "connect")
}
fn signal_another(v: &Victim) -> Tried {
    made(unsafe { syscall(62, v.pid as i64, 18i64) }, "kill(SIGCONT)")
}
fn signal_another_thread(v: &Victim) -> Tried {
    made(unsafe { syscall(200, v.pid as i64, 18i64) }, "tkill(SIGCONT)")
}
fn signal_by_queue(v: &Victim) -> Tried {
    let mut info = [0u8; 128];
    info[8..12].copy_from_slice(&(-1i32).to_ne_bytes());
    info[0..4].copy_from_slice(&18i32.to_ne_bytes());
    made(unsafe { syscall(129, v.pid as i64, 18i64, info.as_ptr()) }, "rt_sigqueueinfo")
}
fn signal_by_descriptor(v: &Victim) -> Tried {
    let held = unsafe { syscall(434, v.pid as i64, 0i64) };
    made(held, "pidfd_open")?;
    made(unsafe { syscall(424, held, 18i64, 0i64, 0i64) }, "pidfd_send_signal")
}
fn start_sh(_: &Victim) -> Tried {
    std::process::Command::new("/bin/sh").args(["-c", "exit 0"]).status().map_err(e).map(|s| s.to_string())
}
fn memory_file(_: &Victim) -> Tried {
    made(unsafe { syscall(319, c("x").as_ptr(), 0i64) }, "memfd_create")
}
fn io_uring(_: &Victim) -> Tried {
    let parameters = [0u8; 256];
    made(unsafe { syscall(425, 4i64, parameters.as_ptr()) }, "io_uring_setup")
}
fn by_symlink(v: &Victim) -> Tried {
    let link = format!("{}/l", v.out);
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(key(v), &link).map_err(e)?;
    std::fs::read_to_string(&link).map_err(e)
}
fn by_hard_link(v: &Victim) -> Tried {
    let link = format!("{}/h", v.out);
    let _ = std::fs::remove_file(&link);
    std::fs::hard_link(key(v), &link).map_err(e)?;
    std::fs::read_to_string(&link).map_err(e)
}
fn by_another_root(v: &Victim) -> Tried {
    std::fs::read_to_string(format!("/proc/{}/root{}", v.pid, key(v))).map_err(e)
}
fn descriptors_of_another(v: &Victim) -> Tried {
    std::fs::read_dir(format!("/proc/{}/fd", v.pid)).map_err(e).map(|d| format!("{} descriptors", d.count()))
}
fn type_into_the_terminal(_: &Victim) -> Tried {
    if unsafe { isatty(0) } == 0 {
        return Err("no terminal".into());
    }
    made(unsafe { syscall(16, 0i64, 0x5412i64, b"x".as_ptr()) }, "TIOCSTI")
}
fn daemon(v: &Victim) -> Tried {
    unsafe {
        let child = fork();
        if child < 0 {
            return Err(e(std::io::Error::last_os_error()));
        }
        if child == 0 {
            setsid();
            if fork() != 0 {
                _exit(0)
            }
            for number in 0..3 {
                close(number);
            }
            std::thread::sleep(std::time::Duration::from_millis(700));
            let _ = std::fs::write(format!("{}/after-the-build", v.out), "x");
            _exit(0)
        }
    }
    Ok("forked: is there a file `after-the-build` a second later?".into())
}
fn loader_runs_a_file(v: &Victim) -> Tried {
    let copy = format!("{}/copy", v.out);
    std::fs::copy("/bin/true", &copy).map_err(e)?;
    std::process::Command::new("/lib64/ld-linux-x86-64.so.2")
        .arg(&copy)
        .status()
        .map_err(e)
        .map(|s| s.to_string())
}
fn chmod(v: &Victim) -> Tried {
    made(unsafe { syscall(90, c(&key(v)).as_ptr(), 0o644i64) }, "chmod")
}
fn chmod_newest(v: &Victim) -> Tried {
    made(unsafe { syscall(452, -100i64, c(&key(v)).as_ptr(), 0o644i64, 0i64) }, "fchmodat2")
}
fn chmod_through_a_link(v: &Victim) -> Tried {
    let link = format!("{}/to-key", v.out);
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(key(v), &link).map_err(e)?;
    made(unsafe { syscall(90, c(&link).as_ptr(), 0o644i64) }, "chmod")
}
fn chmod_while_a_link_changes(v: &Victim) -> Tried {
    // Two names are exchanged all the time: the file that is checked must be the file that is changed.
    let (inner, outer, name) = (format!("{}/inner", v.out), key(v), format!("{}/name", v.out));
    std::fs::write(&inner, "").map_err(e)?;
    let mode = || {
        std::fs::metadata(&outer).map(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o777)
    };
    let before = mode().map_err(e)?;
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                for to in [&inner, &outer] {
                    let next = format!("{name}.next");
                    let _ = std::fs::remove_file(&next);
                    let _ = std::os::unix::fs::symlink(to, &next);
                    let _ = std::fs::rename(&next, &name);
                }
            }
        });
        let until = std::time::Instant::now() + std::time::Duration::from_millis(200);
        while std::time::Instant::now() < until {
            unsafe { syscall(90, c(&name).as_ptr(), 0o604i64) };
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    if mode().map_err(e)? != before { Ok("changed".into()) } else { Err("unchanged".into()) }
}
fn chmod_of_what_is_read(v: &Victim) -> Tried {
    let file = readable(v)?;
    made(unsafe { syscall(91, fd(&file), 0o606i64) }, "fchmod")
}
fn chown_of_what_is_read(v: &Victim) -> Tried {
    use std::os::unix::fs::MetadataExt;
    let file = readable(v)?;
    let is = file.metadata().map_err(e)?;
    made(unsafe { syscall(93, fd(&file), is.uid() as i64, is.gid() as i64) }, "fchown")
}
fn times_of_what_is_read(v: &Victim) -> Tried {
    let file = readable(v)?;
    let times = [1i64, 0, 1, 0];
    made(unsafe { syscall(280, fd(&file), 0i64, times.as_ptr(), 0i64) }, "futimens")
}
fn times_by_the_oldest_call(v: &Victim) -> Tried {
    let times = [1i64, 1];
    made(unsafe { syscall(132, c(&key(v)).as_ptr(), times.as_ptr()) }, "utime")
}
fn times_by_an_old_call(v: &Victim) -> Tried {
    let times = [1i64, 0, 1, 0];
    made(unsafe { syscall(235, c(&key(v)).as_ptr(), times.as_ptr()) }, "utimes")
}
fn times_from_a_folder(v: &Victim) -> Tried {
    let times = [1i64, 0, 1, 0];
    made(unsafe { syscall(261, -100i64, c(&key(v)).as_ptr(), times.as_ptr()) }, "futimesat")
}
fn times_by_path(v: &Victim) -> Tried {
    made(unsafe { syscall(280, -100i64, c(&key(v)).as_ptr(), 0i64, 0i64) }, "utimensat")
}
fn times_of_a_named_descriptor(v: &Victim) -> Tried {
    let held = unsafe { syscall(257, -100i64, c(&key(v)).as_ptr(), 0o10000000i64, 0i64) };
    made(held, "open(O_PATH)")?;
    made(unsafe { syscall(280, held, c("").as_ptr(), 0i64, 0x1000i64) }, "utimensat(AT_EMPTY_PATH)")
}
fn attribute(v: &Victim) -> Tried {
    made(
        unsafe { syscall(188, c(&key(v)).as_ptr(), c("user.x").as_ptr(), b"x".as_ptr(), 1i64, 0i64) },
        "setxattr",
    )
}
fn attribute_of_what_is_read(v: &Victim) -> Tried {
    let file = readable(v)?;
    made(unsafe { syscall(190, fd(&file), c("user.x").as_ptr(), b"x".as_ptr(), 1i64, 0i64) }, "fsetxattr")
}
fn attribute_by_the_newest_call(v: &Victim) -> Tried {
    let value = [b"x".as_ptr() as u64, 1];
    made(
        unsafe {
            syscall(463, -100i64, c(&key(v)).as_ptr(), 0i64, c("user.y").as_ptr(), value.as_ptr(), 16i64)
        },
        "setxattrat",
    )
}
fn file_attributes(v: &Victim) -> Tried {
    let attributes = [0u8; 24];
    made(
        unsafe { syscall(469, -100i64, c(&key(v)).as_ptr(), attributes.as_ptr(), 24i64, 0i64) },
        "file_setattr",
    )
}
fn flags_of_what_is_read(v: &Victim) -> Tried {
    let file = readable(v)?;
    let mut flags = 0u64;
    made(unsafe { syscall(16, fd(&file), 0x8008_6601i64, &mut flags as *mut u64) }, "FS_IOC_GETFLAGS")?;
    made(unsafe { syscall(16, fd(&file), 0x4008_6602i64, &flags as *const u64) }, "FS_IOC_SETFLAGS")
}
fn rename_over(v: &Victim) -> Tried {
    let own = format!("{}/own", v.out);
    std::fs::write(&own, "x").map_err(e)?;
    std::fs::rename(&own, format!("{}/.profile", v.home)).map_err(e).map(|()| "renamed".into())
}
fn truncate(v: &Victim) -> Tried {
    made(unsafe { syscall(76, c(&format!("{}/.profile", v.home)).as_ptr(), 0i64) }, "truncate")
}
fn empty_by_opening(v: &Victim) -> Tried {
    let path = c(&format!("{}/Cargo.toml", v.package));
    made(unsafe { syscall(257, -100i64, path.as_ptr(), 0o1000i64, 0i64) }, "open(O_RDONLY | O_TRUNC)")
}
fn empty_by_opening_for_nothing(v: &Victim) -> Tried {
    let path = c(&format!("{}/Cargo.toml", v.package));
    made(unsafe { syscall(257, -100i64, path.as_ptr(), 0o1003i64, 0i64) }, "open(3 | O_TRUNC)")
}
fn user_namespace(_: &Victim) -> Tried {
    made(unsafe { syscall(272, 0x1002_0000i64) }, "unshare")
}
fn namespace_by_clone(_: &Victim) -> Tried {
    let child = unsafe { syscall(56, 0x1000_0011i64, 0i64, 0i64, 0i64, 0i64) };
    if child == 0 {
        unsafe { _exit(0) }
    }
    made(child, "clone(NEWUSER)")
}
fn namespace_by_clone3(_: &Victim) -> Tried {
    let mut arguments = [0u64; 11];
    arguments[0] = 0x1000_0000;
    arguments[4] = 17;
    let child = unsafe { syscall(435, arguments.as_ptr(), 88i64) };
    if child == 0 {
        unsafe { _exit(0) }
    }
    made(child, "clone3(NEWUSER)")
}
fn write_into_the_package(v: &Victim) -> Tried {
    std::fs::write(format!("{}/planted.rs", v.package), "x").map_err(e).map(|()| "written".into())
}
fn inherited_descriptors(_: &Victim) -> Tried {
    let mut found = String::new();
    for number in 3..256i64 {
        let mut status = [0u8; 256];
        if unsafe { syscall(5, number, status.as_mut_ptr()) } == 0 {
            found += &format!("{number} ");
        }
    }
    if found.is_empty() { Err("none".into()) } else { Ok(found) }
}
fn limits_of_another(v: &Victim) -> Tried {
    let mut limit = [0u64; 2];
    made(unsafe { syscall(302, v.pid as i64, 4i64, 0i64, limit.as_mut_ptr()) }, "prlimit(get)")?;
    made(unsafe { syscall(302, v.pid as i64, 4i64, limit.as_ptr(), 0i64) }, "prlimit(set)")
}
fn priority_of_another(v: &Victim) -> Tried {
    made(unsafe { syscall(141, 0i64, v.pid as i64, 19i64) }, "setpriority")
}
fn affinity_of_another(v: &Victim) -> Tried {
    let mut mask = [0u64; 16];
    made(unsafe { syscall(204, v.pid as i64, 128i64, mask.as_mut_ptr()) }, "sched_getaffinity")?;
    made(unsafe { syscall(203, v.pid as i64, 128i64, mask.as_ptr()) }, "sched_setaffinity")
}
fn secret_variable(_: &Victim) -> Tried {
    std::env::var("CARGO_REGISTRY_TOKEN").map_err(e)
}
fn keyring(_: &Victim) -> Tried {
    made(unsafe { syscall(250, 0i64, -3i64, 1i64) }, "keyctl")
}
fn shared_memory(_: &Victim) -> Tried {
    made(unsafe { syscall(29, 0x77i64, 4096i64, 0o1666i64) }, "shmget")
}
fn message_queue(_: &Victim) -> Tried {
    made(unsafe { syscall(240, c("inert-escape").as_ptr(), 0o102i64, 0o600i64, 0i64) }, "mq_open")
}
fn status_of_the_key(v: &Victim) -> Tried {
    std::fs::metadata(key(v)).map_err(e).map(|m| format!("{} bytes", m.len()))
}
fn watch_the_home(v: &Victim) -> Tried {
    let watch = unsafe { syscall(294, 0i64) };
    made(watch, "inotify_init1")?;
    made(unsafe { syscall(254, watch, c(&v.home).as_ptr(), 0xfffi64) }, "inotify_add_watch")
}
fn device_node(v: &Victim) -> Tried {
    let path = format!("{}/device", v.out);
    made(unsafe { syscall(133, c(&path).as_ptr(), 0o60600i64, 0x800i64) }, "mknod")
}
fn x32_call(_: &Victim) -> Tried {
    made(unsafe { syscall(0x4000_0000 + 41, 2i64, 1i64, 0i64) }, "x32 socket")
}
fn i386_call(_: &Victim) -> Tried {
    #[cfg(target_arch = "x86_64")]
    unsafe {
        // The call is getpid, by the old entry of 32-bit programs.
        let result: i32;
        std::arch::asm!("int 0x80", inlateout("eax") 20i32 => result, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
        if result == getpid() {
            return Ok("an i386 call was made".into());
        }
    }
    Err("none".into())
}
fn shared_tmp(_: &Victim) -> Tried {
    let path = "/tmp/planted-by-a-build-script";
    std::fs::write(path, "x").map_err(e)?;
    let _ = std::fs::remove_file(path);
    Ok("wrote /tmp".into())
}
fn shared_memory_file(_: &Victim) -> Tried {
    let path = "/dev/shm/planted-by-a-build-script";
    std::fs::write(path, "x").map_err(e)?;
    let _ = std::fs::remove_file(path);
    Ok("wrote /dev/shm".into())
}
fn cargos_lock(v: &Victim) -> Tried {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(format!("{}/.cargo-lock", v.target))
        .map_err(e)?;
    made(unsafe { syscall(73, fd(&file), 6i64) }, "flock")
}
fn list_the_home(v: &Victim) -> Tried {
    std::fs::read_dir(&v.home).map_err(e).map(|d| format!("{} names", d.count()))
}
fn open_by_openat2(v: &Victim) -> Tried {
    let how = [0u64, 0, 0];
    made(unsafe { syscall(437, -100i64, c(&key(v)).as_ptr(), how.as_ptr(), 24i64) }, "openat2")
}
fn open_by_handle(v: &Victim) -> Tried {
    let mut handle = [0u8; 136];
    handle[..4].copy_from_slice(&128u32.to_ne_bytes());
    let mut mount = 0i32;
    made(
        unsafe {
            syscall(303, -100i64, c(&key(v)).as_ptr(), handle.as_mut_ptr(), &mut mount as *mut i32, 0i64)
        },
        "name_to_handle_at",
    )
}
fn owner_of_signals(v: &Victim) -> Tried {
    let mut pipe = [0i32; 2];
    unsafe { syscall(293, pipe.as_mut_ptr(), 0i64) };
    made(unsafe { syscall(72, pipe[0] as i64, 8i64, v.pid as i64) }, "F_SETOWN")
}
fn owner_of_signals_by_request(v: &Victim) -> Tried {
    let mut pipe = [0i32; 2];
    made(unsafe { syscall(53, 1i64, 1i64, 0i64, pipe.as_mut_ptr()) }, "socketpair")?;
    made(unsafe { syscall(16, pipe[0] as i64, 0x8901i64, &v.pid as *const i32) }, "FIOSETOWN")
}
fn sessions(v: &Victim) -> Tried {
    std::fs::read_to_string(format!("{}/.inert/sessions/s/environment", v.target)).map_err(e)
}
fn set_id_file(v: &Victim) -> Tried {
    let path = format!("{}/set-id", v.out);
    let _ = std::fs::remove_file(&path);
    made(unsafe { syscall(257, -100i64, c(&path).as_ptr(), 0o101i64, 0o4755i64) }, "open(04755)")
}
fn set_id_by_chmod(v: &Victim) -> Tried {
    let path = format!("{}/set-id-later", v.out);
    std::fs::write(&path, "").map_err(e)?;
    made(unsafe { syscall(90, c(&path).as_ptr(), 0o4755i64) }, "chmod(04755)")
}
fn writable_to_all(v: &Victim) -> Tried {
    use std::os::unix::fs::PermissionsExt;
    let path = format!("{}/open-to-all", v.out);
    std::fs::write(&path, "").map_err(e)?;
    made(unsafe { syscall(90, c(&path).as_ptr(), 0o777i64) }, "chmod(0777)")?;
    let mode = std::fs::metadata(&path).map_err(e)?.permissions().mode();
    if mode & 0o022 != 0 { Ok(format!("{mode:o}")) } else { Err(format!("{mode:o}")) }
}
fn tracer_by_prctl(v: &Victim) -> Tried {
    made(unsafe { syscall(157, 0x5961_6d61i64, v.pid as i64, 0i64, 0i64, 0i64) }, "PR_SET_PTRACER")
}
fn descriptor_of_another(v: &Victim) -> Tried {
    let held = unsafe { syscall(434, v.pid as i64, 0i64) };
    made(held, "pidfd_open")?;
    made(unsafe { syscall(438, held, 0i64, 0i64) }, "pidfd_getfd")
}
fn performance_counters(v: &Victim) -> Tried {
    let mut attributes = [0u8; 128];
    attributes[0] = 1;
    attributes[4] = 128;
    made(unsafe { syscall(298, attributes.as_ptr(), v.pid as i64, -1i64, -1i64, 0i64) }, "perf_event_open")
}
fn mount(v: &Victim) -> Tried {
    // The folder does not exist: permission is checked before that, and nothing remains mounted.
    let at = c(&format!("{}/no-such-folder", v.out));
    let done = unsafe { syscall(165, c("x").as_ptr(), at.as_ptr(), c("tmpfs").as_ptr(), 0i64, 0i64) };
    if done < 0 && std::io::Error::last_os_error().raw_os_error() != Some(2) {
        return Err(e(std::io::Error::last_os_error()));
    }
    Ok("mount".into())
}

fn change_root(v: &Victim) -> Tried {
    let child = unsafe { fork() };
    if child < 0 {
        return Err(e(std::io::Error::last_os_error()));
    }
    if child == 0 {
        let done = unsafe { syscall(161, c(&v.out).as_ptr()) };
        unsafe { _exit(if done == 0 { 0 } else { 1 }) }
    }
    let mut status = 0i32;
    unsafe { syscall(61, child as i64, &mut status as *mut i32, 0i64, 0i64) };
    if status == 0 { Ok("chroot".into()) } else { Err("refused".into()) }
}

/// The requirements for an attempt to succeed without confinement.
#[allow(dead_code)]
#[derive(Clone, Copy, PartialEq)]
pub enum Bare {
    /// The attempt always succeeds.
    Through,
    /// The attempt needs a kernel, a file system or a terminal that may be missing, or root.
    Depends,
}

/// Every attempt, by its name.
pub const ATTEMPTS: &[Row] = &[
    ("read-key", Bare::Through, read_key),
    ("environ-of-another", Bare::Through, environ_of_another),
    ("command-line-of-another", Bare::Through, command_line_of_another),
    ("ptrace-another", Bare::Depends, ptrace_another),
    ("memory-of-another", Bare::Depends, memory_of_another),
    ("append-to-bashrc", Bare::Through, append_to_bashrc),
    ("write-cargo-config", Bare::Through, write_cargo_config),
    ("write-another-rlib", Bare::Through, write_another_rlib),
    ("write-another-out-dir", Bare::Through, write_another_out_dir),
    ("tcp", Bare::Through, tcp),
    ("udp", Bare::Through, udp),
    ("agent-by-path", Bare::Through, agent_by_path),
    ("agent-by-abstract-name", Bare::Through, agent_by_abstract_name),
    ("datagram-from-a-pair", Bare::Through, datagram_from_a_pair),
    ("stream-from-a-pair-connects", Bare::Depends, stream_from_a_pair_connects),
    ("signal-another", Bare::Through, signal_another),
    ("signal-another-thread", Bare::Through, signal_another_thread),
    ("signal-by-queue", Bare::Through, signal_by_queue),
    ("signal-by-descriptor", Bare::Through, signal_by_descriptor),
    ("start-sh", Bare::Through, start_sh),
    ("memory-file", Bare::Through, memory_file),
    ("io-uring", Bare::Depends, io_uring),
    ("by-symlink", Bare::Through, by_symlink),
    ("by-hard-link", Bare::Through, by_hard_link),
    ("by-another-root", Bare::Through, by_another_root),
    ("descriptors-of-another", Bare::Through, descriptors_of_another),
    ("type-into-the-terminal", Bare::Depends, type_into_the_terminal),
    ("daemon", Bare::Through, daemon),
    ("loader-runs-a-file", Bare::Through, loader_runs_a_file),
    ("chmod", Bare::Through, chmod),
    ("chmod-newest", Bare::Depends, chmod_newest),
    ("chmod-through-a-link", Bare::Through, chmod_through_a_link),
    ("chmod-while-a-link-changes", Bare::Through, chmod_while_a_link_changes),
    ("chmod-of-what-is-read", Bare::Through, chmod_of_what_is_read),
    ("chown-of-what-is-read", Bare::Through, chown_of_what_is_read),
    ("times-of-what-is-read", Bare::Through, times_of_what_is_read),
    ("times-by-the-oldest-call", Bare::Through, times_by_the_oldest_call),
    ("times-by-an-old-call", Bare::Through, times_by_an_old_call),
    ("times-from-a-folder", Bare::Through, times_from_a_folder),
    ("times-by-path", Bare::Through, times_by_path),
    ("times-of-a-named-descriptor", Bare::Depends, times_of_a_named_descriptor),
    ("attribute", Bare::Depends, attribute),
    ("attribute-of-what-is-read", Bare::Depends, attribute_of_what_is_read),
    ("attribute-by-the-newest-call", Bare::Depends, attribute_by_the_newest_call),
    ("file-attributes", Bare::Depends, file_attributes),
    ("flags-of-what-is-read", Bare::Depends, flags_of_what_is_read),
    ("rename-over", Bare::Through, rename_over),
    ("truncate", Bare::Through, truncate),
    ("empty-by-opening", Bare::Through, empty_by_opening),
    ("empty-by-opening-for-nothing", Bare::Through, empty_by_opening_for_nothing),
    ("user-namespace", Bare::Depends, user_namespace),
    ("namespace-by-clone", Bare::Depends, namespace_by_clone),
    ("namespace-by-clone3", Bare::Depends, namespace_by_clone3),
    ("write-into-the-package", Bare::Through, write_into_the_package),
    ("inherited-descriptors", Bare::Depends, inherited_descriptors),
    ("limits-of-another", Bare::Depends, limits_of_another),
    ("priority-of-another", Bare::Through, priority_of_another),
    ("affinity-of-another", Bare::Through, affinity_of_another),
    ("secret-variable", Bare::Through, secret_variable),
    ("keyring", Bare::Depends, keyring),
    ("shared-memory", Bare::Depends, shared_memory),
    ("message-queue", Bare::Depends, message_queue),
    ("status-of-the-key", Bare::Through, status_of_the_key),
    ("watch-the-home", Bare::Through, watch_the_home),
    ("device-node", Bare::Depends, device_node),
    ("x32-call", Bare::Depends, x32_call),
    ("i386-call", Bare::Depends, i386_call),
    ("shared-tmp", Bare::Through, shared_tmp),
    ("shared-memory-file", Bare::Depends, shared_memory_file),
    ("cargos-lock", Bare::Through, cargos_lock),
    ("list-the-home", Bare::Through, list_the_home),
    ("open-by-openat2", Bare::Through, open_by_openat2),
    ("open-by-handle", Bare::Depends, open_by_handle),
    ("owner-of-signals", Bare::Through, owner_of_signals),
    ("owner-of-signals-by-request", Bare::Through, owner_of_signals_by_request),
    ("sessions", Bare::Through, sessions),
    ("set-id-file", Bare::Through, set_id_file),
    ("set-id-by-chmod", Bare::Through, set_id_by_chmod),
    ("writable-to-all", Bare::Through, writable_to_all),
    ("tracer-by-prctl", Bare::Depends, tracer_by_prctl),
    ("descriptor-of-another", Bare::Depends, descriptor_of_another),
    ("performance-counters", Bare::Depends, performance_counters),
    ("mount", Bare::Depends, mount),
    ("change-root", Bare::Depends, change_root),
];

/// Makes an attempt by its name, and returns its result as text.
#[allow(dead_code)]
pub fn attempt(name: &str, victim: &Victim) -> String {
    let found = ATTEMPTS.iter().find(|(known, ..)| *known == name);
    match found.map(|(_, _, run)| run(victim)) {
        Some(Ok(what)) => format!("ESCAPED {}", what.escape_debug()),
        Some(Err(why)) => format!("stopped {why}"),
        None => format!("UNKNOWN {name}"),
    }
}
