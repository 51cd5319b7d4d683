//! The assumptions that a derivation makes about a build. Before a build, the user of a derivation checks that they
//! hold.
//!
//! The conditions of a declaration ask about facts. Assumptions are about texts that scripts read as a whole and that
//! no fact describes in full: a distributor's addition to rustc's version, a target that is not built into rustc,
//! flags.

/// All assumptions of a derivation; by default none is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assumptions {
    /// The target and the host are built into rustc. Assumed where the script searches the text of a triple.
    pub known_targets: bool,
    /// Assumed where the script reads the output of `rustc --version` or `-vV`: it has the usual form, and the
    /// distributor's addition contains none of these texts.
    pub rustc_says: Option<Vec<String>>,
    /// The flags contain no `-Zallow-features`.
    pub no_allow_features: bool,
    /// Every feature of the target is in this tool's list. Assumed where the script searches for a part of a feature's
    /// name.
    pub known_target_features: bool,
    /// Texts that the path of `OUT_DIR` does not contain. The script puts the path into a text and then searches that
    /// text for these, which are usually placeholders such as `@prefix@`.
    pub out_dir_lacks: Vec<String>,
    /// The `rustc` found through PATH, which the script starts, is the compiler that Cargo uses.
    pub rustc_on_path: bool,
    /// The script is compiled with debug assertions exactly if its package is. Assumed where the script evaluates
    /// `cfg!(debug_assertions)`, which is about the script itself.
    pub debug_assertions_agree: bool,
    /// Build-dependencies, each with features of it that the package hands on: such a feature is on in the dependency exactly if
    /// the package's own feature of that name is. Assumed where the script uses what the features choose.
    pub features_handed_on: Vec<(String, Vec<String>)>,
}

/// A build for which a derivation is to be used.
#[derive(Debug, Clone, Copy)]
pub struct Build<'a> {
    /// The triple of the target.
    pub target: &'a str,
    /// The output of `rustc -vV`.
    pub rustc_verbose: &'a str,
    /// The flags that Cargo passes to rustc.
    pub rustflags: &'a [String],
    /// The values of the cfg key `target_feature`.
    pub target_features: &'a [String],
    /// A folder above `OUT_DIR`.
    pub build_dir: &'a std::path::Path,
    /// True if the `rustc` found through PATH is the compiler that Cargo uses.
    pub rustc_on_path: bool,
    /// True if the script and its package are both compiled with debug assertions, or both without.
    pub debug_assertions_agree: bool,
    /// The features of the package.
    pub features: &'a [String],
    /// The packages that the script is linked with directly, by name, each with its features.
    pub build_dependencies: &'a [(String, Vec<String>)],
}

