//! How many compilers run at once: Cargo's job tokens, so that a C build fills what the rest of the build leaves.
//!
//! The protocol is GNU make's (its manual, "Job Slots"): one token is ours by right, each further one is a byte read
//! from a pipe, written back when its job ends. The pipe is opened anew through `/proc`, so that not to wait for a token
//! is said to our own descriptor alone and not to everyone who shares Cargo's.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many compilers may run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jobs {
    /// So many, by nobody's leave.
    Threads(usize),
    /// As many as there are tokens: the value of `CARGO_MAKEFLAGS` or `MAKEFLAGS`.
    Jobserver(String),
}

impl Default for Jobs {
    fn default() -> Self {
        Self::Threads(1)
    }
}

/// Does `work` on every item, several at once where jobs allow; stops at the first that fails.
///
/// # Errors
///
/// The failure of one item.
pub fn each<T: Sync, E: Send>(
    items: &[T],
    jobs: &Jobs,
    work: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let queue = Queue { items, next: std::sync::Mutex::new(0), failed: AtomicBool::new(false) };
    let failure = std::sync::Mutex::new(None);
    let run = || {
        while let Some(item) = queue.take() {
            if let Err(error) = work(item) {
                queue.failed.store(true, Ordering::Relaxed);
                lock(&failure).get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| match jobs {
        Jobs::Threads(threads) => {
            (1..*threads.min(&items.len())).for_each(|_| drop(scope.spawn(run)));
            run();
        }
        Jobs::Jobserver(flags) => {
            if items.len() > 1
                && let Some(tokens) = Tokens::open(flags)
            {
                let (run, queue) = (&run, &queue);
                scope.spawn(move || hand_out(&tokens, queue, run));
            }
            run();
        }
    });
    failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).map_or(Ok(()), Err)
}

struct Queue<'a, T> {
    items: &'a [T],
    next: std::sync::Mutex<usize>,
    failed: AtomicBool,
}

impl<'a, T> Queue<'a, T> {
    fn take(&self) -> Option<&'a T> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let mut next = lock(&self.next);
        let item = self.items.get(*next)?;
        *next += 1;
        Some(item)
    }

    fn is_empty(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || *lock(&self.next) >= self.items.len()
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
    #[cfg(target_os = "linux")]
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

    #[cfg(not(target_os = "linux"))]
    fn open(_: &str) -> Option<Self> {
        None
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn every_item_once_and_the_first_failure_stops() {
        for threads in [1, 3, 100] {
            let sum = AtomicUsize::new(0);
            let items: Vec<usize> = (1..=100).collect();
            let done: Result<(), ()> = each(&items, &Jobs::Threads(threads), |item| {
                sum.fetch_add(*item, Ordering::Relaxed);
                Ok(())
            });
            assert_eq!((done, sum.into_inner()), (Ok(()), 5050));
        }
        let ran = AtomicUsize::new(0);
        let failed = each(&[1, 2, 3], &Jobs::Threads(1), |item| {
            ran.fetch_add(1, Ordering::Relaxed);
            if *item == 2 { Err("two") } else { Ok(()) }
        });
        assert_eq!((failed, ran.into_inner()), (Err("two"), 2));
    }

    // A fifo with three tokens in it: never more than four jobs at once, and the tokens are there again afterwards.
    #[cfg(target_os = "linux")]
    #[test]
    #[expect(clippy::disallowed_methods, reason = "mkfifo has no function in std")]
    fn takes_tokens_and_gives_them_back() {
        let folder = std::env::temp_dir().join(format!("inert-jobs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let fifo = folder.join("tokens");
        let _ = std::fs::remove_file(&fifo);
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
        let both = std::fs::OpenOptions::new().read(true).write(true).open(&fifo).expect("the fifo");
        (&both).write_all(b"+++").expect("room");
        let jobs = Jobs::Jobserver(format!("-j --jobserver-auth=fifo:{}", fifo.display()));
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..40).collect();
        let done: Result<(), ()> = each(&items, &jobs, |_| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(5));
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        });
        assert_eq!(done, Ok(()));
        assert!((2..=4).contains(&most.into_inner()));
        let mut left = [0; 3];
        (&both).read_exact(&mut left).expect("three tokens");
        assert_eq!(&left, b"+++");
        std::fs::remove_dir_all(&folder).expect("ours");
    }
}
