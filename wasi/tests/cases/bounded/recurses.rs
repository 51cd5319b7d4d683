fn main() {
    fn f(n: u64) -> u64 { if std::hint::black_box(n) == u64::MAX { 0 } else { f(n + 1) + std::hint::black_box(1) } } println!("{}", f(0));
}