impl Assumptions {
    /// Returns why the derivation must not be used for the build; `None` if all assumptions hold.
    #[must_use]
    pub fn broken_by(&self, build: &Build<'_>) -> Option<String> {
        if self.known_targets {
            let host = build.rustc_verbose.lines().find_map(|line| line.strip_prefix("host: "));
            for triple in [Some(build.target), host].into_iter().flatten() {
                if !crate::logic::targets::is_known_target(triple) {
                    return Some(format!(
                        "its script looks into the name of the target, and {triple} is none of rustc's own"
                    ));
                }
            }
        }
        if let Some(lacks) = &self.rustc_says {
            let Some(vendor) = usual_version(build.rustc_verbose) else {
                let line = build.rustc_verbose.lines().next().unwrap_or_default();
                return Some(format!("its script reads rustc's version, which this rustc says as `{line}`"));
            };
            if let Some(text) = lacks.iter().find(|text| vendor.contains(text.as_str())) {
                return Some(format!(
                    "its script looks for `{text}` in what rustc says of its version, and the distributor's words hold it: `{vendor}`"
                ));
            }
        }
        if self.rustc_on_path && !build.rustc_on_path {
            return Some(
                "its script starts the `rustc` on PATH, and Cargo uses another (`RUSTC`, or `build.rustc`)"
                    .to_owned(),
            );
        }
        if self.debug_assertions_agree && !build.debug_assertions_agree {
            return Some(
                "its script asks whether it is compiled with debug assertions, in which the profile or the flags make it differ from its package".to_owned(),
            );
        }
        let allows = |flag: &String| flag.contains("allow-features=");
        if self.no_allow_features && build.rustflags.iter().any(allows) {
            return Some(
                "its script asks what `-Zallow-features` allows, which is among the flags".to_owned(),
            );
        }
        if self.known_target_features
            && let Some(unheard) = build.target_features.iter().find(|one| !is_known_feature(one))
        {
            return Some(format!(
                "its script looks into the list of target features, and `{unheard}` is a new one"
            ));
        }
        for (dependency, features) in &self.features_handed_on {
            let found: Vec<_> =
                build.build_dependencies.iter().filter(|(name, _)| name == dependency).collect();
            let [(_, theirs)] = found.as_slice() else {
                return Some(format!(
                    "its script uses what features of {dependency} choose, and is linked with {} packages of that name",
                    found.len()
                ));
            };
            let other = |feature: &&String| theirs.contains(feature) != build.features.contains(feature);
            if let Some(feature) = features.iter().find(other) {
                return Some(format!(
                    "its script uses what features of {dependency} choose, and there the feature `{feature}` is not set as in the package: \
                     another package sets it"
                ));
            }
        }
        let build_dir = build.build_dir.to_string_lossy();
        if let Some(mark) = self.out_dir_lacks.iter().find(|mark| build_dir.contains(mark.as_str())) {
            return Some(format!(
                "its script replaces `{mark}` in a text that holds the path of OUT_DIR, and so does {build_dir}"
            ));
        }
        None
    }
}

/// Returns whether a text can occur in the path of `OUT_DIR` only in the part that the user chose. It begins and ends
/// with characters that occur neither in names of packages nor at the ends of an absolute path (`/`, `C:`, `/out`), and
/// contains no separator.
pub(crate) fn is_mark(text: &str) -> bool {
    let marks = |character: char| "@#$%&*!?<>{}[]()|=+^~\"'`,;".contains(character);
    text.len() > 1
        && text.starts_with(marks)
        && text.ends_with(marks)
        && !text.contains(|character: char| "/\\:".contains(character) || character.is_control())
}

/// Returns whether a target feature is in the list that derivations are made with.
pub(crate) fn is_known_feature(name: &str) -> bool {
    known_features().any(|known| known == name)
}

/// Returns the features of rustc's targets, as `rustc --print target-features` listed them.
pub(crate) fn known_features() -> impl Iterator<Item = &'static str> {
    include_str!("../data/target-features.txt").split_whitespace()
}

/// Returns the distributor's addition if the output of `rustc -vV` has the form that the interpreter assumes: exactly
/// these lines, the first of them `rustc 1.2.3-channel`, or that followed by ` (hash date)`, or that followed by `
/// (…)`.
fn usual_version(verbose: &str) -> Option<String> {
    let mut lines = verbose.strip_suffix('\n').unwrap_or(verbose).split('\n');
    let first = lines.next()?.strip_prefix("rustc ")?;
    let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(": ");
    if field("binary")? != "rustc" {
        return None;
    }
    let (hash, date) = (field("commit-hash")?, field("commit-date")?);
    let (_host, release) = (field("host")?, field("release")?);
    let llvm = field("LLVM version")?;
    if lines.next().is_some() || !is_release(release) || !numbers(llvm, 3) {
        return None;
    }
    let about = first.strip_prefix(release)?;
    if hash == "unknown" && date == "unknown" {
        return about.is_empty().then(String::new);
    }
    let is_hash =
        hash.len() >= 9 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_date = date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]) && {
        date.split('-').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let short = hash.get(..9)?;
    let vendor = about.strip_prefix(&format!(" ({short} {date})"))?;
    let is_vendor = vendor.is_empty() || vendor.starts_with(" (") && vendor.ends_with(')');
    (is_hash && is_date && is_vendor).then(|| vendor.to_owned())
}

