#[cfg(not(has_header))]
compile_error!("the header of the library was not found");

extern "C" {
    fn own_answer() -> i32;
}

pub fn answer() -> i32 {
    unsafe { own_answer() }
}
