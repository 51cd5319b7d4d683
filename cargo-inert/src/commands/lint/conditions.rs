//! The conditions of a declaration with their locations, and whether each can hold.

use inert_manifest_spec::{Cfg, Condition, Declaration, Fact, Guarded, Item, Span, Truth};

/// A condition, the key that it decides, and its span (`0..0` for a cfg, whose span is not kept).
pub(super) struct Placed<'a> {
    pub(super) what: String,
    pub(super) condition: &'a Condition,
    pub(super) span: Span,
}

/// Returns all conditions of a declaration.
pub(super) fn all(declaration: &Declaration) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    for (name, cfg) in &declaration.cfg {
        match cfg {
            Cfg::Option(condition) => {
                found.push(Placed { what: format!("cfg.{name}"), condition, span: 0..0 })
            }
            Cfg::Values(values) => found.extend(values.iter().map(|(value, condition)| Placed {
                what: format!("cfg.{name}.{value}"),
                condition,
                span: 0..0,
            })),
        }
    }
    for (name, probe) in &declaration.probe {
        one(&mut found, format!("probe.{name}"), probe.when.as_ref(), &probe.span);
    }
    for (name, library) in &declaration.library {
        let what = format!("library.{name}");
        one(&mut found, what.clone(), library.when.as_ref(), &library.span);
        for list in [&library.pkg_config, &library.vcpkg, &library.libs, &library.frameworks] {
            items(&mut found, &what, list);
        }
        guarded(&mut found, &what, library.version.as_ref());
        guarded(&mut found, &what, library.kind.as_ref());
        guarded(&mut found, &what, library.prefer.as_ref());
    }
    for (name, archive) in &declaration.cc_library {
        let what = format!("cc-library.{name}");
        one(&mut found, what.clone(), archive.when.as_ref(), &archive.span);
        for list in [&archive.sources, &archive.exclude, &archive.include_dirs] {
            items(&mut found, &what, list);
        }
        items(&mut found, &what, &archive.flags);
        for define in archive.defines.values() {
            guarded(&mut found, &what, Some(define));
        }
    }
    items(&mut found, "link", &declaration.link);
    items(&mut found, "error", &declaration.error);
    items(&mut found, "warning", &declaration.warning);
    for (name, value) in &declaration.rustc_env {
        guarded(&mut found, &format!("rustc-env.{name}"), Some(value));
    }
    for (name, value) in &declaration.out_dir {
        guarded(&mut found, &format!("out-dir.\"{}\"", name.0), Some(value));
    }
    for (name, value) in &declaration.links_metadata {
        guarded(&mut found, &format!("links-metadata.{name}"), Some(value));
    }
    found
}

fn one<'a>(found: &mut Vec<Placed<'a>>, what: String, condition: Option<&'a Condition>, span: &Span) {
    found.extend(condition.map(|condition| Placed { what, condition, span: span.clone() }));
}

fn items<'a, T>(found: &mut Vec<Placed<'a>>, what: &str, items: &'a [Item<T>]) {
    for item in items {
        one(found, what.to_owned(), item.when.as_ref(), &item.span);
    }
}

fn guarded<'a, T>(found: &mut Vec<Placed<'a>>, what: &str, value: Option<&'a Guarded<T>>) {
    if let Some(value) = value {
        items(found, what, &value.alternatives);
    }
}

/// The number of facts above which a condition is not examined: each fact doubles the work.
const MOST: usize = 12;

/// Returns whether a condition holds for some build, given the facts that exclude each other; `None` if it has too
/// many.
pub(super) fn can_hold(condition: &Condition) -> Option<bool> {
    let mut facts: Vec<&Fact> = Vec::new();
    condition.for_each_fact(&mut |fact| {
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    });
    if facts.len() > MOST {
        return None;
    }
    let holds = (0..1_u32 << facts.len()).any(|world| {
        let yes: Vec<&Fact> =
            facts.iter().enumerate().filter(|(at, _)| world >> at & 1 == 1).map(|(_, fact)| *fact).collect();
        let possible =
            yes.iter().enumerate().all(|(at, one)| yes[..at].iter().all(|other| agree(one, other)));
        possible && condition.evaluate(&mut |fact| Truth::from(yes.contains(&fact))) == Truth::Yes
    });
    Some(holds)
}

/// Returns whether two facts can hold together.
fn agree(one: &Fact, other: &Fact) -> bool {
    const SINGLE: &[&str] = &[
        "target_os",
        "target_arch",
        "target_env",
        "target_vendor",
        "target_endian",
        "target_pointer_width",
        "target_abi",
    ];
    let family = |fact: &Fact| match fact {
        Fact::TargetOption(name) if name == "unix" || name == "windows" => Some(name.clone()),
        Fact::TargetKey { key, value } if key == "target_os" && value == "windows" => Some(value.clone()),
        Fact::TargetKey { key, value } if key == "target_os" && value != "cygwin" => {
            let unix = ["linux", "macos", "freebsd", "netbsd", "openbsd", "dragonfly", "android", "ios"];
            unix.contains(&value.as_str()).then(|| "unix".to_owned())
        }
        _ => None,
    };
    if let (Some(one), Some(other)) = (family(one), family(other))
        && one != other
    {
        return false;
    }
    match (one, other) {
        (Fact::TargetKey { key: a, value: x }, Fact::TargetKey { key: b, value: y }) => {
            a != b || x == y || !SINGLE.contains(&a.as_str())
        }
        (Fact::Channel(x), Fact::Channel(y)) => x == y,
        (Fact::Profile(x), Fact::Profile(y)) | (Fact::OptLevel(x), Fact::OptLevel(y)) => x == y,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::can_hold;

    #[test]
    fn what_cannot_hold() {
        let of = |text: &str| can_hold(&inert_manifest_spec::condition::parse(text, 0).expect("a condition"));
        assert_eq!(of("all(unix, windows)"), Some(false));
        assert_eq!(of("all(target_os = \"linux\", target_os = \"macos\")"), Some(false));
        assert_eq!(of("all(windows, target_os = \"linux\")"), Some(false));
        assert_eq!(of("all(feature = \"a\", not(feature = \"a\"))"), Some(false));
        assert_eq!(of("any(unix, windows)"), Some(true));
        assert_eq!(of("all(target_feature = \"a\", target_feature = \"b\")"), Some(true));
    }
}
