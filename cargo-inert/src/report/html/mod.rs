//! The output of `cargo inert audit --format html`: one file with everything in it, which makes no request.
//!
//! The data is JSON within the page, and the page's own script shows it as text, never as markup. The
//! `Content-Security-Policy` of the page permits this one script and this one style sheet by their digests, so that
//! text of a package could start nothing even if it were taken for markup.

use serde_json::{Value, json};

use super::audit::Audit;
use crate::inventory::{Inventory, Part};
use crate::policy::change::Change;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The data of the page.
#[derive(Debug)]
pub struct Page<'a> {
    /// The name of what is built.
    pub title: String,
    /// The command whose build is shown.
    pub command: String,
    /// The scripts and macros.
    pub audit: &'a Audit,
    /// The packages and the native code.
    pub inventory: &'a Inventory,
    /// The revision that is compared with, and the changes since.
    pub changes: Option<(&'a str, &'a [Change])>,
    /// The reason why the compiler, and so every macro, is not confined.
    pub loose: Option<String>,
    /// True if the policy has the compiler confined.
    pub confined: bool,
    /// The time of the page, if it shall have one.
    pub created: Option<String>,
}

/// Returns the page as HTML that needs no other file.
#[must_use]
pub fn html(page: &Page<'_>) -> String {
    // The replaced text is never searched for the next mark.
    let mut out = String::new();
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once('@') {
        out.push_str(before);
        let (mark, tail) = behind.split_once('@').unwrap_or((behind, ""));
        match mark {
            "STYLE" => out.push_str(STYLE),
            "SCRIPT" => out.push_str(SCRIPT),
            "STYLE_HASH" => out.push_str(&hash(STYLE)),
            "SCRIPT_HASH" => out.push_str(&hash(SCRIPT)),
            "DATA" => out.push_str(&within_script(&data(page))),
            other => debug_assert!(other.is_empty(), "no mark of the page: {other}"),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Formats JSON for an element `script`: its text ends at `</script`, and `<!--` changes how it is read, so that no `<`
/// is left; direction marks and control characters are escaped, so that a viewer of the source sees them.
fn within_script(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        let shown = !matches!(c, '<' | '>' | '&')
            && !c.is_control()
            && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if shown {
            out.push(c);
        } else {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        }
    }
    out
}

fn hash(text: &str) -> String {
    let hex = crate::digest::text(text);
    let digits: Vec<u8> =
        hex.bytes().map(|c| if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 }).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    base64(&bytes)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn data(page: &Page<'_>) -> Value {
    let inventory = page.inventory;
    let packages: Vec<Value> = inventory.parts.iter().map(|part| of_part(part, page)).collect();
    let (since, changes) = page.changes.unzip();
    json!({
        "title": page.title,
        "command": page.command,
        "version": env!("CARGO_PKG_VERSION"),
        "created": page.created,
        "host": inventory.host,
        "targets": inventory.targets,
        "rustc": inventory.rustc,
        "compiler_confined": page.confined && page.loose.is_none(),
        "compiler_why": page.loose,
        "packages": packages,
        "natives": inventory.natives,
        "since": since,
        "changes": changes,
        "stale": page.audit.stale,
        "unaccepted": page.audit.unaccepted,
    })
}

fn of_part(part: &Part, page: &Page<'_>) -> Value {
    let id = &part.id;
    let audit = page.audit;
    let is_it = |name: &str, version: &str, source: &str| {
        name == id.name && version == id.version && source == part.source
    };
    let script = audit.packages.iter().find(|one| is_it(&one.name, &one.version, &one.source));
    let refused = audit.proc_macros.iter().find(|one| is_it(&one.name, &one.version, &one.source));
    let places = part.dependencies.iter();
    let dependencies: Vec<usize> = places
        .filter_map(|id| page.inventory.parts.binary_search_by(|other| other.id.cmp(id)).ok())
        .collect();
    let manifest = &part.manifest;
    json!({
        "name": id.name,
        "version": id.version,
        "source": part.source,
        "license": manifest.license.clone().or_else(|| manifest.license_file.clone()),
        "description": manifest.description.as_ref().map(|text| text.trim()),
        "checksum": part.checksum,
        "licence_files": part.licence_files,
        "root": part.is_root,
        "member": part.is_member,
        "linked": part.is_linked,
        "macro": part.is_macro,
        "skipped": part.is_skipped && !part.is_root,
        "features": part.features,
        "dependencies": dependencies,
        "script": script,
        "refused_macro": refused.and_then(|one| one.refused.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_in_base64() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn no_text_ends_the_data() {
        let hostile = json!({ "a": "</script><script>alert(1)</script><!-- \u{202e} \u{7} &amp;" });
        let text = within_script(&hostile);
        assert!(!text.contains(['<', '>', '&', '\u{202e}', '\u{7}']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), hostile);
    }

    #[test]
    fn the_page_has_each_mark_once() {
        let marks: Vec<&str> = PAGE.split('@').skip(1).step_by(2).collect();
        assert_eq!(marks, ["STYLE_HASH", "SCRIPT_HASH", "STYLE", "DATA", "SCRIPT"]);
        // Nothing of the page's own is requested from anywhere.
        for part in [PAGE, STYLE, SCRIPT] {
            for word in ["http:", "https:", "url(", "import(", "fetch(", "XMLHttp", "innerHTML", "eval("] {
                assert!(!part.contains(word), "{word}");
            }
        }
    }
}
