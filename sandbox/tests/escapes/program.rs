// The attempts as a program: `attempt NAME HOME TARGET OUT PACKAGE PID PORT ABSTRACT-NAME`.
include!("attempts.rs");

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let victim = Victim {
        home: words[2].clone(),
        target: words[3].clone(),
        out: words[4].clone(),
        package: words[5].clone(),
        pid: words[6].parse().unwrap(),
        port: words[7].parse().unwrap(),
        abstract_name: words[8].clone(),
    };
    if words[1] == "every-call" {
        return every_call(&victim);
    }
    for name in words[1].split(',') {
        println!("{name} {}", attempt(name, &victim));
    }
}

/// Makes every system call by its number, on a file that may only be read and on a path outside, whatever the
/// kernel does with it. Each runs in a process of its own, which is ended after a while.
fn every_call(victim: &Victim) {
    use std::os::fd::AsRawFd;
    unsafe extern "C" {
        fn alarm(seconds: u32) -> u32;
    }
    // These calls would end the process, or wait.
    let skipped = [15i64, 34, 56, 57, 58, 60, 231, 435];
    let path = c(&key(victim));
    let other = c(&format!("{}/.profile", victim.home));
    let read = readable(victim).unwrap();
    // The arguments are numbers, times and sizes: small and plausible.
    let block = [1u64; 64];
    let (p, o, b, f) = (path.as_ptr() as i64, other.as_ptr() as i64, block.as_ptr() as i64, read.as_raw_fd() as i64);
    let forms: [[i64; 6]; 9] = [
        [p, 0o777, 0, 0, 0, 0],
        [p, o, 0o777, 0, 0, 0],
        [p, b, b, 8, 0, 0],
        [-100, p, 0o777, 0, 0, 0],
        [-100, p, b, 0, 0, 0],
        [-100, p, -100, o, 0, 0],
        [f, 0o777, 0o777, 0, 0, 0],
        [f, 0, b, 0, 0, 0],
        [victim.pid as i64, 18, b, 8, 0, 0],
    ];
    for number in (0..640).filter(|number| !skipped.contains(number)) {
        for form in forms {
            unsafe {
                let child = fork();
                assert!(child >= 0);
                if child == 0 {
                    alarm(1);
                    syscall(number, form[0], form[1], form[2], form[3], form[4], form[5]);
                    _exit(0);
                }
                let mut status = 0i32;
                syscall(61, child as i64, &mut status as *mut i32, 0i64, 0i64);
            }
        }
    }
    println!("every-call done");
}
