fn main() {
    f(1);
}

fn f(n: u64) -> u64 {
    f(n + 1)
}
