fn main() {
    println!("{}", dep::answer());
}
