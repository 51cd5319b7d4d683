//! The tokens of Linux: bytes in a pipe or a fifo. A pipe is opened anew through `/proc`, so that not to wait for a token is
//! said to our own descriptor alone and not to everyone who shares Cargo's.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use super::Queue;

/// Does the work, with a further worker for each token that can be had meanwhile.
pub(super) fn beside<T: Sync>(flags: &str, queue: &Queue<'_, T>, run: &(impl Fn() + Sync)) {
    let tokens = Tokens::open(flags);
    std::thread::scope(|scope| {
        if let Some(tokens) = &tokens {
            scope.spawn(move || hand_out(tokens, queue, run));
        }
        run();
    });
}

const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(16);

/// Starts a worker for each token that can be had while there is work left; every token goes back.
fn hand_out<T: Sync>(tokens: &Tokens, queue: &Queue<'_, T>, run: &(impl Fn() + Sync)) {
    // A token comes free when a process of Cargo's ends, and none lives less than some milliseconds: asked for often at
    // first, then seldom.
    let mut pause = SHORTEST;
    std::thread::scope(|scope| {
        while !queue.is_empty() {
            match tokens.take() {
                Some(token) => {
                    pause = SHORTEST;
                    scope.spawn(move || {
                        run();
                        tokens.give_back(token);
                    });
                }
                None => {
                    std::thread::sleep(pause);
                    pause = (pause * 3 / 2).min(LONGEST);
                }
            }
        }
    });
}

struct Tokens {
    read: std::fs::File,
    write: std::fs::File,
}

impl Tokens {
    /// The pipe of `--jobserver-auth=R,W` or the fifo of `--jobserver-auth=fifo:PATH`; none where it cannot be had
    /// without waiting, and the one job of ours is then all.
    fn open(flags: &str) -> Option<Self> {
        use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
        const NONBLOCK: i32 = 0o4000; // O_NONBLOCK on Linux
        let named = |flag: &str| flags.split_whitespace().rev().find_map(|word| word.strip_prefix(flag));
        let auth = named("--jobserver-auth=").or_else(|| named("--jobserver-fds="))?;
        let (read, write) = match auth.strip_prefix("fifo:") {
            Some(path) => (path.to_owned(), path.to_owned()),
            None => {
                let (read, write) = auth.split_once(',')?;
                let descriptor =
                    |number: &str| Some(format!("/proc/self/fd/{}", number.parse::<u32>().ok()?));
                (descriptor(read)?, descriptor(write)?)
            }
        };
        let read = std::fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open(read).ok()?;
        let write = std::fs::OpenOptions::new().write(true).open(write).ok()?;
        // A descriptor of that number that is no pipe is somebody else's.
        let is_pipe = |file: &std::fs::File| file.metadata().is_ok_and(|m| m.file_type().is_fifo());
        (is_pipe(&read) && is_pipe(&write)).then_some(Self { read, write })
    }

    fn take(&self) -> Option<u8> {
        let mut byte = [0];
        match (&self.read).read(&mut byte) {
            Ok(1) => Some(byte[0]),
            _ => None,
        }
    }

    fn give_back(&self, token: u8) {
        // Nobody is left to be told where Cargo has gone.
        let _ = (&self.write).write_all(&[token]);
    }
}
