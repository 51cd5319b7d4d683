//! A library that system-deps finds: the package needs no further declaration, and keeps its script for plain
//! cargo.

extern "C" {
    fn zlibVersion() -> *const core::ffi::c_char;
}

/// Returns the version of the library.
pub fn said() -> String {
    // SAFETY: zlib returns a text of its own.
    unsafe { core::ffi::CStr::from_ptr(zlibVersion()) }.to_string_lossy().into_owned()
}
