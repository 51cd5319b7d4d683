//! Files that builds create: Inert's build dir, the files beside a stand-in, and the layout of Cargo's folders.

pub mod build_dir;
pub mod dep_info;
pub mod layout;
pub mod program_links;
pub mod said;
pub mod sidecar;
