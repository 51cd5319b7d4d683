fn main() {
    println!("target: one {}, none {}; host: {}", one::optimised(), none::optimised(), env!("APP_SAYS"));
}
