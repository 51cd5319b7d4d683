//! Turns grants into a profile of Seatbelt.

use std::path::Path;

use crate::{Access, Error, Grants, Need, Processes, error};

/// The rules that every program needs to start, and that reveal nothing. Metadata of any file may be read:
/// otherwise no path can be resolved, and Linux does not restrict it either.
const START: &str = "\
(version 1)
(deny default)
(deny file-write-setugid)
(allow file-read-metadata)
(allow file-read* (literal \"/\"))
(allow file-read* (literal \"/dev/null\") (literal \"/dev/zero\") (literal \"/dev/random\") (literal \"/dev/urandom\"))
(allow file-write-data (literal \"/dev/null\"))
(allow file-ioctl (literal \"/dev/null\"))
(allow sysctl-read)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow mach-lookup (global-name \"com.apple.system.opendirectoryd.libinfo\"))
";

/// Returns the profile for the grants. `real` returns the real path of a file, since Seatbelt compares real paths
/// (`/private/tmp`).
///
/// # Errors
/// A required path does not exist, or cannot be written in a profile.
pub fn text(grants: &Grants, real: impl Fn(&Path) -> Option<std::path::PathBuf>) -> Result<String, Error> {
    let mut text = START.to_owned();
    if grants.processes == Processes::Any {
        text.push_str("(allow process-fork)\n");
    }
    if grants.network {
        text.push_str(
            "(allow network-outbound (remote ip))\n(allow network-inbound (local ip))\n(allow network-bind (local ip))\n\
             (allow system-socket)\n(allow mach-lookup (global-name \"com.apple.dnssd.service\"))\n\
             (allow network-outbound (literal \"/private/var/run/mDNSResponder\"))\n",
        );
    }
    for grant in &grants.paths {
        let Some(path) = real(&grant.path) else {
            if grant.need == Need::Optional {
                continue;
            }
            return Err(error(format!("the grant on {}: it is not there", grant.path.display())));
        };
        let path = quoted(&path)?;
        if grant.access == Access::List {
            // The data of a folder are the names in it.
            text.push_str(&format!("(allow file-read-data (literal {path}))\n"));
            continue;
        }
        let operations: &[&str] = match grant.access {
            Access::List => &[],
            Access::Read => &["file-read*"],
            Access::Execute => &["file-read*", "process-exec*", "file-map-executable"],
            Access::Write => &["file-read*", "file-write*"],
            Access::WriteExecute => &["file-read*", "file-write*", "process-exec*", "file-map-executable"],
        };
        text.push_str(&format!("(allow {} (subpath {path}))\n", operations.join(" ")));
    }
    Ok(text)
}

/// Quotes a string for a profile. Control characters and bytes that are not UTF-8 are refused, since their meaning
/// is uncertain.
fn quoted(path: &Path) -> Result<String, Error> {
    let text = path
        .to_str()
        .filter(|text| !text.chars().any(char::is_control))
        .ok_or_else(|| error(format!("{path:?} cannot be written in a sandbox profile")))?;
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(grants: &Grants) -> Result<String, Error> {
        text(grants, |path| (!path.starts_with("/missing")).then(|| path.to_owned()))
    }

    #[test]
    fn nothing_granted_is_nothing_but_the_start() {
        assert_eq!(profile(&Grants::default()).unwrap(), START);
    }

    #[test]
    fn each_grant_is_a_line() {
        let mut grants = Grants { processes: Processes::Any, ..Grants::default() };
        grants.add("/usr/lib", Access::Read);
        grants.add("/usr/bin", Access::Execute);
        grants.add("/build/out", Access::WriteExecute);
        grants.add("/build/tmp \"x\\", Access::Write);
        grants.add_if_there("/missing/one", Access::Read);
        let text = profile(&grants).unwrap();
        let own = text.strip_prefix(START).unwrap();
        assert_eq!(
            own,
            "(allow process-fork)\n\
             (allow file-read* (subpath \"/usr/lib\"))\n\
             (allow file-read* process-exec* file-map-executable (subpath \"/usr/bin\"))\n\
             (allow file-read* file-write* process-exec* file-map-executable (subpath \"/build/out\"))\n\
             (allow file-read* file-write* (subpath \"/build/tmp \\\"x\\\\\"))\n"
        );
        assert!(!text.contains("network"));
    }

    #[test]
    fn what_cannot_be_written_or_is_missing_is_refused() {
        let mut grants = Grants::default();
        grants.add("/a\n(allow default)", Access::Read);
        assert!(profile(&grants).is_err());
        let mut grants = Grants::default();
        grants.add("/missing/one", Access::Read);
        assert!(profile(&grants).unwrap_err().to_string().contains("/missing/one"));
    }

    #[test]
    fn the_network_is_a_word_of_its_own() {
        let grants = Grants { network: true, ..Grants::default() };
        assert!(profile(&grants).unwrap().contains("(allow network-outbound (remote ip))"));
    }
}
