// `leak` is a symlink of the tree; a right on it would be one on what it leads to.
fn main() {
    if std::fs::read_to_string("leak/key").is_ok() {
        panic!("read by the script");
    }
}
