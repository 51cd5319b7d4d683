//! Temporary.
#[test]
fn design_example() {
    let parsed = inert_manifest_spec::parse_manifest(include_str!("cases/design-example/Cargo.toml"));
    assert!(parsed.diagnostics.is_empty(), "{:#?}", parsed.diagnostics);
    assert!(parsed.declaration.is_some());
}
