fn main() { /* ÿş */ }
