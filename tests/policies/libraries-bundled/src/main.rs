fn main() {
    println!("{}", zed_sys::get());
}
