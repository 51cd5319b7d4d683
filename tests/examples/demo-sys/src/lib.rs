//! A C library, from the system or from the source in this package.

extern "C" {
    fn demo_answer() -> i32;
}

/// Returns the answer of the library.
pub fn said() -> String {
    // SAFETY: the function takes nothing and returns a number.
    format!("{}", unsafe { demo_answer() })
}
