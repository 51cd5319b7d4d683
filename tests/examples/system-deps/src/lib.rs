//! A library that system-deps finds: nothing is to be declared besides, and the script stays for plain cargo.

extern "C" {
    fn zlibVersion() -> *const core::ffi::c_char;
}

/// Its version.
pub fn said() -> String {
    // SAFETY: zlib returns a text of its own.
    unsafe { core::ffi::CStr::from_ptr(zlibVersion()) }.to_string_lossy().into_owned()
}
