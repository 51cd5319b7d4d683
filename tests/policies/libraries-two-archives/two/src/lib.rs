extern "C" {
    fn two_answer() -> i32;
}

pub fn answer() -> i32 {
    unsafe { two_answer() }
}
