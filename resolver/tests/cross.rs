//! Builds recipes for other targets, by Debian's cross gcc for aarch64 and mingw-w64. The machine of each object is
//! read from its own header. A target without a compiler here is skipped with a message, unless `INERT_ORACLE=all`
//! requests every target or `INERT_CROSS=required` declares the compilers present.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use inert_resolver::request::{Request, Rustc};
use inert_resolver::world::{Run, World, process_environment};

/// Each target, the test for its machine in an object's first bytes, and the C compiler that is needed.
const TARGETS: &[(&str, Machine, &str)] = &[
    ("aarch64-unknown-linux-gnu", is_elf_aarch64, "aarch64-linux-gnu-gcc"),
    ("x86_64-pc-windows-gnu", is_coff_x86_64, "x86_64-w64-mingw32-gcc"),
];

type Machine = fn(&[u8]) -> bool;

fn is_elf_aarch64(object: &[u8]) -> bool {
    object.starts_with(b"\x7fELF") && object.get(18..20) == Some(&[183, 0])
}

fn is_coff_x86_64(object: &[u8]) -> bool {
    object.starts_with(&[0x64, 0x86])
}

type Case = (&'static str, &'static str, &'static [&'static str]);

/// Recipes and features that need only their own sources (libgit2: zlib's); the first [`USUALLY`] of them always
/// run.
const CASES: &[Case] = &[
    ("bzip2-sys", "0.1.13+1.0.8", &["static"]),
    ("lz4-sys", "1.11.1+lz4-1.10.0", &[]),
    ("psm", "0.1.32", &[]),
    ("libz-sys", "1.1.31", &["static"]),
    ("zstd-sys", "2.1.2+zstd.1.5.7", &[]),
    ("onig_sys", "69.9.3", &[]),
    ("blake3", "1.8.7", &[]),
    ("libdeflate-sys", "1.26.1", &[]),
    ("libnghttp2-sys", "0.1.13+1.68.1", &[]),
    ("libgit2-sys", "0.18.8+1.9.7", &["vendored"]),
    ("snappy_src", "0.2.7+snappy.1.3.1", &[]),
    ("ring", "0.17.14", &[]),
];

const USUALLY: usize = 3;

