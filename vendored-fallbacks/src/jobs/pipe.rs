//! The tokens of Linux: bytes in a pipe or a fifo. A pipe is opened anew through `/proc`, so that non-blocking mode
//! is set on our own descriptor alone and not on the one that all processes share with Cargo.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use super::Queue;

/// Does the work, with a further worker for each token that becomes available meanwhile.
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

/// Starts a worker for each token that is available while there is work left; every token is put back.
fn hand_out<T: Sync>(tokens: &Tokens, queue: &Queue<'_, T>, run: &(impl Fn() + Sync)) {
    // A token becomes available when a process of Cargo's ends, which takes at least some milliseconds: the pipe is
    // read often at first, then less often.
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
    /// Opens the pipe of `--jobserver-auth=R,W` or the fifo of `--jobserver-auth=fifo:PATH`. Returns `None` if it
    /// cannot be opened without blocking; only one job runs at a time then.
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
        // If the descriptor of that number is not a pipe, it does not belong to the job server.
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
        // If Cargo has ended, nobody waits for the token.
        let _ = (&self.write).write_all(&[token]);
    }
}
