//! The `cargo inert` command.

fn main() {}
