// Copyright the authors.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // The system's, if it is wanted.
    if !cfg!(feature = "vendored") {
        pkg_config::probe_library("demo")?;
        return Ok(());
    }
    #[cfg(feature = "vendored")]
    cc::Build::new().file("demo.c").compile("demo");
    Ok(())
}
