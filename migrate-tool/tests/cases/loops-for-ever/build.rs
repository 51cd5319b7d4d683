fn main() {
    loop {
        let _ = 1 + 1;
    }
}
