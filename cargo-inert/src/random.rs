//! Names that nobody can guess.

use std::fs;
use std::io::{self, Read as _};

/// 128 random bits, as text. Taken from the standard library's seeds of hash maps and from the system where it
/// offers a file of random bytes.
///
/// # Errors
/// Never on the systems that Inert supports; the type leaves room for a system without entropy.
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
