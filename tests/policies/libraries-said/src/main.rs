fn main() { println!("one {}, two {}", one::said(), two::said()) }
