include!(concat!("da", "ta.rs"));

fn main() {
    payload();
}
