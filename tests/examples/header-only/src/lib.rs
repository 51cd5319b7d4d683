//! C++ headers, and a function that uses them.

extern "C" {
    fn header_only_largest(a: i32, b: i32) -> i32;
}

/// Returns the result that the headers compute.
pub fn said() -> String {
    // SAFETY: the function takes and returns numbers.
    format!("{}", unsafe { header_only_largest(3, 7) })
}
