//! The output of a package's own script that decides how the package is compiled: variables and features, which are in
//! no unit graph. Cargo keeps the output beside OUT_DIR.

use std::collections::BTreeSet;
use std::path::Path;

use inert_build_output::{Instruction, Package, read};

/// The output of a script, as far as rustc's arguments and environment contain it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The names of variables (`rustc-env`).
    pub variables: BTreeSet<String>,
    /// The features that it switches on (`rustc-cfg=feature="…"`).
    pub features: BTreeSet<String>,
}

impl Said {
    /// Returns the output of the script with this OUT_DIR.
    #[must_use]
    pub fn by_script(out_dir: &Path) -> Self {
        Self::of(&super::layout::printed_by_script(out_dir))
    }

    fn of(stdout: &[u8]) -> Self {
        let mut said = Self::default();
        for line in read(stdout, &Package { bootstrap: true, ..Package::default() }) {
            match line.says {
                Ok(Instruction::Env { name, .. }) => drop(said.variables.insert(name.to_owned())),
                Ok(Instruction::Cfg(cfg)) => said.features.extend(feature(cfg).map(str::to_owned)),
                _ => {}
            }
        }
        said
    }
}

/// Returns the feature that a cfg sets, in the form that Cargo writes.
#[must_use]
pub fn feature(cfg: &str) -> Option<&str> {
    cfg.strip_prefix("feature=\"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_features_are_read_as_cargo_reads_them() {
        let said = Said::of(
            b"cargo:rustc-cfg=feature=\"folded\"\n cargo::rustc-env=A=b=c\ncargo:rustc-cfg=other\nrustc-env=B=1\n",
        );
        assert_eq!(said.features, BTreeSet::from(["folded".to_owned()]));
        assert!(said.variables.contains("A") && !said.variables.contains("B"), "{said:?}");
    }
}
