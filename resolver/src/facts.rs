//! The facts that are known before the build: [`truth`] answers them from the request, the caller's environment and
//! the package's files. `probe`, `found` and `dep` are [`Truth::Unknown`] here; [`crate::resolve()`] answers those.

use std::cmp::Ordering;

use inert_manifest_spec::condition::{Fact, Operator, ValueTest};
use inert_manifest_spec::{Condition, Truth};

use crate::journal::PathKind;
use crate::request::Request;
use crate::world::World;

/// Returns whether the fact holds, as far as it is known before the build.
pub fn truth(fact: &Fact, request: &Request, world: &mut World) -> Truth {
    let holds = match fact {
        Fact::TargetOption(name) => request.target.cfgs.contains_key(name),
        Fact::TargetKey { key, value } => values(request, key).iter().any(|held| held == value),
        Fact::CustomCfg { name, value } => match (request.target.cfgs.get(name), value) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(held), Some(value)) => held.as_ref().is_some_and(|held| held.contains(value)),
        },
        Fact::Feature(name) => request.features.contains(name),
        Fact::Rustc(comparison) => comparison.holds(&request.rustc.version),
        Fact::RustcCommitDate(comparison) => {
            request.rustc.commit_date.as_ref().is_some_and(|date| comparison.holds(date))
        }
        Fact::Llvm(comparison) => request.rustc.llvm.is_some_and(|version| comparison.holds(&version)),
        Fact::Channel(channel) => request.rustc.channel == *channel,
        Fact::Target(glob) => glob.matches(&request.target.triple),
        Fact::Host(glob) => glob.matches(&request.host),
        Fact::Cross => request.host != request.target.triple,
        Fact::Profile(profile) => request.profile == *profile,
        Fact::OptLevel(level) => request.opt_level == *level,
        Fact::Debug => request.debug,
        Fact::Env { name, value } => match (world.env(name), value) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(held), Some(value)) => held == value.as_str(),
        },
        Fact::PathExists(path) => {
            let path = request.package.manifest_dir.join(path);
            matches!(world.kind(&path), Some(PathKind::File | PathKind::Directory))
        }
        Fact::Program(name) => world.may_start(name),
        Fact::RustcFlag(text) => request.rustflags.iter().any(|flag| flag.contains(text.as_str())),
        Fact::Probe { .. } | Fact::Found { .. } | Fact::VersionKnown(_) | Fact::Dep { .. } => {
            return Truth::Unknown;
        }
    };
    Truth::from(holds)
}

/// Returns a condition's value, as far as it is known before the build.
pub fn evaluate(condition: &Condition, request: &Request, world: &mut World) -> Truth {
    condition.evaluate(&mut |fact| truth(fact, request, world))
}

/// Returns whether `actual` passes the test: numbers compare as numbers, dotted versions component by component,
/// `=` compares text if either side is neither; in any other case the test fails.
#[must_use]
pub fn test_value(actual: &str, test: &ValueTest) -> bool {
    if test.operator == Operator::Contains {
        return actual.split(',').any(|word| word == test.value);
    }
    let ordering = match (number(actual), number(&test.value)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => match (components(actual), components(&test.value)) {
            (Some(left), Some(right)) => Some(compare_components(&left, &right)),
            _ => None,
        },
    };
    match (ordering, test.operator) {
        (None, Operator::Equal) => actual == test.value,
        (None, _) => false,
        (Some(ordering), Operator::Equal) => ordering == Ordering::Equal,
        (Some(ordering), Operator::GreaterEqual) => ordering != Ordering::Less,
        (Some(ordering), Operator::Greater) => ordering == Ordering::Greater,
        (Some(ordering), Operator::LessEqual) => ordering != Ordering::Greater,
        (Some(ordering), Operator::Less) => ordering == Ordering::Less,
        (Some(_), Operator::Contains) => false,
    }
}

/// Returns whether a library's version passes the test. Versions other than numbers and dots compare as in
/// pkg-config, as the bounds of `version` do.
pub(crate) fn test_version(actual: &str, test: &ValueTest) -> bool {
    let plain = |text: &str| number(text).is_some() || components(text).is_some();
    if plain(actual) && plain(&test.value) {
        return test_value(actual, test);
    }
    crate::pkgconf::Operator::parse(&test.operator.to_string()).holds(actual, &test.value)
}

/// Returns the values of a cfg key of the target; empty if it is not set or a bare option.
pub(crate) fn values<'a>(request: &'a Request, key: &str) -> &'a [String] {
    request.target.cfgs.get(key).and_then(Option::as_ref).map_or(&[], Vec::as_slice)
}

/// Returns whether a dependency's metadata passes the test. OpenSSL writes its version numbers as hexadecimal
/// numbers without `0x`, so a value that is compared with a hexadecimal number is read as one.
#[must_use]
pub fn test_metadata(actual: &str, test: &ValueTest) -> bool {
    let hexadecimal = |text: &str| text.starts_with("0x") || text.starts_with("0X");
    if hexadecimal(&test.value) && !hexadecimal(actual) && test.operator != Operator::Contains {
        return test_value(&format!("0x{actual}"), test);
    }
    test_value(actual, test)
}

/// Reads a number: decimal, or hexadecimal after `0x`.
pub(crate) fn number(text: &str) -> Option<u128> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u128::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

fn components(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|part| (!part.starts_with('+')).then(|| part.parse().ok()).flatten()).collect()
}

fn compare_components(left: &[u64], right: &[u64]) -> Ordering {
    let at = |list: &[u64], i: usize| list.get(i).copied().unwrap_or(0);
    let longest = left.len().max(right.len());
    (0..longest)
        .map(|i| at(left, i).cmp(&at(right, i)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_as_the_schema_says() {
        let holds = |actual: &str, operator, value: &str| {
            test_value(actual, &ValueTest { operator, value: value.to_owned() })
        };
        assert!(holds("0x10101000", Operator::GreaterEqual, "0x10100000"));
        assert!(holds("805306368", Operator::Equal, "0x30000000"));
        assert!(holds("1.2.11", Operator::GreaterEqual, "1.2.9"));
        assert!(holds("1.2", Operator::Equal, "1.2.0"));
        assert!(holds("yes", Operator::Equal, "yes"));
        assert!(!holds("yes", Operator::GreaterEqual, "no"));
        assert!(!holds("", Operator::GreaterEqual, "0"));
    }
}
