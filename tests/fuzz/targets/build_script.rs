//! Scripts made by the fuzzer's bytes: what they derive to is what they come to, for any inputs.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inert_migrate_tool::fuzz_generated(bytes));
