pub mod a;
pub mod c;
mod d;
mod e;

pub use a::Facade;
