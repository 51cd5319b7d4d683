// In edition 2015 the path of a `use` begins at the root, whichever module has it.
mod inner {
    pub mod util {
        pub fn name() -> &'static str {
            "of inner"
        }
    }

    use util::name;

    pub fn said() -> &'static str {
        name()
    }
}

mod util {
    pub fn name() -> &'static str {
        "of the root"
    }
}

fn main() {
    println!("cargo:rustc-env=SAID={}", inner::said());
    println!("cargo:rustc-env=OTHER={}", inner::util::name());
}
