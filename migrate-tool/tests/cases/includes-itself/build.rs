mod inner {
    include!("build.rs");
}

fn main() {}
