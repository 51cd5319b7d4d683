fn main() { panic!("the script of a dependency ran") }
