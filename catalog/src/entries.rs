//! The files of the catalog. A test holds this table and the folder together.

/// Crate name → text of its file.
pub const ENTRIES: &[(&str, &str)] = &[
    ("alsa-sys", include_str!("../entries/alsa-sys.toml")),
    ("curl-sys", include_str!("../entries/curl-sys.toml")),
    ("expat-sys", include_str!("../entries/expat-sys.toml")),
    ("family-gtk-rs", include_str!("../entries/family-gtk-rs.toml")),
    ("freetype-sys", include_str!("../entries/freetype-sys.toml")),
    ("gdk-sys", include_str!("../entries/gdk-sys.toml")),
    ("gdk4-sys", include_str!("../entries/gdk4-sys.toml")),
    ("gtk", include_str!("../entries/gtk.toml")),
    ("libdbus-sys", include_str!("../entries/libdbus-sys.toml")),
    ("libpulse-simple-sys", include_str!("../entries/libpulse-simple-sys.toml")),
    ("libpulse-sys", include_str!("../entries/libpulse-sys.toml")),
    ("libseccomp-sys", include_str!("../entries/libseccomp-sys.toml")),
    ("libsqlite3-sys", include_str!("../entries/libsqlite3-sys.toml")),
    ("libudev-sys", include_str!("../entries/libudev-sys.toml")),
    ("libusb1-sys", include_str!("../entries/libusb1-sys.toml")),
    ("libz-sys", include_str!("../entries/libz-sys.toml")),
    ("mysqlclient-sys", include_str!("../entries/mysqlclient-sys.toml")),
    ("openssl", include_str!("../entries/openssl.toml")),
    ("openssl-sys", include_str!("../entries/openssl-sys.toml")),
    ("pq-sys", include_str!("../entries/pq-sys.toml")),
    ("ripgrep", include_str!("../entries/ripgrep.toml")),
    ("sdl2-sys", include_str!("../entries/sdl2-sys.toml")),
    ("typenum", include_str!("../entries/typenum.toml")),
];
