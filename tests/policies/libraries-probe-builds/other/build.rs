fn main() { panic!("the script ran") }
