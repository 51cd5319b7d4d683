//! One `.pc` file, and the same bytes as a personality file and as a list of requirements.

#![no_main]

use std::path::Path;

use inert_resolver::pkgconf::{Personality, compare_versions, parse_dependencies, parse_file};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parse_file(Path::new("/pc/x.pc"), bytes);
    let _ = Personality::parse(bytes);
    let list = parse_dependencies(&String::from_utf8_lossy(bytes));
    for pair in list.windows(2) {
        let order = compare_versions(&pair[0].module, &pair[1].module);
        assert_eq!(order.reverse(), compare_versions(&pair[1].module, &pair[0].module));
    }
});
