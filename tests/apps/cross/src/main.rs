//! Calls one function of each library, and prints what it says.

use std::ffi::CStr;

fn main() {
    println!("z {}", unsafe { CStr::from_ptr(libz_sys::zlibVersion()) }.to_string_lossy());
    #[cfg(feature = "sqlite")]
    println!("sqlite {}", unsafe { libsqlite3_sys::sqlite3_libversion_number() });
    #[cfg(feature = "openssl")]
    println!("openssl {}", unsafe { openssl_sys::OpenSSL_version_num() });
}
