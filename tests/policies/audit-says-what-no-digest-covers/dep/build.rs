fn main() {
    helper::help!();
}
