fn main() {
    cc::Build::new().files(["c/a.c", "c/b.c", "c/c.c", "c/d.c"]).compile("case");
}
