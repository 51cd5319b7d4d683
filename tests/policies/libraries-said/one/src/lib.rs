unsafe extern "C" {
    safe fn own() -> i32;
}

pub fn said() -> &'static str {
    if own() == 7 { "built" } else { "found" }
}
