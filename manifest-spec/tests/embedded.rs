//! Tests declarations inside other documents, and checks against a package that the caller describes.

use inert_manifest_spec::{PackageShape, check_package, codes, parse_declaration, parse_table};
use toml::de::DeTable;

#[test]
fn spans_are_those_of_the_document_around() {
    let text =
        "[[declaration]]\npackage = \"p\"\n[declaration.inert]\nschema = 1\ncfg.a = 'any(unix, unixx)'\n";
    let document = DeTable::parse(text).expect("is TOML");
    let declarations =
        document.get_ref().get("declaration").and_then(|list| list.get_ref().as_array()).expect("a list");
    let table = declarations[0].get_ref().get("inert").expect("a table");
    let parsed = parse_table(table, text);
    let spans: Vec<&str> = parsed.diagnostics.iter().map(|one| &text[one.span.clone()]).collect();
    assert_eq!(spans, ["unixx"]);
}

#[test]
fn a_package_is_checked_without_its_text() {
    let text = "schema = 1\ncfg.a = 'feature = \"stdd\"'\nlinks-metadata.b = \"x\"\n\
                cc-library.q.sources = [\"${build-dependency.d.root}/a.c\"]\n";
    let declaration = parse_declaration(text).declaration.expect("is valid");
    let none = PackageShape { features: ["std".to_owned()].into(), ..PackageShape::default() };
    let codes: Vec<&str> = check_package(&declaration, &none).iter().map(|one| one.code).collect();
    assert_eq!(
        codes,
        [codes::METADATA_WITHOUT_LINKS, codes::NO_BUILD_TARGET, codes::UNKNOWN_FEATURE, codes::UNDEFINED]
    );
    let all = PackageShape {
        has_links: true,
        has_build_target: true,
        features: ["stdd".to_owned()].into(),
        build_dependencies: ["d".to_owned()].into(),
    };
    assert_eq!(check_package(&declaration, &all), []);
}
