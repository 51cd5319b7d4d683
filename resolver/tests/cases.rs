//! A case is a folder in `tests/cases`: `declaration.toml`, `request.toml` (see `request` below), the package's
//! files in `package/`, and the expected result in `expected.txt`, which `INERT_UPDATE=1` renews.

mod support;

use std::path::Path;

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the case folders")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    let update = inert_resolver::world::process_environment().get("INERT_UPDATE").is_some();
    let failures = std::sync::Mutex::new(Vec::new());
    let queue = std::sync::Mutex::new(names.iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(name) = queue.lock().expect("nobody panics").next() else { return };
                    let actual = support::run(&folder.join(name), name);
                    let expected = folder.join(name).join("expected.txt");
                    if update {
                        std::fs::write(&expected, &actual).expect("a writable folder");
                    } else if std::fs::read_to_string(&expected).unwrap_or_default() != actual {
                        failures.lock().expect("nobody panics").push(format!("== {name}\n{actual}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("nobody panics");
    assert!(failures.is_empty(), "these came out otherwise than expected.txt says:\n{}", failures.join("\n"));
}
