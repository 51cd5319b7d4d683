fn main() {
    helper::help();
}
