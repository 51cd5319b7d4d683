//! Calls one function of each library, and prints what it says.

use std::ffi::CStr;
use std::os::raw::c_char;

fn text(pointer: *const c_char) -> String {
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

extern "C" {
    fn BZ2_bzlibVersion() -> *const c_char;
    fn pango_version_string() -> *const c_char;
    fn xmlCheckVersion(version: i32);
}

// What is only linked, and called by its C name.
use bzip2_sys as _;
use libxml as _;
use pango_sys as _;

fn main() {
    unsafe {
        println!("bzip2 {}", text(BZ2_bzlibVersion()));
        println!("cairo {}", cairo_sys::cairo_version());
        println!("gdk-pixbuf {}", gdk_pixbuf_sys::gdk_pixbuf_get_type() != 0);
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        libgit2_sys::git_libgit2_version(&mut major, &mut minor, &mut patch);
        println!("libgit2 {major}.{minor}.{patch}");
        println!("lzma {}", liblzma_sys::lzma_version_number());
        println!("sqlite {}", libsqlite3_sys::sqlite3_libversion_number());
        println!("ssh2 {}", libssh2_sys::libssh2_init(0));
        xmlCheckVersion(20900);
        println!("xml2 checked");
        println!("lz4 {}", lz4_sys::LZ4_versionNumber());
        println!("mysql {}", text(mysqlclient_sys::mysql_get_client_info()));
        println!("openssl {:x}", openssl_sys::OpenSSL_version_num());
        println!("pango {}", text(pango_version_string()));
        println!("zstd {}", zstd_sys::ZSTD_versionNumber());
    }
}
