use super::super::c::{self, Other as Another};

pub struct Facade(pub Another, pub c::Other);
