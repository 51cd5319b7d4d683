// Attempts to get out of the outer fence, for build scripts and macros that nothing else confines: std alone.

/// Tries each, and returns the names of those that succeed. `outside` is a folder that nothing of the build lies in.
fn attempts(outside: &str) -> Vec<&'static str> {
    use std::fs;
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    let at = |name: &str| format!("{outside}/{name}");
    let own = std::env::var("ATTEMPTS_OWN").unwrap_or_else(|_| std::env::temp_dir().display().to_string());
    let own = |name: &str| format!("{own}/{name}-{}", std::process::id());
    let pid = fs::read_to_string(at("pid")).unwrap();
    let shell = |text: String| {
        std::process::Command::new("/bin/sh").args(["-c", &text]).output().is_ok_and(|output| output.status.success())
    };
    let tries: Vec<(&'static str, Box<dyn Fn() -> bool + '_>)> = vec![
        ("write-a-file", Box::new(|| fs::write(at("new"), "x").is_ok())),
        ("append-to-a-source", Box::new(|| {
            use std::io::Write;
            fs::OpenOptions::new().append(true).open(at("source.rs")).is_ok_and(|mut file| writeln!(file, "//").is_ok())
        })),
        ("empty-a-file", Box::new(|| fs::File::create(at("emptied")).is_ok())),
        ("make-a-folder", Box::new(|| fs::create_dir(at("folder")).is_ok())),
        ("remove-a-file", Box::new(|| fs::remove_file(at("removed")).is_ok())),
        ("move-a-file-in", Box::new(|| fs::rename(at("moved"), own("moved")).is_ok())),
        ("move-a-file-out", Box::new(|| {
            fs::write(own("out"), "x").unwrap();
            fs::rename(own("out"), at("moved-out")).is_ok()
        })),
        ("link-a-file-and-write", Box::new(|| {
            fs::hard_link(at("linked"), own("linked")).is_ok() && fs::write(own("linked"), "x").is_ok()
        })),
        ("write-by-a-symlink", Box::new(|| {
            std::os::unix::fs::symlink(at("by-a-symlink"), own("symlink")).is_ok() && fs::write(own("symlink"), "x").is_ok()
        })),
        ("write-by-a-shell", Box::new(|| shell(format!("echo x > '{}'", at("by-a-shell"))))),
        ("start-a-cargo", Box::new(|| {
            let cargo = std::env::var("CARGO").unwrap_or("cargo".to_owned());
            let new = std::process::Command::new(cargo).args(["init", "-q", "--vcs=none", &at("initiated")]).output();
            new.is_ok_and(|output| output.status.success())
        })),
        ("listen", Box::new(|| std::net::TcpListener::bind("127.0.0.1:0").is_ok())),
        ("send-a-datagram", Box::new(|| {
            std::net::UdpSocket::bind("127.0.0.1:0").is_ok_and(|socket| socket.send_to(b"x", "127.0.0.1:9").is_ok())
        })),
        ("make-a-socket", Box::new(|| UnixListener::bind(own("socket")).is_ok())),
        ("connect-to-a-socket", Box::new(|| UnixStream::connect(at("socket")).is_ok())),
        ("make-a-datagram-socket", Box::new(|| UnixDatagram::unbound().is_ok())),
        ("signal", Box::new(|| shell(format!("kill -0 {pid}")))),
    ];
    tries.into_iter().filter(|(_, attempt)| attempt()).map(|(name, _)| name).collect()
}
