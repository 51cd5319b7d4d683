//! The files of the catalog. A test compares this table with the folder.

/// The baked outcomes: name and version of each crate, with the declaration compressed by zlib.
pub const BAKED: &[(&str, &[u8])] = &[
    ("crunchy-0.2.2", include_bytes!("../baked/crunchy-0.2.2.toml.z")),
    ("crunchy-0.2.3", include_bytes!("../baked/crunchy-0.2.3.toml.z")),
    ("crunchy-0.2.4", include_bytes!("../baked/crunchy-0.2.4.toml.z")),
];

/// The name of each crate with the text of its file.
pub const ENTRIES: &[(&str, &str)] = &[
    ("alsa-sys", include_str!("../entries/alsa-sys.toml")),
    ("audiopus_sys", include_str!("../entries/audiopus_sys.toml")),
    ("crunchy", include_str!("../entries/crunchy.toml")),
    ("curl-sys", include_str!("../entries/curl-sys.toml")),
    ("expat-sys", include_str!("../entries/expat-sys.toml")),
    ("family-gtk-rs", include_str!("../entries/family-gtk-rs.toml")),
    ("freetype-sys", include_str!("../entries/freetype-sys.toml")),
    ("gdal-sys", include_str!("../entries/gdal-sys.toml")),
    ("gdk-sys", include_str!("../entries/gdk-sys.toml")),
    ("gdk4-sys", include_str!("../entries/gdk4-sys.toml")),
    ("gtk", include_str!("../entries/gtk.toml")),
    ("jpegxl-sys", include_str!("../entries/jpegxl-sys.toml")),
    ("libdbus-sys", include_str!("../entries/libdbus-sys.toml")),
    ("libftdi1-sys", include_str!("../entries/libftdi1-sys.toml")),
    ("libgpg-error-sys", include_str!("../entries/libgpg-error-sys.toml")),
    ("libheif-sys", include_str!("../entries/libheif-sys.toml")),
    ("libpulse-mainloop-glib-sys", include_str!("../entries/libpulse-mainloop-glib-sys.toml")),
    ("libpulse-simple-sys", include_str!("../entries/libpulse-simple-sys.toml")),
    ("libpulse-sys", include_str!("../entries/libpulse-sys.toml")),
    ("libseccomp-sys", include_str!("../entries/libseccomp-sys.toml")),
    ("libslirp-sys", include_str!("../entries/libslirp-sys.toml")),
    ("libsqlite3-sys", include_str!("../entries/libsqlite3-sys.toml")),
    ("libsystemd-sys", include_str!("../entries/libsystemd-sys.toml")),
    ("libudev-sys", include_str!("../entries/libudev-sys.toml")),
    ("libusb1-sys", include_str!("../entries/libusb1-sys.toml")),
    ("libz-sys", include_str!("../entries/libz-sys.toml")),
    ("magic-sys", include_str!("../entries/magic-sys.toml")),
    ("mysqlclient-sys", include_str!("../entries/mysqlclient-sys.toml")),
    ("openssl", include_str!("../entries/openssl.toml")),
    ("openssl-sys", include_str!("../entries/openssl-sys.toml")),
    ("pcap", include_str!("../entries/pcap.toml")),
    ("pq-sys", include_str!("../entries/pq-sys.toml")),
    ("ripgrep", include_str!("../entries/ripgrep.toml")),
    ("sdl2-sys", include_str!("../entries/sdl2-sys.toml")),
    ("sdl3-sys", include_str!("../entries/sdl3-sys.toml")),
    ("tss-esapi-sys", include_str!("../entries/tss-esapi-sys.toml")),
    ("typenum", include_str!("../entries/typenum.toml")),
];
