//! Threads run where they are started; clocks are read only for messages.
use std::thread;
use std::time::Instant;

fn main() {
    let begin = Instant::now();
    let worker = thread::spawn(|| 6 * 7);
    println!("cargo:rustc-env=ANSWER={}", worker.join().unwrap());
    let mut parts = vec![1, 2, 3];
    thread::scope(|scope| {
        for part in &mut parts {
            scope.spawn(move || *part *= 2);
        }
    });
    println!("cargo:rustc-env=PARTS={parts:?}");
    println!("took {:?}", begin.elapsed());
    if cfg!(feature = "fails") {
        let failed = thread::spawn(|| panic!("no")).join();
        println!("cargo:rustc-env=FAILED={}", failed.is_err());
    }
}
