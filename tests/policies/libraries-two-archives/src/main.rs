fn main() {
    println!("one {}, two {}", one::answer(), two::answer());
}
