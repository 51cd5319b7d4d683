//! A folder of `.pc` files: the bytes are cut into files a, b, c, … at every 0x01.

#![no_main]

use std::io;
use std::path::Path;

use inert_resolver::pkgconf::{Client, Config, PcSource, Want, parse_dependencies, render};

struct Files<'a>(Vec<&'a [u8]>);

impl PcSource for Files<'_> {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let at = name.bytes().next().and_then(|letter| letter.checked_sub(b'a')).filter(|_| name.len() == 1);
        at.and_then(|at| self.0.get(usize::from(at)))
            .map(|bytes| bytes.to_vec())
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn read_dir(&mut self, _: &Path) -> io::Result<Vec<String>> {
        Ok((b'a'..).take(self.0.len().min(26)).map(|letter| format!("{}.pc", letter as char)).collect())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut files = Files(bytes.split(|byte| *byte == 1).collect());
    for is_static in [false, true] {
        let config = Config { search_paths: vec!["/pc".into()], is_static, ..Config::default() };
        let mut client = Client::new(&mut files, config);
        if let Ok(answer) = client.query(&parse_dependencies("a"), Want { cflags: true, libs: true }) {
            let _ = render(answer.cflags.iter().chain(&answer.libs));
        }
    }
});
