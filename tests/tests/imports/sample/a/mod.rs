mod b;

pub use b::Facade;
