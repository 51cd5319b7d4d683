include!("build/main.rs");
