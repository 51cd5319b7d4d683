fn main() {
    let answer = std::net::TcpStream::connect("localhost:80").is_ok();
    if answer {
        println!("cargo:rustc-cfg=online");
    }
}
