fn main() {
    inert_build::build_script();
}
