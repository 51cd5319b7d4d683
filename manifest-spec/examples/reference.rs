//! Prints the reference of the schema; with the argument `json`, the JSON Schema.

#![expect(clippy::print_stdout, reason = "its one purpose")]

fn main() {
    let json = std::env::args().nth(1).as_deref() == Some("json");
    print!(
        "{}",
        if json {
            inert_manifest_spec::schema::json_schema()
        } else {
            inert_manifest_spec::schema::reference()
        }
    );
}
