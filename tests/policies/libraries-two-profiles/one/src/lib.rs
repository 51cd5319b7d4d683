extern "C" {
    fn own_optimised() -> i32;
}

pub fn optimised() -> i32 {
    unsafe { own_optimised() }
}
