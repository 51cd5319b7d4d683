//! The variables of system-deps: `SYSTEM_DEPS_<KEY>_…` for one library, `SYSTEM_DEPS_…` for all.

use std::path::PathBuf;

use super::library::Library;
use crate::request::Request;
use crate::world::World;

/// Returns the name of a variable for a library.
pub(super) fn name(key: &str, suffix: &str) -> String {
    format!("SYSTEM_DEPS_{}_{suffix}", shouty(key))
}

/// Returns whether a variable requests static linking.
pub(super) fn wants_static(key: &str, world: &mut World) -> bool {
    [name(key, "LINK"), "SYSTEM_DEPS_LINK".to_owned()]
        .iter()
        .any(|name| world.env_text(name).as_deref() == Some("static"))
}

/// Replaces parts of the found library by the values of the user's variables.
pub(super) fn override_by(key: &str, library: &mut Library, request: &Request, world: &mut World) {
    let separator = if request.host.contains("windows") { ';' } else { ':' };
    let paths = |value: String| -> Vec<PathBuf> {
        if value.is_empty() { Vec::new() } else { value.split(separator).map(PathBuf::from).collect() }
    };
    let words = |value: String| -> Vec<String> {
        if value.is_empty() { Vec::new() } else { value.split(' ').map(str::to_owned).collect() }
    };
    if let Some(value) = world.env_text(&name(key, "SEARCH_NATIVE")) {
        library.link_paths = paths(value);
    }
    if let Some(value) = world.env_text(&name(key, "SEARCH_FRAMEWORK")) {
        library.framework_paths = paths(value);
    }
    if let Some(value) = world.env_text(&name(key, "LIB")) {
        // The variable is taken as evidence that the archive exists.
        let available = wants_static(key, world);
        library.libs = words(value).into_iter().map(|lib| (lib, available)).collect();
    }
    if let Some(value) = world.env_text(&name(key, "LIB_FRAMEWORK")) {
        library.frameworks = words(value);
    }
    if let Some(value) = world.env_text(&name(key, "INCLUDE")) {
        library.include_paths = paths(value);
    }
    if let Some(value) = world.env_text(&name(key, "LDFLAGS")) {
        library.linker_options = words(value);
    }
}

/// `gstreamer-1.0` → `GSTREAMER_1_0`, `GLib` → `G_LIB`: the letter case decides where parts begin, as in the crate
/// heck.
fn shouty(key: &str) -> String {
    words(key).join("_").to_uppercase()
}

/// Returns the same name in lower case, for cfgs.
pub(super) fn snake(key: &str) -> String {
    words(key).join("_").to_lowercase()
}

fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in key.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        let mut word = String::new();
        // True if the last letter with a case was upper case; `None` at the beginning of a part.
        let mut upper: Option<bool> = None;
        for (at, &c) in chars.iter().enumerate() {
            let Some(&next) = chars.get(at + 1) else {
                word.push(c);
                break;
            };
            let now = if c.is_lowercase() {
                Some(false)
            } else if c.is_uppercase() {
                Some(true)
            } else {
                upper
            };
            if now == Some(false) && next.is_uppercase() {
                word.push(c);
                words.push(std::mem::take(&mut word));
                upper = None;
            } else if upper == Some(true) && c.is_uppercase() && next.is_lowercase() {
                words.push(std::mem::take(&mut word));
                word.push(c);
                upper = None;
            } else {
                word.push(c);
                upper = now;
            }
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_heck_has_them() {
        for (key, shout) in [
            ("gstreamer-1.0", "GSTREAMER_1_0"),
            ("gtk4", "GTK4"),
            ("GLib", "G_LIB"),
            ("XMLHttp", "XML_HTTP"),
            ("gdk_pixbuf_2_0", "GDK_PIXBUF_2_0"),
            ("aB1c", "A_B1C"),
        ] {
            assert_eq!(shouty(key), shout);
        }
    }
}
