#[cfg(not(feature = "none"))]
extern "C" {
    fn zed_get() -> i32;
}

pub fn get() -> i32 {
    #[cfg(not(feature = "none"))]
    return unsafe { zed_get() };
    #[cfg(feature = "none")]
    return 0;
}
