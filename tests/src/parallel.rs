//! Runs cases in parallel, as many as there are processors.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `one` with each number below `count`, each once and in any order.
///
/// # Panics
/// One of the calls panics.
pub fn each(count: usize, one: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    one(at);
                }
            });
        }
    });
}
