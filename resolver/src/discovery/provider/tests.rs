use inert_manifest_spec::VersionRange;
use inert_manifest_spec::condition::{Comparison, Operator};

use super::*;

fn select(asks: &[Ask], policy: &LibraryPolicy) -> Selection {
    let policies = ["x", "y"].map(|platform| (platform.to_owned(), policy.clone()));
    super::select(asks, &policies.into())
}

fn ask(package: &str, key: &str, module: &str) -> Ask {
    Ask {
        package: package.into(),
        key: key.into(),
        platform: "x".into(),
        modules: vec![module.into()],
        ..Ask::default()
    }
}

fn at_least(version: &str) -> VersionRange {
    VersionRange { comparisons: vec![Comparison { operator: Operator::GreaterEqual, value: version.into() }] }
}

fn below(version: &str) -> VersionRange {
    VersionRange { comparisons: vec![Comparison { operator: Operator::Less, value: version.into() }] }
}

fn found(version: &str) -> Discovery {
    Discovery::Found { version: Some(version.into()) }
}

fn absent() -> Discovery {
    Discovery::NotFound {
        unmet: false,
        remedies: vec!["apt install zlib1g-dev".into()],
        tried: vec!["pkg-config: no".into()],
        has: None,
    }
}

fn built() -> Option<Source> {
    Some(Source { version: Some("1.3".into()), shareable: true })
}

