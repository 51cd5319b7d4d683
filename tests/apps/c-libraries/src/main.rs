//! Prints, as JSON, the versions of the C libraries that it runs on, after having used each.

use std::ffi::CStr;
use std::io::{Read, Write};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

#[derive(Serialize)]
struct Versions {
    zlib: String,
    sqlite: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    openssl: Option<String>,
    page_size: i64,
}

fn main() -> Result<()> {
    let versions = Versions { zlib: zlib()?, sqlite: sqlite()?, openssl: openssl()?, page_size: page_size() };
    println!("{}", serde_json::to_string(&versions)?);
    Ok(())
}

fn zlib() -> Result<String> {
    let text = b"declared, not run ".repeat(100);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&text)?;
    let packed = encoder.finish()?;
    let mut unpacked = Vec::new();
    flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut unpacked)?;
    ensure!(unpacked == text && packed.len() < text.len(), "zlib does not give back what it was given");
    extern "C" {
        fn zlibVersion() -> *const libc::c_char;
    }
    Ok(unsafe { CStr::from_ptr(zlibVersion()) }.to_str()?.to_owned())
}

fn sqlite() -> Result<String> {
    let connection = rusqlite::Connection::open_in_memory()?;
    connection.query_row("select sqlite_version()", [], |row| row.get(0)).context("sqlite")
}

#[cfg(feature = "openssl")]
fn openssl() -> Result<Option<String>> {
    let digest = openssl::sha::sha256(b"abc");
    ensure!(digest[..4] == [0xba, 0x78, 0x16, 0xbf], "openssl cannot hash");
    Ok(Some(openssl::version::version().to_owned()))
}

#[cfg(not(feature = "openssl"))]
fn openssl() -> Result<Option<String>> {
    Ok(None)
}

fn page_size() -> i64 {
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as i64 }
}
