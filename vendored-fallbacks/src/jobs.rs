//! The number of compilers that run at once: it follows Cargo's job tokens, so that a C build uses the capacity
//! that the rest of the build leaves.
//!
//! The protocol is GNU make's (its manual, "Job Slots"): each process owns one token; each further one is taken
//! from a pipe or a semaphore, and put back when its job ends. On Linux that is [`pipe`], which needs only std;
//! elsewhere `server`, by the crate that Cargo itself uses.

#[cfg(target_os = "linux")]
mod pipe;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", allow(dead_code, reason = "its tests run here too"))]
mod server;

use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(target_os = "linux")]
use pipe as tokens;
#[cfg(not(target_os = "linux"))]
use server as tokens;

/// The limit for compilers that run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jobs {
    /// A fixed number, without job tokens.
    Threads(usize),
    /// As many as there are tokens: the value of `CARGO_MAKEFLAGS` or `MAKEFLAGS`. Outside Linux, this process's
    /// own variable is used.
    Jobserver(String),
}

impl Default for Jobs {
    fn default() -> Self {
        Self::Threads(1)
    }
}

/// Does `work` on every item, several at once as far as jobs allow; stops at the first failure.
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
    match jobs {
        Jobs::Threads(threads) => std::thread::scope(|scope| {
            (1..*threads.min(&items.len())).for_each(|_| drop(scope.spawn(run)));
            run();
        }),
        Jobs::Jobserver(flags) => {
            if items.len() > 1 {
                tokens::beside(flags, &queue, &run);
            } else {
                run();
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

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

    /// Runs forty jobs by `each`, and checks that more than one and at most four run at once.
    fn forty(each: impl Fn(&[usize], &(dyn Fn() + Sync))) {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..40).collect();
        each(&items, &|| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            now.fetch_sub(1, Ordering::SeqCst);
        });
        assert!((2..=4).contains(&most.into_inner()));
    }

    /// Makes a server of three tokens, and checks that all are there again afterwards.
    fn three_tokens(work: impl FnOnce(&jobserver::Client)) {
        let server = jobserver::Client::new(3).expect("a server");
        work(&server);
        let mut left = Vec::new();
        for _ in 0..3 {
            left.push(server.acquire().expect("a token"));
        }
    }

    #[cfg(target_os = "linux")]
    /// Returns the flags that Cargo passes on, made by the crate that it uses: see `configure` there.
    #[expect(clippy::disallowed_methods, reason = "its environment is looked at, it is not started")]
    fn makeflags(server: &jobserver::Client) -> String {
        let mut command = std::process::Command::new("none");
        server.configure_make(&mut command);
        let set = command.get_envs().find(|(name, _)| *name == "CARGO_MAKEFLAGS");
        set.and_then(|(_, value)| value?.to_str().map(str::to_owned)).expect("CARGO_MAKEFLAGS")
    }

    // The pipe belongs to this process; on Linux it is opened by its number.
    #[cfg(target_os = "linux")]
    #[test]
    fn takes_tokens_of_a_pipe_and_gives_them_back() {
        three_tokens(|server| {
            let jobs = Jobs::Jobserver(makeflags(server));
            assert!(matches!(&jobs, Jobs::Jobserver(flags) if !flags.contains("fifo:")));
            forty(|items, job| {
                let done: Result<(), ()> = each(items, &jobs, |_| {
                    job();
                    Ok(())
                });
                assert_eq!(done, Ok(()));
            });
        });
    }

    // This is the way of macOS and Windows, tested on every system.
    #[test]
    fn takes_tokens_of_a_server_and_gives_them_back() {
        three_tokens(|server| {
            forty(|items, job| {
                let queue = Queue { items, next: std::sync::Mutex::new(0), failed: AtomicBool::new(false) };
                let run = || {
                    while queue.take().is_some() {
                        job();
                    }
                };
                server::with(Some(server.clone()), &queue, &run);
                assert!(queue.is_empty());
            });
        });
    }

    #[test]
    fn without_a_server_there_is_one_job() {
        let most = AtomicUsize::new(0);
        let jobs = Jobs::Jobserver("-j --jobserver-auth=fifo:/nowhere/inert".to_owned());
        let threads = std::sync::Mutex::new(std::collections::HashSet::new());
        let done: Result<(), ()> = each(&[1, 2, 3], &jobs, |_| {
            most.fetch_add(1, Ordering::SeqCst);
            threads.lock().expect("no panic").insert(std::thread::current().id());
            Ok(())
        });
        assert_eq!((done, most.into_inner(), threads.into_inner().expect("no panic").len()), (Ok(()), 3, 1));
    }

    // The test uses a fifo with three tokens: at most four jobs run at once, and the tokens are there again
    // afterwards.
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
        std::io::Write::write_all(&mut &both, b"+++").expect("room");
        let jobs = Jobs::Jobserver(format!("-j --jobserver-auth=fifo:{}", fifo.display()));
        forty(|items, job| {
            let done: Result<(), ()> = each(items, &jobs, |_| {
                job();
                Ok(())
            });
            assert_eq!(done, Ok(()));
        });
        let mut left = [0; 3];
        std::io::Read::read_exact(&mut &both, &mut left).expect("three tokens");
        assert_eq!(&left, b"+++");
        std::fs::remove_dir_all(&folder).expect("ours");
    }
}
