//! Unpredictable names.

use std::fs;
use std::io::{self, Read as _};

/// Returns 128 random bits as hexadecimal text. They come from the standard library's seeds of hash maps, and from the
/// system if it has a file of random bytes.
///
/// # Errors
/// The system's file of random bytes cannot be read.
pub fn nonce() -> io::Result<String> {
    use std::hash::{BuildHasher as _, Hasher as _};
    let mut bytes = Vec::new();
    if let Ok(random) = fs::File::open("/dev/urandom") {
        random.take(32).read_to_end(&mut bytes)?;
    }
    for _ in 0..4 {
        let seeded = std::collections::hash_map::RandomState::new();
        bytes.extend(seeded.build_hasher().finish().to_ne_bytes());
    }
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    bytes.extend(time.as_nanos().to_ne_bytes());
    bytes.extend(std::process::id().to_ne_bytes());
    Ok(crate::digest::bytes(&bytes)[..32].to_owned())
}
