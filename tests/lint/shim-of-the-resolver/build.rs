fn main() {
    inert_resolver::build_script();
}
