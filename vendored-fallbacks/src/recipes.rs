//! Recipes: declarations for published crates that carry C sources, in the catalog's form. A new recipe is a file
//! in `recipes/` and, by `INERT_UPDATE=1 cargo test -p inert-vendored-fallbacks`, its line here.

/// The name of each crate with the text of its recipe.
pub const RECIPES: &[(&str, &str)] = &[
    ("aotuv_lancer_vorbis_sys", include_str!("../recipes/aotuv_lancer_vorbis_sys.toml")),
    ("blake3", include_str!("../recipes/blake3.toml")),
    ("bzip2-sys", include_str!("../recipes/bzip2-sys.toml")),
    ("curl-sys", include_str!("../recipes/curl-sys.toml")),
    ("libdeflate-sys", include_str!("../recipes/libdeflate-sys.toml")),
    ("libgit2-sys", include_str!("../recipes/libgit2-sys.toml")),
    ("liblzma-sys", include_str!("../recipes/liblzma-sys.toml")),
    ("libmimalloc-sys", include_str!("../recipes/libmimalloc-sys.toml")),
    ("libnghttp2-sys", include_str!("../recipes/libnghttp2-sys.toml")),
    ("libssh2-sys", include_str!("../recipes/libssh2-sys.toml")),
    ("link-cplusplus", include_str!("../recipes/link-cplusplus.toml")),
    ("lmdb-master-sys", include_str!("../recipes/lmdb-master-sys.toml")),
    ("lz4-sys", include_str!("../recipes/lz4-sys.toml")),
    ("lzma-sys", include_str!("../recipes/lzma-sys.toml")),
    ("minimp3-sys", include_str!("../recipes/minimp3-sys.toml")),
    ("ogg_next_sys", include_str!("../recipes/ogg_next_sys.toml")),
    ("onig_sys", include_str!("../recipes/onig_sys.toml")),
    ("pcre2-sys", include_str!("../recipes/pcre2-sys.toml")),
    ("psm", include_str!("../recipes/psm.toml")),
    ("ring", include_str!("../recipes/ring.toml")),
    ("secp256k1-sys", include_str!("../recipes/secp256k1-sys.toml")),
    ("snappy_src", include_str!("../recipes/snappy_src.toml")),
    ("stacker", include_str!("../recipes/stacker.toml")),
    ("sys-info", include_str!("../recipes/sys-info.toml")),
    ("tree-sitter", include_str!("../recipes/tree-sitter.toml")),
    ("zstd-sys", include_str!("../recipes/zstd-sys.toml")),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::RECIPES;

    /// Compares this file with the folder, and renews it on request.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    fn every_recipe_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(root.join("recipes")).expect("the recipes");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
            .map(|file| file.strip_suffix(".toml").expect("a recipe is a .toml file").to_owned())
            .collect();
        names.sort();
        if std::env::var_os("INERT_UPDATE").is_some() {
            let path = root.join("src/recipes.rs");
            let text = std::fs::read_to_string(&path).expect("this file");
            let (before, rest) = text.split_once("&[(&str, &str)] = &[\n").expect("the list");
            let (_, after) = rest.split_once("];\n").expect("its end");
            let lines: String = names
                .iter()
                .map(|name| format!("    (\"{name}\", include_str!(\"../recipes/{name}.toml\")),\n"))
                .collect();
            let text = format!("{before}&[(&str, &str)] = &[\n{lines}];\n{after}");
            std::fs::write(&path, text).expect("writable");
            return;
        }
        let listed: Vec<&str> = RECIPES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, names, "run it again with INERT_UPDATE=1");
    }
}
