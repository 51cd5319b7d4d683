extern "C" {
    fn one_answer() -> i32;
}

pub fn answer() -> i32 {
    unsafe { one_answer() }
}
