//! A C library, the system's or the one in this package.

extern "C" {
    fn demo_answer() -> i32;
}

/// What the library answers.
pub fn said() -> String {
    // SAFETY: the function takes nothing and returns a number.
    format!("{}", unsafe { demo_answer() })
}
