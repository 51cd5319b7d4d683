//! Properties over generated input: a written declaration reads back to an equal one, and no input panics.

mod generate;

use generate::Random;
use inert_manifest_spec::{codes, condition, parse_declaration, parse_manifest, render, rules, write};

#[test]
fn generated_declarations_read_back() {
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let declaration = generate::declaration(&mut random);
        let written = write::declaration(&declaration);
        let parsed = parse_declaration(&written);
        let problems: Vec<String> =
            parsed.diagnostics.iter().map(|one| render::plain(one, "declaration.toml", &written)).collect();
        let mut read =
            parsed.declaration.unwrap_or_else(|| panic!("seed {seed}\n{written}\n{}", problems.join("\n")));
        read.clear_spans();
        assert_eq!(read, declaration, "seed {seed}\n{written}");
        let narrow = write::declaration_at(&declaration, "package.metadata.inert");
        // The keys below the table are a declaration of its own.
        let keys = narrow.replace("[package.metadata.inert]\n", "").replace("package.metadata.inert.", "");
        let parsed = parse_declaration(&keys);
        let mut read =
            parsed.declaration.unwrap_or_else(|| panic!("seed {seed}\n{narrow}\n{:?}", parsed.diagnostics));
        read.clear_spans();
        assert_eq!(read, declaration, "seed {seed}\n{narrow}");
    }
}

#[test]
fn what_a_person_reads_is_broken_within_braces_too() {
    let when = r#"all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), feature = "assembler", feature = "static")"#;
    let declaration = parse_declaration(&format!(
        "schema = 1\n[cc-library.z]\nsources = [\"a.c\", {{ values = [{}], when = '{when}' }}]\ndefines.LONG_ENOUGH = {{ value = 1, when = '{when}' }}\n",
        (0..9).map(|n| format!("\"folder/source_{n}.c\"")).collect::<Vec<_>>().join(", ")
    ))
    .declaration
    .expect("a declaration");
    let said = write::declaration_at(&declaration, "package.metadata.inert");
    assert!(said.lines().all(|line| line.len() < 120), "{said}");
    assert!(
        said.contains("    { values = [\n        \"folder/source_0.c\",\n")
            && said.contains("    ], when = '''\n"),
        "{said}"
    );
    // Digests are made of the other layout.
    assert!(write::declaration(&declaration).lines().any(|line| line.len() > 300));
}

#[test]
fn generated_conditions_read_back() {
    for seed in 0..8_000 {
        let condition = generate::condition(&mut Random::new(seed), 4, &generate::Names::everything());
        let written = condition.to_string();
        assert_eq!(condition::parse(&written, 0), Ok(condition), "seed {seed}: {written}");
    }
}

/// Changes, removes or doubles bytes of every case: the parser must not panic, and its spans must be inside the
/// text.
#[test]
fn damaged_documents_do_not_panic() {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut damaged = 0;
    for case in std::fs::read_dir(cases).expect("the cases") {
        let case = case.expect("an entry").path();
        for name in ["Cargo.toml", "declaration.toml"] {
            let Ok(text) = std::fs::read_to_string(case.join(name)) else { continue };
            let mut random = Random::new(text.len() as u64);
            for _ in 0..50 {
                let text = damage(&mut random, &text);
                for parsed in [parse_declaration(&text), parse_manifest(&text)] {
                    for diagnostic in &parsed.diagnostics {
                        assert!(
                            diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= text.len()
                        );
                        let _ = render::plain(diagnostic, name, &text);
                    }
                    if let Some(declaration) = parsed.declaration {
                        let _ = write::declaration(&declaration);
                    }
                }
                damaged += 1;
            }
        }
    }
    assert!(damaged > 1000);
}

fn damage(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, *random.pick(b"{}[]()\"'=,.$\\\n#")),
            2 => bytes[at] = *random.pick(b"{}[]()\"'=,.$\\\n#\0\xff"),
            3 => bytes.truncate(at),
            _ => {
                let end = (at + random.below(40)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn conditions_of_any_text_do_not_panic() {
    let pieces = [
        "all(", "any(", "not(", ")", ",", " ", "unix", "feature", "=", "\"", "\\", "rustc", ">=1", "é",
        "probe", "\0", "(", "x-y",
    ];
    for seed in 0..8_000 {
        let mut random = Random::new(seed);
        let text: String = (0..random.below(12)).map(|_| *random.pick(&pieces)).collect();
        if let Err(diagnostic) = condition::parse(&text, 7) {
            assert!(
                diagnostic.span.start >= 7 && diagnostic.span.end <= text.len() + 7,
                "{text:?} {diagnostic:?}"
            );
        }
    }
}

#[test]
fn large_documents_are_refused_or_read() {
    let code = |text: &str| {
        let parsed = parse_declaration(text);
        (parsed.diagnostics.first().map(|one| one.code), parsed.diagnostics.len())
    };
    let five_megabytes = format!("schema = 1\nwarning = \"{}\"\n", "x".repeat(5 << 20));
    assert_eq!(code(&five_megabytes), (Some(codes::TOO_LARGE), 1));
    let long_text = format!("schema = 1\nwarning = \"{}\"\n", "x".repeat(rules::MAX_TEXT + 1));
    assert_eq!(code(&long_text), (Some(codes::TOO_LARGE), 1));
    let many_items = format!("schema = 1\nwarning = [{}]\n", "\"x\",".repeat(rules::MAX_ITEMS + 1));
    assert_eq!(code(&many_items), (Some(codes::TOO_LARGE), 1));
    let many_errors: String = (0..10_000).map(|index| format!("k{index} = 1\n")).collect();
    assert_eq!(code(&format!("schema = 1\n{many_errors}")), (Some(codes::UNKNOWN_KEY), 501));
    // The largest chain that is read: as many questions as a table may have keys.
    let mut chain = "schema = 1\n[probe]\n".to_owned();
    for index in 0..rules::MAX_ITEMS {
        chain += &format!(
            "p{index} = {{ header = \"a.h\", when = 'probe = \"p{}\"' }}\n",
            (index + 1) % rules::MAX_ITEMS
        );
    }
    assert_eq!(code(&chain), (Some(codes::CYCLE), 1));
    // Every name is wrong, and each is similar to many candidates.
    let mut undefined = "schema = 1\n".to_owned();
    for index in 0..rules::MAX_ITEMS {
        undefined += &format!("probe.p{index}.header = \"a.h\"\ncfg.c{index} = 'probe = \"q{index}\"'\n");
    }
    assert_eq!(code(&undefined), (Some(codes::UNDEFINED), 501));
    let mut alike = "schema = 1\nrustc-env.A_VERSION = [".to_owned();
    for index in 0..rules::MAX_ITEMS {
        alike += &format!("{{ value = \"\", when = 'feature = \"f{index}\"' }},");
    }
    assert_eq!(code(&format!("{alike}]\n")), (None, 0));
    let nested = format!("schema = 1\ncfg.a = \"{}unix{}\"\n", "not(".repeat(200_000), ")".repeat(200_000));
    assert_eq!(code(&nested), (Some(codes::CONDITION_DEPTH), 1));
    let brackets = format!("schema = 1\nwarning = {}\n", "[".repeat(1_000_000));
    assert_eq!(code(&brackets).0, Some(codes::TOML_SYNTAX));
}
