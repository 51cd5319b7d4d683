fn main() {
    dep::answer();
}
