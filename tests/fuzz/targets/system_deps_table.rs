//! `[package.metadata.system-deps]` in a manifest.

#![no_main]

use inert_resolver::discovery::system_deps::metadata;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = metadata::parse(text);
    }
});
