//! The tokens of macOS and Windows: a pipe that cannot be opened anew, or a named semaphore. The crate waits for
//! them in a thread that it can wake.

use std::sync::mpsc;

use jobserver::{Acquired, Client};

use super::Queue;

enum Event {
    Token(Acquired),
    Done,
}

/// Does the work, with a further worker for each token that becomes available meanwhile. Without an accessible
/// server, only one job runs at a time.
pub(super) fn beside<T: Sync>(flags: &str, queue: &Queue<'_, T>, run: &(impl Fn() + Sync)) {
    let _ = flags;
    with(client(), queue, run);
}

/// Returns the server that this process was started with.
fn client() -> Option<Client> {
    // This is safe as long as the descriptors in the variable are those that Cargo opened for us. Nothing here
    // closes one or opens another in its place, and the crate checks that they are pipes.
    #[expect(
        unsafe_code,
        reason = "the crate has no other way to the server that a process was started with"
    )]
    unsafe { Client::from_env_ext(true) }.client.ok()
}

pub(super) fn with<T: Sync>(client: Option<Client>, queue: &Queue<'_, T>, run: &(impl Fn() + Sync)) {
    let (send, receive) = mpsc::channel();
    let done = send.clone();
    let heard = move |token: std::io::Result<Acquired>| {
        if let Ok(token) = token {
            let _ = send.send(Event::Token(token));
        }
    };
    let Some(helper) = client.and_then(|client| client.into_helper_thread(heard).ok()) else { return run() };
    std::thread::scope(|scope| {
        scope.spawn(move || {
            helper.request_token();
            // A token that arrives when no work is left is put back when it is dropped.
            while let Ok(Event::Token(token)) = receive.recv()
                && !queue.is_empty()
            {
                scope.spawn(move || {
                    run();
                    drop(token);
                });
                helper.request_token();
            }
        });
        run();
        let _ = done.send(Event::Done);
    });
}
