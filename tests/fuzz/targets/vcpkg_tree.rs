//! A vcpkg tree: the bytes are cut at every 0x01 into the status file, an update, the port's list of files and a `.pc`
//! file of the port's, which are put on disk and searched, in manifest mode and in a classic tree.

#![no_main]

use std::ffi::OsString;
use std::path::Path;

use inert_manifest_spec::{Item, Library};
use inert_resolver::request::{Request, Target};
use inert_resolver::{World, discovery};

const TRIPLET: &str = "x64-linux";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir().join(format!("inert-fuzz-vcpkg-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let installed = folder.join("installed");
    let pieces: Vec<&[u8]> = bytes.split(|byte| *byte == 1).collect();
    let files = [
        "vcpkg/status".to_owned(),
        "vcpkg/updates/0000000001".to_owned(),
        format!("vcpkg/info/own_1_{TRIPLET}.list"),
        format!("{TRIPLET}/lib/pkgconfig/own.pc"),
        format!("{TRIPLET}/lib/libown.a"),
    ];
    for (at, file) in files.iter().enumerate() {
        write(&installed.join(file), pieces.get(at).copied().unwrap_or_default());
    }
    write(&folder.join(".vcpkg-root"), b"");
    for variable in [("VCPKG_INSTALLED_ROOT", &installed), ("VCPKG_ROOT", &folder)] {
        let library = Library {
            vcpkg: ["own", "other"].map(|port| Item::always(port.to_owned())).into(),
            libs: vec![Item::always("own".to_owned())],
            ..Library::default()
        };
        let request = Request {
            target: Target { triple: "x86_64-unknown-linux-gnu".to_owned(), ..Target::default() },
            host: "x86_64-unknown-linux-gnu".to_owned(),
            ..Request::default()
        };
        let environment = [(OsString::from(variable.0), variable.1.clone().into_os_string())];
        let mut world = World::new(environment.into_iter().collect(), folder.join("scratch"));
        let _ = discovery::find(&library, "own", &request, &mut world);
    }
    let _ = std::fs::remove_dir_all(&folder);
});

fn write(path: &Path, bytes: &[u8]) {
    let parent = path.parent().expect("a file is in a folder");
    std::fs::create_dir_all(parent).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}