/// Returns whether the text is a version of rustc: `1.81.0`, `1.82.0-beta.3`, `1.83.0-nightly` or `1.83.0-dev`.
fn is_release(text: &str) -> bool {
    let (version, suffix) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
    let beta = |suffix: &str| suffix.strip_prefix("beta.").is_some_and(|number| numbers(number, 1));
    version.starts_with("1.")
        && numbers(version, 3)
        && suffix.is_none_or(|suffix| matches!(suffix, "nightly" | "dev") || beta(suffix))
}

fn numbers(text: &str, count: usize) -> bool {
    let number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part.len() == 1 || !part.starts_with('0'))
    };
    text.split('.').count() == count && text.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verbose(first: &str, hash: &str, date: &str, release: &str) -> String {
        format!(
            "rustc {first}\nbinary: rustc\ncommit-hash: {hash}\ncommit-date: {date}\nhost: x86_64-unknown-linux-gnu\nrelease: {release}\nLLVM version: 21.1.8\n"
        )
    }

    #[test]
    fn forms_of_the_version() {
        let hash = "59807616e1fa2540724bfbac14d7976d7e4a3860";
        let with = |first: &str, release: &str| usual_version(&verbose(first, hash, "2026-04-14", release));
        assert_eq!(with("1.95.0 (59807616e 2026-04-14)", "1.95.0").as_deref(), Some(""));
        assert_eq!(
            with("1.95.0-beta.2 (59807616e 2026-04-14) (Fedora 1.95)", "1.95.0-beta.2").as_deref(),
            Some(" (Fedora 1.95)")
        );
        assert_eq!(with("1.95.0", "1.95.0"), None);
        assert_eq!(with("1.95.0 (59807616e 2026-04-15)", "1.95.0"), None);
        assert_eq!(with("1.95.0-foo (59807616e 2026-04-14)", "1.95.0-foo"), None);
        let without = |first: &str| usual_version(&verbose(first, "unknown", "unknown", "1.92.1"));
        assert_eq!(without("1.92.1").as_deref(), Some(""));
        assert_eq!(without("1.92.1 (Debian)"), None);
    }

    #[test]
    fn features_that_another_package_sets_break_the_assumption() {
        let verbose = verbose("1.95.0", "unknown", "unknown", "1.95.0");
        let features = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let assumes = Assumptions {
            features_handed_on: vec![("flags".into(), features(&["c++14", "c++20"]))],
            ..Assumptions::default()
        };
        let broken = |own: &[&str], linked: &[(&str, &[&str])]| {
            let linked: Vec<_> =
                linked.iter().map(|(name, theirs)| ((*name).to_owned(), features(theirs))).collect();
            assumes.broken_by(&Build {
                target: "x86_64-unknown-linux-gnu",
                rustc_verbose: &verbose,
                rustflags: &[],
                target_features: &[],
                build_dir: std::path::Path::new("/target"),
                rustc_on_path: true,
                debug_assertions_agree: true,
                features: &features(own),
                build_dependencies: &linked,
            })
        };
        assert_eq!(broken(&[], &[("flags", &["default"]), ("cc", &["c++20"])]), None);
        assert_eq!(broken(&["c++14", "std"], &[("flags", &["c++14"])]), None);
        assert!(broken(&[], &[("flags", &["c++20"])]).is_some_and(|why| why.contains("`c++20`")));
        assert!(broken(&["c++20"], &[("flags", &[])]).is_some());
        assert!(broken(&[], &[]).is_some(), "it is not linked");
        assert!(broken(&[], &[("flags", &[]), ("flags", &[])]).is_some(), "two versions");
    }
}
