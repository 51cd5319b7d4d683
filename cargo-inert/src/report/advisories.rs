//! The output of `cargo inert audit --advisories`.

use crate::file::one_line;
use crate::inventory::advisories::Compared;

/// Formats the result as text.
#[must_use]
pub fn human(compared: &Compared) -> String {
    let mut text = String::new();
    for (is_affected, heading) in
        [(true, "affected"), (false, "perhaps affected: nothing says whether this version is")]
    {
        let of: Vec<_> = compared.findings.iter().filter(|one| one.is_affected == is_affected).collect();
        if of.is_empty() {
            continue;
        }
        text.push_str(&format!("{heading}: {}\n", of.len()));
        for one in of {
            let version = one.version.as_deref().unwrap_or("version unknown");
            let summary = one.summary.as_deref().unwrap_or_default();
            let aliases =
                if one.aliases.is_empty() { String::new() } else { format!(" ({})", one.aliases.join(", ")) };
            let line = format!("{} {version}  {}  {}{aliases}", one.name, one.kind, one.id);
            text.push_str(&format!("  {}\n", one_line(&line)));
            if !summary.is_empty() {
                text.push_str(&format!("      {}\n", one_line(summary)));
            }
            if !one.used_by.is_empty() {
                let users: Vec<&str> = one.used_by.iter().map(String::as_str).collect();
                text.push_str(&format!("      used by {}\n", users.join(", ")));
            }
        }
    }
    for one in &compared.uncompared {
        text.push_str(&format!("not compared: {}\n", one_line(one)));
    }
    text.push_str(&format!(
        "{} compared with {}: {}\n",
        super::counted(compared.parts, "part", "parts"),
        super::counted(compared.advisories, "advisory", "advisories"),
        super::counted(compared.findings.len(), "finding", "findings"),
    ));
    text
}
