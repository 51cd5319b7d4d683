fn main() {
    println!("one {}, two {}, none {}", one::answer(), two::answer(), none::answer());
}
