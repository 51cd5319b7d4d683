extern "C" {
    fn own_answer() -> i32;
}

pub fn answer() -> i32 {
    unsafe { own_answer() }
}
