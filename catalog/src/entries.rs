//! The files of the catalog. A test holds this table and the folder together.

/// Crate name → text of its file.
pub const ENTRIES: &[(&str, &str)] = &[
    ("family-gtk-rs", include_str!("../entries/family-gtk-rs.toml")),
    ("gdk4-sys", include_str!("../entries/gdk4-sys.toml")),
    ("libsqlite3-sys", include_str!("../entries/libsqlite3-sys.toml")),
    ("libz-sys", include_str!("../entries/libz-sys.toml")),
    ("openssl", include_str!("../entries/openssl.toml")),
    ("openssl-sys", include_str!("../entries/openssl-sys.toml")),
    ("ripgrep", include_str!("../entries/ripgrep.toml")),
];
