//! The names that vcpkg gives to targets.

use crate::request::Request;
use crate::world::World;

/// A triplet, and the properties that follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Triplet {
    pub(super) name: String,
    /// True if its libraries are archives.
    pub(super) is_static: bool,
    /// The extension of its libraries.
    pub(super) extension: &'static str,
    /// True if file names begin with `lib`, which `-l` leaves out.
    pub(super) strips_prefix: bool,
}

/// The targets other than MSVC's, by their exact triples. The triplets of MSVC's targets depend on how they are
/// linked. The crate knows the first four.
const FIXED: &[(&str, &str)] = &[
    ("x86_64-apple-darwin", "x64-osx"),
    ("aarch64-apple-darwin", "arm64-osx"),
    ("x86_64-unknown-linux-gnu", "x64-linux"),
    ("aarch64-apple-ios", "arm64-ios"),
    ("aarch64-unknown-linux-gnu", "arm64-linux"),
    ("i686-unknown-linux-gnu", "x86-linux"),
    ("armv7-unknown-linux-gnueabihf", "arm-linux"),
    ("riscv64gc-unknown-linux-gnu", "riscv64-linux"),
    ("powerpc64le-unknown-linux-gnu", "ppc64le-linux"),
    ("s390x-unknown-linux-gnu", "s390x-linux"),
    ("loongarch64-unknown-linux-gnu", "loongarch64-linux"),
    ("x86_64-unknown-linux-musl", "x64-linux-musl"),
    ("aarch64-unknown-linux-musl", "arm64-linux-musl"),
    ("aarch64-linux-android", "arm64-android"),
    ("armv7-linux-androideabi", "arm-neon-android"),
    ("x86_64-linux-android", "x64-android"),
    ("i686-linux-android", "x86-android"),
    ("x86_64-unknown-freebsd", "x64-freebsd"),
    ("x86_64-unknown-openbsd", "x64-openbsd"),
    ("wasm32-unknown-emscripten", "wasm32-emscripten"),
];

impl Triplet {
    /// Returns the triplet of a target: `VCPKGRS_TRIPLET` unchanged, or by the tables.
    pub(super) fn of(request: &Request, world: &mut World) -> Option<Self> {
        let dynamic = world.env("VCPKGRS_DYNAMIC").is_some();
        if let Some(name) = world.env_text("VCPKGRS_TRIPLET") {
            return Some(Self::named(name));
        }
        let target = request.target.triple.as_str();
        if let Some((_, name)) = FIXED.iter().find(|(triple, _)| *triple == target) {
            return Some(Self::named((*name).to_owned()));
        }
        let arch = match target.split('-').next()? {
            "x86_64" => "x64",
            "aarch64" | "arm64ec" => "arm64",
            "i586" | "i686" => "x86",
            _ => return None,
        };
        if target.contains("-windows-gnu") {
            let linkage = if dynamic { "dynamic" } else { "static" };
            return Some(Self::named(format!("{arch}-mingw-{linkage}")));
        }
        if !target.contains("-windows-msvc") {
            return None;
        }
        let features = request.target.cfgs.get("target_feature").and_then(Option::as_ref);
        let crt_static =
            features.is_some_and(|features| features.iter().any(|feature| feature == "crt-static"));
        Some(Self::named(match (crt_static, dynamic) {
            (true, _) => format!("{arch}-windows-static"),
            (false, true) => format!("{arch}-windows"),
            (false, false) => format!("{arch}-windows-static-md"),
        }))
    }

    /// Derives the properties from a triplet's name, as the crate does; a name without `windows`, as for mingw, ends
    /// with `-dynamic` if the libraries are shared.
    fn named(name: String) -> Self {
        let windows = name.contains("windows") || name.contains("uwp");
        let mingw = name.contains("mingw");
        Self {
            is_static: if windows { name.contains("-static") } else { !name.ends_with("-dynamic") },
            extension: if windows && !mingw { "lib" } else { "a" },
            strips_prefix: !windows || mingw,
            name,
        }
    }
}
