//! Files that builds leave: Inert's build dir, what lies beside a stand-in, and where Cargo puts its own.

pub mod build_dir;
pub mod dep_info;
pub mod layout;
pub mod program_links;
pub mod sidecar;
