//! `cfg`: declares and sets cfgs.

use inert_manifest_spec::Cfg;

use crate::directives::Directive;
use crate::engine::{Engine, Result};

/// Prints `rustc-check-cfg` for every cfg of the declaration with all its values, and `rustc-cfg` for those that
/// are set.
pub(super) fn cfgs(engine: &mut Engine<'_>) -> Result<()> {
    let declaration = engine.declaration;
    for (name, cfg) in &declaration.cfg {
        let (bare, values) = match cfg {
            Cfg::Option(_) => (true, Default::default()),
            Cfg::Values(values) => (false, values.keys().cloned().collect()),
        };
        engine.directives.push(Directive::CheckCfg { name: name.clone(), bare, values });
    }
    for (name, cfg) in &declaration.cfg {
        match cfg {
            Cfg::Option(condition) => {
                if engine.holds(condition)? {
                    engine.directives.push(Directive::Cfg { name: name.clone(), value: None });
                }
            }
            Cfg::Values(values) => {
                for (value, condition) in values {
                    if engine.holds(condition)? {
                        let value = Some(value.clone());
                        engine.directives.push(Directive::Cfg { name: name.clone(), value });
                    }
                }
            }
        }
    }
    Ok(())
}