#[test]
fn two_that_need_one_library_get_the_same() {
    let asks = [
        Ask { found: found("1.2.13"), ..ask("libz-sys 1.1", "zlib", "zlib") },
        Ask { found: found("1.2.13"), ..ask("other-sys 1.0", "z", "zlib") },
        Ask { found: found("3.0"), ..ask("openssl-sys 0.9", "openssl", "openssl") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert_eq!(selection.chosen.len(), 2);
    assert_eq!(selection.chosen[0].asked_by.len(), 2);
    assert_eq!(selection.chosen[0].choice, Choice::System { version: Some("1.2.13".into()) });
}

#[test]
fn platforms_are_apart() {
    let asks = [
        Ask { found: found("1.2"), ..ask("a", "zlib", "zlib") },
        Ask { found: found("1.3"), platform: "y".into(), ..ask("a", "zlib", "zlib") },
    ];
    assert_eq!(select(&asks, &LibraryPolicy::default()).chosen.len(), 2);
}

#[test]
fn versions_that_exclude_each_other_name_both() {
    let asks = [
        Ask { found: found("1.2"), version: below("2"), ..ask("old 1", "zlib", "zlib") },
        Ask { found: absent(), version: at_least("2"), ..ask("new 1", "zlib", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    let text = selection.problems[0].to_string();
    assert!(text.contains("old 1") && text.contains("new 1") && text.contains("1.2"), "{text}");
}

#[test]
fn all_that_is_missing_is_reported_at_once() {
    let asks = [
        Ask { found: absent(), ..ask("a", "zlib", "zlib") },
        Ask { found: absent(), ..ask("b", "openssl", "openssl") },
    ];
    assert_eq!(select(&asks, &LibraryPolicy::default()).problems.len(), 2);
}

#[test]
fn source_where_the_system_has_none_and_all_share_it() {
    let asks = [
        Ask { found: absent(), ..ask("a", "z", "zlib") },
        Ask { found: absent(), source: built(), ..ask("b", "zlib", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert_eq!(selection.chosen[0].choice, Choice::Source { package: "b".into(), key: "zlib".into() });
}

#[test]
fn the_users_word_outranks_a_crates_preference() {
    let asks =
        [Ask { found: found("1.2"), source: built(), prefers_source: true, ..ask("a", "zlib", "zlib") }];
    let prefer = select(&asks, &LibraryPolicy::default());
    assert!(matches!(prefer.chosen[0].choice, Choice::Source { .. }));
    let policy = LibraryPolicy { default: Some(LibrarySource::SystemOnly), ..LibraryPolicy::default() };
    assert!(matches!(select(&asks, &policy).chosen[0].choice, Choice::System { .. }));
    let policy = LibraryPolicy {
        by_name: [("zlib".to_owned(), LibrarySource::SourceOnly)].into(),
        ..LibraryPolicy::default()
    };
    assert!(matches!(select(&asks, &policy).chosen[0].choice, Choice::Source { .. }));
}

#[test]
fn a_source_that_another_refuses_is_not_chosen() {
    let asks = [
        Ask { found: absent(), source: built(), ..ask("a", "zlib", "zlib") },
        Ask { found: absent(), version: at_least("2"), ..ask("b", "zlib", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert!(matches!(&selection.problems[0], Problem::Versions { .. }), "{selection:?}");
}

#[test]
fn kinds_that_exclude_each_other_name_both() {
    let asks = [
        Ask { found: found("1"), kind: Some(LinkKind::Static), ..ask("a", "zlib", "zlib") },
        Ask { found: found("1"), kind: Some(LinkKind::Dylib), ..ask("b", "zlib", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert!(matches!(&selection.problems[0], Problem::Kinds { .. }));
}

#[test]
fn what_all_can_do_without_is_no_problem() {
    let asks = [Ask { found: absent(), optional: true, ..ask("a", "zlib", "zlib") }];
    assert_eq!(select(&asks, &LibraryPolicy::default()).chosen[0].choice, Choice::Absent);
}

#[test]
fn what_would_be_built_in_its_place_is_needed_where_only_the_systems_will_do() {
    let policy = LibraryPolicy { default: Some(LibrarySource::SystemOnly), ..LibraryPolicy::default() };
    let builds = Ask { found: absent(), optional: true, source: built(), ..ask("a", "zlib", "zlib") };
    assert!(matches!(&select(&[builds], &policy).problems[0], Problem::Missing { .. }));
    let goes_without = Ask { found: absent(), optional: true, ..ask("a", "zlib", "zlib") };
    assert_eq!(select(&[goes_without], &policy).chosen[0].choice, Choice::Absent);
}

#[test]
fn a_source_does_not_stand_in_for_what_the_user_insists_on() {
    let insisted = Discovery::NotFound {
        remedies: Vec::new(),
        tried: vec!["inert.toml: not there".into()],
        unmet: true,
        has: None,
    };
    let asks = [Ask { found: insisted, source: built(), ..ask("a", "zlib", "zlib") }];
    assert!(matches!(&select(&asks, &LibraryPolicy::default()).problems[0], Problem::Missing { .. }));
}

#[test]
fn a_shared_library_is_not_built() {
    let shared = |word| LibraryPolicy {
        default: word,
        kind: [("zlib".to_owned(), LinkKind::Dylib)].into(),
        ..LibraryPolicy::default()
    };
    let asks = [Ask { found: absent(), source: built(), ..ask("libz-sys 1.1", "zlib", "zlib") }];
    assert!(matches!(select(&asks, &shared(None)).problems[..], [Problem::Missing { .. }]));
    let problems = select(&asks, &shared(Some(LibrarySource::SourceOnly))).problems;
    assert!(problems[0].headline().contains("is an archive"), "{}", problems[0]);
}

#[test]
fn the_source_of_one_is_for_all() {
    let asks = [
        Ask { found: absent(), version: at_least("1.2"), ..ask("b-sys 1.0", "z", "zlib") },
        Ask { found: absent(), source: built(), ..ask("libz-sys 1.1", "zlib", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    let source = Choice::Source { package: "libz-sys 1.1".into(), key: "zlib".into() };
    assert_eq!(selection.chosen[0].choice, source);
    assert_eq!((selection.chosen[0].apart.len(), selection.warnings.len()), (0, 0));
}

#[test]
fn a_source_that_will_not_do_names_both() {
    let with = |source: Source| {
        let asks = [
            Ask { found: absent(), version: at_least("1.2"), ..ask("b-sys 1.0", "z", "zlib") },
            Ask { found: absent(), source: Some(source), ..ask("libz-sys 1.1", "zlib", "zlib") },
        ];
        select(&asks, &LibraryPolicy::default()).problems[0].headline()
    };
    let unknown = with(Source { version: None, shareable: true });
    assert!(unknown.contains("b-sys 1.0 needs the zlib that libz-sys 1.1 ships"), "{unknown}");
    assert!(unknown.contains("its version is not known, and >=1.2 is needed"), "{unknown}");
    let own = with(Source { version: Some("1.3".into()), shareable: false });
    assert!(own.contains("only that package's own script is told"), "{own}");
    let old = with(Source { version: Some("1.1".into()), shareable: true });
    assert!(old.contains("this one is 1.1"), "{old}");
}

#[test]
fn two_that_build_their_own_are_both_named() {
    let of = |version: Option<&str>| Some(Source { version: version.map(str::to_owned), shareable: true });
    let asks = [
        Ask { found: absent(), source: of(None), version: at_least("1.2"), ..ask("b-sys 1.0", "z", "zlib") },
        Ask { found: absent(), source: of(None), ..ask("a-sys 1.0", "z", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert_eq!(selection.chosen[0].apart, [("b-sys 1.0".to_owned(), "z".to_owned())]);
    assert!(selection.warnings[0].contains("a-sys 1.0 and b-sys 1.0 each build their own zlib"));
    // A source of known version is shared by all.
    let asks = [
        Ask {
            found: absent(),
            source: of(Some("1.3")),
            version: at_least("1.2"),
            ..ask("b-sys 1.0", "z", "zlib")
        },
        Ask { found: absent(), source: of(None), ..ask("a-sys 1.0", "z", "zlib") },
    ];
    let selection = select(&asks, &LibraryPolicy::default());
    assert_eq!(selection.chosen[0].choice, Choice::Source { package: "b-sys 1.0".into(), key: "z".into() });
    assert_eq!(selection.warnings, Vec::<String>::new());
}

#[test]
fn ranges_that_no_version_is_in_are_said_to_be() {
    use super::problem::disjoint;
    let range = |text: &str| {
        let one = |part: &str| {
            let part = part.trim();
            let (operator, value) = part.split_at(part.find(|c: char| c.is_ascii_digit()).unwrap());
            let operator = match operator {
                ">=" => Operator::GreaterEqual,
                ">" => Operator::Greater,
                "<=" => Operator::LessEqual,
                "<" => Operator::Less,
                _ => Operator::Equal,
            };
            Comparison { operator, value: value.to_owned() }
        };
        VersionRange { comparisons: text.split(',').map(one).collect() }
    };
    for (one, other, expected) in [
        (">=3", "<2", true),
        ("<2", ">=3", true),
        (">=2", "<2", true),
        (">2", "<=2", true),
        (">=2", "<=2", false),
        ("=1", "=2", true),
        ("=1.2", ">=1, <2", false),
        (">=1.2, <1.2.5", ">=1.2.5", true),
        (">=1.2", ">=1.10", false),
        (">=1.10", "<1.9", true),
    ] {
        assert_eq!(disjoint(&range(one), &range(other)), expected, "{one} {other}");
    }
    let asks = [
        Ask { version: at_least("3"), found: absent(), ..ask("one 1", "zlib", "zlib") },
        Ask { version: below("2"), found: absent(), ..ask("two 1", "zlib", "zlib") },
    ];
    let problems = select(&asks, &LibraryPolicy::default()).problems;
    assert!(
        problems[0].remedies()[0].contains("take versions of one 1 and two 1 that agree"),
        "{problems:?}"
    );
}

fn between(low: &str, high: &str) -> VersionRange {
    let mut range = at_least(low);
    range.comparisons.extend(below(high).comparisons);
    range
}

/// Two requests of one package for one library; the package takes the first that is found.
fn alternatives(package: &str, first: Discovery, second: Discovery, source: Option<Source>) -> [Ask; 2] {
    let ask = |key: &str, version, found| Ask {
        optional: true,
        version,
        found,
        source: source.clone(),
        ..ask(package, key, "alt9")
    };
    [ask("alt9", between("1.5.1", "1.6.0"), first), ask("alt9_2", between("1.4.5", "1.5.0"), second)]
}

#[test]
fn alternatives_of_a_package_do_not_exclude_each_other() {
    let system = |version: &str| Choice::System { version: Some(version.into()) };
    let policies = [
        LibraryPolicy::default(),
        LibraryPolicy { default: Some(LibrarySource::SystemOnly), ..LibraryPolicy::default() },
    ];
    for source in [None, Some(Source::default()), built()] {
        for policy in &policies {
            for (first, second, version) in
                [(found("1.5.1"), absent(), "1.5.1"), (absent(), found("1.4.6"), "1.4.6")]
            {
                let asks = alternatives("altw 0.1.0", first.clone(), second.clone(), source.clone());
                let selection = select(&asks, policy);
                assert_eq!(selection.problems, []);
                assert_eq!(selection.chosen[0].choice, system(version), "{first:?} {second:?} {source:?}");
                assert_eq!((&selection.chosen[0].apart, &selection.chosen[0].without), (&vec![], &vec![]));
                assert_eq!(selection.warnings, Vec::<String>::new());
            }
        }
    }
    // One of the alternatives is available as the user requires.
    let insisted = Discovery::NotFound { remedies: Vec::new(), tried: Vec::new(), unmet: true, has: None };
    let asks = alternatives("altw 0.1.0", insisted.clone(), found("1.4.6"), None);
    assert_eq!(select(&asks, &LibraryPolicy::default()).chosen[0].choice, system("1.4.6"));
    let asks = alternatives("altw 0.1.0", insisted, absent(), built());
    assert!(matches!(select(&asks, &LibraryPolicy::default()).problems[..], [Problem::Missing { .. }]));
}

#[test]
fn of_alternatives_none_of_which_is_found_the_source_is_built() {
    let asks = alternatives("altw 0.1.0", absent(), absent(), Some(Source::default()));
    let source =
        select(&asks, &LibraryPolicy { default: Some(LibrarySource::SourceOnly), ..Default::default() });
    assert!(matches!(&source.chosen[0].choice, Choice::Source { .. }), "{source:?}");
    assert_eq!(source.warnings, Vec::<String>::new());
    let none = select(&asks, &LibraryPolicy::default());
    assert!(matches!(&none.chosen[0].choice, Choice::Absent), "{none:?}");
    let only = LibraryPolicy { default: Some(LibrarySource::SystemOnly), ..Default::default() };
    assert!(matches!(select(&asks, &only).problems[..], [Problem::Missing { .. }]));
}

#[test]
fn an_optional_wish_of_another_package_forbids_nothing() {
    let needs = Ask { found: found("1.5.1"), ..ask("needs 1.0", "alt", "alt9") };
    let wishes = |source| Ask {
        optional: true,
        version: at_least("2"),
        found: absent(),
        source,
        ..ask("wishes 1.0", "alt", "alt9")
    };
    let system = Choice::System { version: Some("1.5.1".into()) };
    let goes_without = select(&[wishes(None), needs.clone()], &LibraryPolicy::default());
    assert_eq!(goes_without.chosen[0].choice, system);
    assert_eq!(goes_without.warnings, Vec::<String>::new());
    // The source cannot be built for others, so the program has two copies, and a warning says so.
    let apart = select(&[wishes(Some(Source::default())), needs.clone()], &LibraryPolicy::default());
    assert_eq!(apart.chosen[0].choice, system);
    assert_eq!(apart.chosen[0].apart, [("wishes 1.0".to_owned(), "alt".to_owned())]);
    assert!(apart.warnings[0].contains("wishes 1.0 builds its own alt9"), "{:?}", apart.warnings);
    // A source that can be built for all is the one provider.
    let source = Some(Source { version: Some("2.1".into()), shareable: true });
    let one = select(&[wishes(source), needs.clone()], &LibraryPolicy::default());
    assert!(matches!(&one.chosen[0].choice, Choice::Source { package, .. } if package == "wishes 1.0"));
    // The policy setting is respected.
    let only = LibraryPolicy { default: Some(LibrarySource::SystemOnly), ..Default::default() };
    let refused = select(&[wishes(Some(Source::default())), needs], &only);
    assert!(matches!(refused.problems[..], [Problem::Versions { .. }]), "{refused:?}");
}

#[test]
fn a_source_is_not_forced_on_who_wishes_for_another_version() {
    let builds = Ask { found: absent(), source: built(), ..ask("builds 1.0", "z", "zlib") };
    let wishes = |source| Ask {
        optional: true,
        version: at_least("2"),
        found: absent(),
        source,
        ..ask("wishes 1.0", "zlib", "zlib")
    };
    let asker = ("wishes 1.0".to_owned(), "zlib".to_owned());
    let without = select(&[builds.clone(), wishes(None)], &LibraryPolicy::default());
    assert!(matches!(&without.chosen[0].choice, Choice::Source { package, .. } if package == "builds 1.0"));
    assert_eq!(without.chosen[0].without.first(), Some(&asker));
    let own = Some(Source { version: None, shareable: false });
    let apart = select(&[builds, wishes(own)], &LibraryPolicy::default());
    assert_eq!(apart.chosen[0].apart, [asker]);
    assert_eq!(apart.warnings.len(), 1);
}

#[test]
fn kinds_of_those_that_can_do_without_exclude_no_one() {
    let linked = |kind, optional, package: &str| Ask {
        found: found("1"),
        kind: Some(kind),
        optional,
        ..ask(package, "z", "zlib")
    };
    let asks = [linked(LinkKind::Dylib, true, "wishes 1.0"), linked(LinkKind::Static, false, "needs 1.0")];
    let selection = select(&asks, &LibraryPolicy::default());
    assert_eq!(selection.chosen[0].without, [("wishes 1.0".to_owned(), "z".to_owned())]);
    assert!(selection.warnings[0].contains("[library-kind]"), "{:?}", selection.warnings);
    let of_one = [linked(LinkKind::Dylib, true, "one 1.0"), linked(LinkKind::Static, true, "one 1.0")];
    assert_eq!(select(&of_one, &LibraryPolicy::default()).chosen[0].without, []);
}