#[test]
fn recipes_compile_for_other_targets() {
    let all = process_environment().text("INERT_ORACLE") == Some("all");
    let required = all || process_environment().text("INERT_CROSS") == Some("required");
    let cases = if all { CASES } else { &CASES[..USUALLY] };
    fetch(cases);
    let mut problems = Vec::new();
    for (target, machine, compiler) in TARGETS {
        let there = World::new(process_environment(), PathBuf::new()).find_program(compiler).is_some();
        if !there && !required {
            not_tried(compiler);
            continue;
        }
        for (name, version, features) in cases {
            if let Err(problem) = compile(target, *machine, compiler, name, version, features) {
                problems.push(format!("{name} for {target}: {problem}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[expect(clippy::print_stderr, reason = "a test that could not be made says so to whoever runs it")]
fn not_tried(compiler: &str) {
    eprintln!("not tried: `{compiler}` is not on PATH");
}

/// Sources for MSVC's assembler are not covered by the recipes, which is reported before the build.
#[test]
fn msvc_assembly_is_not_covered() {
    for name in ["psm", "ring", "blake3"] {
        let mut world = World::new(process_environment(), PathBuf::new());
        let rustc = rustc(&mut world);
        for target in ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"] {
            let recipe = inert_vendored_fallbacks::RECIPES.iter().find(|(known, _)| *known == name);
            let text = recipe.expect("a recipe").1;
            let text = text.split_once("[entry.declaration]").expect("a declaration").1;
            let unsupported =
                text.lines().find(|line| line.starts_with("unsupported = ")).expect("it says where not");
            let declaration = format!("schema = 1\n{unsupported}\n");
            let declaration = inert_manifest_spec::parse_declaration(&declaration).declaration.expect(name);
            let request = Request {
                target: inert_resolver::request::Target {
                    triple: target.to_owned(),
                    cfgs: cfgs(&mut world, &rustc, target),
                },
                host: rustc.host.clone(),
                rustc: rustc.clone(),
                ..Request::default()
            };
            let found = inert_resolver::uncovered(&declaration, &request, &mut world);
            let said: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert!(
                said.iter().any(|condition| condition.contains("msvc") || condition.contains("windows")),
                "{name} for {target}: {said:?}"
            );
            assert!(said.len() < 3, "only what holds is said: {said:?}");
        }
    }
}

/// Makes Cargo unpack the crates.
fn fetch(cases: &[Case]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cross-fetch");
    let mut manifest =
        "[package]\nname = \"fetch\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n"
            .to_owned();
    for (name, version, _) in cases {
        manifest.push_str(&format!("{name} = \"={version}\"\n"));
    }
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    std::fs::write(folder.join("src/lib.rs"), "").expect("writable");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("writable");
    let mut world = World::new(process_environment(), folder.join("scratch"));
    let program = world.find_program("cargo").expect("cargo is on PATH");
    let args =
        ["fetch", "--manifest-path"].map(Into::into).into_iter().chain([folder.join("Cargo.toml").into()]);
    let output = world.run(&Run { program, args: args.collect(), ..Run::default() }).expect("cargo runs");
    assert!(output.success, "{}", String::from_utf8_lossy(&output.stderr));
}

fn compile(
    target: &str,
    machine: Machine,
    compiler: &str,
    name: &str,
    version: &str,
    features: &[&str],
) -> Result<(), String> {
    let package = published(name, version).ok_or("cargo has not unpacked it")?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cross").join(format!("{name}-{target}"));
    let _ = std::fs::remove_dir_all(&root);
    let mut world = World::new(process_environment(), root.join("scratch"));
    world.find_program(compiler).ok_or_else(|| format!("`{compiler}` is not on PATH"))?;
    let rustc = rustc(&mut world);
    let request = Request {
        package: inert_resolver::request::Package {
            name: name.to_owned(),
            version: version.to_owned(),
            manifest_dir: package.clone(),
            links: None,
            rust_version: None,
        },
        target: inert_resolver::request::Target {
            triple: target.to_owned(),
            cfgs: cfgs(&mut world, &rustc, target),
        },
        host: rustc.host.clone(),
        features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        profile: "debug".into(),
        opt_level: "0".into(),
        out_dir: root.join("out"),
        jobs: inert_resolver::request::Jobs::Threads(2),
        rustc,
        ..Request::default()
    };
    let digest =
        |file: &str| Some(inert_vendored_fallbacks::sha256::hex(&std::fs::read(package.join(file)).ok()?));
    let declaration = inert_catalog::lookup(name, version, digest).ok_or("no recipe is for it")?.declaration;
    let declaration =
        inert_manifest_spec::parse_declaration(&declaration).declaration.ok_or("not a declaration")?;
    // These are the headers of zlib, which libgit2's dependency would provide.
    let mut request = request;
    if let Some(zlib) = published("libz-sys", "1.1.31") {
        request.dep.set("z", "include", zlib.join("src/zlib").display().to_string());
    }
    let resolution = inert_resolver::resolve(&declaration, &request, &mut world)
        .map_err(|failure| failure.kind.to_string())?;
    let archives: Vec<_> =
        resolution.files.iter().filter(|path| path.extension().is_some_and(|e| e == "a")).collect();
    if archives.is_empty() {
        return Err("nothing was archived".into());
    }
    for archive in archives {
        let objects = members(&std::fs::read(archive).map_err(|error| error.to_string())?);
        if objects.is_empty() || !objects.iter().all(|object| machine(object)) {
            return Err(format!("{} holds objects for another machine", archive.display()));
        }
    }
    let _ = std::fs::remove_dir_all(root);
    Ok(())
}

/// Returns the objects in an archive (ar(5)), without its tables.
fn members(archive: &[u8]) -> Vec<Vec<u8>> {
    let mut objects = Vec::new();
    let mut rest = archive.get(8..).unwrap_or_default();
    while rest.len() >= 60 {
        let (header, after) = rest.split_at(60);
        let size: usize = String::from_utf8_lossy(&header[48..58]).trim().parse().expect("a size");
        let name = String::from_utf8_lossy(&header[..16]).trim().to_owned();
        if name != "/" && name != "//" && name != "/SYM64/" {
            objects.push(after[..size].to_vec());
        }
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    objects
}

fn rustc(world: &mut World) -> Rustc {
    let program = world.find_program("rustc").expect("rustc is on PATH");
    let run = Run { program: program.clone(), args: vec!["-vV".into()], ..Run::default() };
    let output = world.run(&run).expect("rustc runs");
    Rustc::parse(program, &String::from_utf8_lossy(&output.stdout)).expect("it says what it is")
}

fn cfgs(world: &mut World, rustc: &Rustc, target: &str) -> BTreeMap<String, Option<Vec<String>>> {
    let args = ["--print", "cfg", "--target", target].map(Into::into).to_vec();
    let output = world.run(&Run { program: rustc.path.clone(), args, ..Run::default() }).expect("rustc runs");
    let mut cfgs: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.split_once('=') {
            None => drop(cfgs.insert(line.to_owned(), None)),
            Some((name, value)) => cfgs
                .entry(name.to_owned())
                .or_insert_with(|| Some(Vec::new()))
                .get_or_insert_default()
                .push(value.trim_matches('"').to_owned()),
        }
    }
    cfgs
}

fn published(name: &str, version: &str) -> Option<PathBuf> {
    let environment = process_environment();
    let home = environment.get("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(environment.get("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let mut candidates =
        registries.filter_map(|entry| Some(entry.ok()?.path().join(format!("{name}-{version}"))));
    candidates.find(|path| path.is_dir())
}

/// Tests that psm's shipped object for WebAssembly is added to an archive.
#[test]
fn a_shipped_object_is_archived() {
    let compiler = "rustc"; // nothing is compiled
    fetch(&[("psm", "0.1.32", &[])]);
    let problem = compile(
        "wasm32-unknown-unknown",
        |bytes| bytes.starts_with(b"\0asm"),
        compiler,
        "psm",
        "0.1.32",
        &[],
    );
    assert_eq!(problem, Ok(()));
}

/// Assembles sources of nasm, in the formats of two systems.
#[test]
fn nasm_assembles() {
    if World::new(process_environment(), PathBuf::new()).find_program("nasm").is_none() {
        return not_tried("nasm");
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cross").join("nasm");
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(root.join("inc")).expect("a folder");
    std::fs::write(root.join("inc/x.inc"), "%define HALF 21\n").expect("writable");
    std::fs::write(root.join("a.asm"), "%include \"x.inc\"\nglobal a\na: mov eax, HALF * TIMES\nret\n")
        .expect("writable");
    for (target, machine) in [
        ("x86_64-unknown-linux-gnu", is_elf_x86_64 as Machine),
        ("x86_64-pc-windows-gnu", is_coff_x86_64 as Machine),
    ] {
        let unit = inert_vendored_fallbacks::Unit {
            name: "a".into(),
            sources: vec![root.join("a.asm")],
            include_dirs: vec![root.join("inc")],
            defines: vec![("TIMES".into(), Some("2".into()))],
            ..Default::default()
        };
        let toolchain = inert_vendored_fallbacks::Toolchain {
            target: target.into(),
            host: "x86_64-unknown-linux-gnu".into(),
            opt_level: "0".into(),
            environment: process_environment(),
            scratch: root.join("scratch"),
            ..Default::default()
        };
        let out = root.join(target);
        let archive = inert_vendored_fallbacks::build(&unit, &toolchain, &out, None).expect("it assembles");
        assert!(archive.reads.contains(&root.join("inc/x.inc")), "{:?}", archive.reads);
        let objects = members(&std::fs::read(archive.path).expect("the archive"));
        assert!(objects.len() == 1 && machine(&objects[0]), "{target}");
    }
    let _ = std::fs::remove_dir_all(root);
}

fn is_elf_x86_64(object: &[u8]) -> bool {
    object.starts_with(b"\x7fELF") && object.get(18..20) == Some(&[62, 0])
}
