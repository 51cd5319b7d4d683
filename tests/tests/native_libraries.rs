//! Problems from the trackers of `-sys` crates and build tools, as small projects: the program itself reports which
//! library it is linked with. In every case the result is that of plain cargo with the original script, or the
//! documented difference.

use std::path::PathBuf;

use inert_tests::{Said, Sandbox, said};

const APP: &str =
    "[workspace]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n";

/// Makes a shared library whose one function returns a number, and its `.pc` file.
fn shared(sandbox: &Sandbox, name: &str, version: &str, says: i32) {
    let at = "sys/lib";
    let source = format!("sys/{name}.c");
    let pc = format!(
        "prefix={0}\nName: {name}\nDescription: x\nVersion: {version}\nLibs: -L${{prefix}}/lib -l{name}\n",
        sandbox.path("sys").display()
    );
    sandbox.write(&[
        (&source, &format!("int {name}(void) {{ return {says}; }}")),
        (&format!("{at}/pkgconfig/{name}.pc"), &pc),
    ]);
    let mut compiler = sandbox.command("", "cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(sandbox.path(&format!("{at}/lib{name}.so")));
    let _ = said(compiler.arg(sandbox.path(&source))).good();
}

/// Makes the same library as an archive.
fn archive(sandbox: &Sandbox, folder: &str, name: &str, function: &str, says: i32) -> PathBuf {
    let source = format!("{folder}/{name}.c");
    sandbox.write(&[(&source, &format!("int {function}(void) {{ return {says}; }}"))]);
    let object = sandbox.path(&format!("{folder}/{name}.o"));
    let _ =
        said(sandbox.command("", "cc").args(["-fPIC", "-c", "-o"]).arg(&object).arg(sandbox.path(&source)))
            .good();
    let archive = sandbox.path(&format!("{folder}/lib{name}.a"));
    let _ = said(sandbox.command("", "ar").arg("crs").arg(&archive).arg(&object)).good();
    std::fs::remove_file(object).unwrap();
    archive
}

/// Runs `cargo inert <words>` in the application, with the libraries of `sys` on the search path.
fn inert(sandbox: &Sandbox, words: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = sandbox.command("app", "cargo");
    command.arg("inert").args(words.split_whitespace());
    command.env("PKG_CONFIG_PATH", sandbox.path("sys/lib/pkgconfig"));
    command.env("LD_LIBRARY_PATH", sandbox.path("sys/lib"));
    command.envs(variables.iter().copied());
    said(&mut command)
}

/// Makes a package that looks for a library in one version, else in another, else compiles its own.
fn wrapper(sandbox: &Sandbox, source: bool, ranges: &[(&str, &str)]) {
    let probe = |(low, high): &(&str, &str)| {
        format!(
            "if pkg_config::Config::new().range_version(\"{low}\"..\"{high}\").probe(\"alt9\").is_ok() {{ return; }}\n"
        )
    };
    let last = if source { "cc::Build::new().file(\"alt.c\").compile(\"alt9\");" } else { "" };
    let script = format!("fn main() {{\n{}{last}\n}}", ranges.iter().map(probe).collect::<String>());
    sandbox.write(&[
        (
            "altw/Cargo.toml",
            "[package]\nname = \"altw\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"alt9\"\n\
             [build-dependencies]\npkg-config = \"0.3\"\ncc = \"1\"\n",
        ),
        ("altw/build.rs", &script),
        ("altw/alt.c", "int alt9(void) { return 100; }"),
        ("altw/src/lib.rs", "extern \"C\" { fn alt9() -> i32; }\npub fn get() -> i32 { unsafe { alt9() } }"),
        ("app/Cargo.toml", &format!("{APP}altw = {{ path = \"../altw\" }}\n")),
        ("app/src/main.rs", "fn main() { println!(\"{}\", altw::get()); }"),
    ]);
}

/// The case of libgit2-sys 0.14 on Debian 12: one range, else another, else its own source.
#[test]
fn alternatives_of_one_package_are_alternatives() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    let (new, old) = (("1.5.1", "1.6.0"), ("1.4.5", "1.5.0"));
    for (source, ranges) in [(true, [new, old]), (false, [new, old]), (true, [old, new]), (false, [old, new])]
    {
        wrapper(&sandbox, source, &ranges);
        let out = inert(&sandbox, "run -q", &[]).good().out;
        assert_eq!(out, "15\n", "{source} {ranges:?}");
        let out = inert(&sandbox, "explain alt9", &[]).good().out;
        assert!(!out.contains("built from"), "{out}");
    }
    wrapper(&sandbox, true, &[old, ("2.0", "3.0")]);
    assert_eq!(inert(&sandbox, "run -q", &[]).good().out, "100\n", "neither is there");
    // What is said of it is of one piece, and the last build repeats nothing of this moment.
    let out = inert(&sandbox, "explain alt9", &[]).good().out;
    assert!(out.contains("provided by  its own source, which altw 0.1.0 builds\n"), "{out}");
    assert!(
        out.contains("because      the system's, 1.5.1, will not do, and all that ask can do without"),
        "{out}"
    );
    assert!(out.contains("outcome    built from its own source"), "{out}");
    assert!(!out.contains("nobody") && !out.contains("not found"), "{out}");
    let out = inert(&sandbox, "explain altw", &[]).good().out;
    assert!(out.contains("in the last build, for ") && out.contains("told Cargo"), "{out}");
    let (now, then) = out.split_once("in the last build, for ").unwrap();
    assert!(
        now.contains("alt9.pc (read)") && !then.contains("alt9.pc") && !then.contains("pkg-config"),
        "{out}"
    );
    sandbox.write(&[("app/inert.toml", "[libraries]\nalt9 = \"system-only\"\n")]);
    let _ = inert(&sandbox, "run -q", &[])
        .code(101)
        .says("alt9 on this system, for ")
        .says("is 1.5.1, which will not do");
    wrapper(&sandbox, true, &[old, new]);
    assert_eq!(inert(&sandbox, "run -q", &[]).good().out, "15\n", "the user's word is kept by one of them");
}

/// The case of rusqlite#1329 and similar ones: the folder that the user names is used, whatever version it holds.
#[test]
fn a_folder_that_the_user_names_is_the_one_that_is_linked() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "app/Cargo.toml",
            &format!("{APP}libsqlite3-sys = {{ version = \"=0.30.1\", default-features = false }}\n"),
        ),
        (
            "app/src/main.rs",
            "fn main() { println!(\"{}\", unsafe { libsqlite3_sys::sqlite3_libversion_number() }); }",
        ),
        ("own/README", ""),
    ]);
    archive(&sandbox, "own", "sqlite3", "sqlite3_libversion_number", 77);
    let folder = sandbox.path("own").display().to_string();
    for more in [None, Some(("SQLITE3_STATIC", "1"))] {
        let variables: Vec<_> = [("SQLITE3_LIB_DIR", folder.as_str())].into_iter().chain(more).collect();
        assert_eq!(inert(&sandbox, "run -q", &variables).good().out, "77\n", "{more:?}");
    }
    // A `.pc` file below the folder tells what the library there needs, and the script takes it from there (rusqlite#479).
    let needs = "int extra9(void); int sqlite3_libversion_number(void) { return extra9(); }";
    archive(&sandbox, "own", "extra9", "extra9", 88);
    sandbox.write(&[
        ("own/needs.c", needs),
        (
            "own/pkgconfig/sqlite3.pc",
            &format!("Name: sqlite3\nDescription: x\nVersion: 3.50\nLibs: -L{folder} -lsqlite3 -lextra9\n"),
        ),
    ]);
    let object = sandbox.path("own/needs.o");
    let _ = said(sandbox.command("own", "cc").args(["-fPIC", "-c", "needs.c"])).good();
    std::fs::remove_file(sandbox.path("own/libsqlite3.a")).unwrap();
    let _ = said(sandbox.command("own", "ar").args(["crs", "libsqlite3.a"]).arg(&object)).good();
    for more in [None, Some(("SQLITE3_STATIC", "1"))] {
        let variables: Vec<_> = [("SQLITE3_LIB_DIR", folder.as_str())].into_iter().chain(more).collect();
        assert_eq!(inert(&sandbox, "run -q", &variables).good().out, "88\n", "{more:?}");
    }
    let out = inert(&sandbox, "explain libsqlite3-sys", &[("SQLITE3_LIB_DIR", &folder)]).good().out;
    assert!(out.contains("SQLITE3_LIB_DIR: ") && out.contains("own/pkgconfig/sqlite3.pc"), "{out}");
}

/// The driver shows the warnings of discovery, in every build, once: Cargo hides them for packages outside the
/// workspace.
#[test]
fn warnings_are_said_where_people_see_them() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, true, &[("1.4.5", "1.6.0")]);
    let static_asked = [("ALT9_STATIC", "1")];
    for _ in 0..2 {
        let said = inert(&sandbox, "build", &static_asked).good();
        let warned = "altw 0.1.0, alt9: ALT9_STATIC asks for static linking, but there is no libalt9.a in";
        assert_eq!(said.err.matches(warned).count(), 1, "{}", said.err);
        assert!(said.err.contains("`alt9 = \"static\"` under [library-kind]"), "{}", said.err);
    }
    // The system's version is too old, and the source is built: the warning names the version and the line that
    // silences it.
    wrapper(&sandbox, true, &[("1.6.0", "2.0.0")]);
    let said = inert(&sandbox, "build", &[]).good();
    let warned = "altw 0.1.0, alt9: built from the package's own source, since the system's will not do:";
    assert_eq!(said.err.matches(warned).count(), 1, "{}", said.err);
    assert!(said.err.contains("has version 1.5.1, but alt9 >= 1.6.0 is needed"), "{}", said.err);
    assert!(said.err.contains("`alt9 = \"source\"` under [libraries]"), "{}", said.err);
    sandbox.write(&[("app/inert.toml", "[libraries]\nalt9 = \"source\"\n")]);
    assert!(!inert(&sandbox, "build", &[]).good().err.contains("built from the package's own source"));
}

/// A region of the linker's line may be one token: the library in it is linked whole.
#[test]
fn a_library_in_a_region_is_linked() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, false, &[("1.0", "2.0")]);
    sandbox.write(&[("sys/plug/README", "")]);
    archive(&sandbox, "sys/plug", "plug", "plug", 7);
    let pc = |libs: &str| {
        let at = sandbox.path("sys");
        sandbox.write(&[(
            "sys/lib/pkgconfig/alt9.pc",
            &format!(
                "Name: a\nDescription: x\nVersion: 1.5.1\nLibs: -L{0}/plug -L{0}/lib {libs}\n",
                at.display()
            ),
        )]);
    };
    sandbox.write(&[(
        "app/src/main.rs",
        "extern \"C\" { fn plug() -> i32; }\nfn main() { println!(\"{} {}\", altw::get(), unsafe { plug() }); }",
    )]);
    for libs in [
        "-Wl,--whole-archive,-lplug,--no-whole-archive -lalt9",
        "-Wl,--push-state,--whole-archive -lplug -Wl,--pop-state -lalt9",
        "-Wl,-Bstatic -l plug -Wl,-Bdynamic -l alt9",
    ] {
        pc(libs);
        assert_eq!(inert(&sandbox, "run -q", &[]).good().out, "15 7\n", "{libs}");
    }
    pc("-Wl,-Bstatic -lalt9 -Wl,-Bdynamic");
    let said = inert(&sandbox, "build", &[]).code(101);
    assert!(said.err.contains("alt9.pc:4: `-lalt9` stands under -Bstatic"), "{}", said.err);
}

/// `-l:file` names one file, in the system's folders and in those of the `.pc` file: dependents are linked with it,
/// even if an archive and a shared library both have the name after `-l`.
#[test]
fn a_file_by_its_name_is_the_one_that_is_linked() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    archive(&sandbox, "sys/lib", "alt9", "alt9", 33);
    wrapper(&sandbox, false, &[("1.0", "2.0")]);
    let pc = |libs: &str| {
        let text = format!("Name: a\nDescription: x\nVersion: 1.5.1\nLibs: {libs}\n");
        sandbox.write(&[("sys/lib/pkgconfig/alt9.pc", &text)]);
    };
    let folder = sandbox.path("sys/lib").display().to_string();
    for (libs, says) in [
        (format!("-L{folder} -l:libalt9.a"), "33\n"),
        (format!("-L{folder} -Wl,-l:libalt9.a"), "33\n"),
        (format!("-L{folder} -l:libalt9.so"), "15\n"),
    ] {
        pc(&libs);
        assert_eq!(inert(&sandbox, "run -q", &[]).good().out, says, "{libs}");
    }
    assert_eq!(
        inert(&sandbox, "run -q", &[("ALT9_STATIC", "1")]).good().out,
        "15\n",
        "it names the shared one"
    );
    pc(&format!("-L{folder} -l:alt9.o"));
    let said = inert(&sandbox, "build", &[]).code(101);
    assert!(said.err.contains("alt9.pc:4: the flag `-l:alt9.o` is refused"), "{}", said.err);
}

/// A `.pc` file without a folder leaves it to the linker, which searches the caller's `LIBRARY_PATH`, and the folder
/// `lib` beside each of its folders.
#[test]
fn a_library_in_a_folder_that_the_linker_is_told_of_is_linked() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, false, &[("1.0", "2.0")]);
    sandbox
        .write(&[("sys/lib/pkgconfig/alt9.pc", "Name: a\nDescription: x\nVersion: 1.5.1\nLibs: -lalt9\n")]);
    sandbox.write(&[("sys/beside/README", "")]);
    for folder in ["sys/lib", "sys/beside"] {
        let folder = sandbox.path(folder).display().to_string();
        assert_eq!(inert(&sandbox, "run -q", &[("LIBRARY_PATH", &folder)]).good().out, "15\n", "{folder}");
        std::fs::remove_dir_all(sandbox.path("app/target")).unwrap();
    }
}

/// With `[target.<triple>.<links>]` Cargo starts no script, so the library is not looked for, missing or undecided.
#[test]
fn what_configuration_speaks_for_is_not_asked() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, false, &[("1.0", "2.0")]);
    // No declaration could be derived from this script.
    sandbox.write(&[("altw/build.rs", "fn main() { std::process::exit(std::process::id() as i32 | 1) }")]);
    let _ = inert(&sandbox, "build", &[]).code(1);
    let host = said(sandbox.command("", "rustc").arg("-vV")).good();
    let host = host.out.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let lib = sandbox.path("sys/lib").display().to_string();
    let table = format!(
        "[target.{host}.alt9]\nrustc-link-search = [\"native={lib}\"]\nrustc-link-lib = [\"alt9\"]\ninclude = \"/x\"\n"
    );
    sandbox.write(&[("over.toml", &table)]);
    // The path is absolute: Inert takes `app/../over.toml` for a file of the tree.
    let over = format!("--config {}", sandbox.path("over.toml").display());
    assert_eq!(inert(&sandbox, &format!("run -q {over}"), &[]).good().out, "15\n");
    let audit = inert(&sandbox, &format!("audit --format json {over}"), &[]).good().out;
    // The JSON keeps its four actions; the configuration is in the field `means`.
    assert!(audit.contains("\"means\": \"overridden\"") && audit.contains("\"origin\": \"none\""), "{audit}");
    let explained = inert(&sandbox, &format!("explain altw {over}"), &[]).good().out;
    assert!(explained.contains("overridden: ") && explained.contains("over.toml:"), "{explained}");
    assert!(!explained.contains("declared in"), "{explained}");
    // A table of the tree, or of a folder above it, counts once the policy accepts the file by its digest. Cargo starts no
    // script of a package with an empty table either.
    for (file, table) in [
        (".cargo/config.toml", table.clone()),
        ("app/.cargo/config.toml", table),
        ("app/.cargo/config.toml", format!("\n[target.{host}.alt9]\n")),
    ] {
        sandbox.write(&[(file, &table)]);
        let refused = inert(&sandbox, "build", &[]).code(1).says("stands for what it would say");
        let stanza = refused.err.split("[[configuration]]").nth(1).unwrap();
        let lines: Vec<&str> = stanza.lines().map(str::trim).filter(|line| line.contains(" = ")).collect();
        sandbox.write(&[("app/inert.toml", &format!("[[configuration]]\n{}\n", lines.join("\n")))]);
        let audit = inert(&sandbox, "audit", &[]).good().out;
        assert!(audit.contains("overridden: 1"), "{audit}");
        let explained = inert(&sandbox, "explain altw", &[]).good().out;
        let place = format!("{}:", sandbox.path(file).display());
        assert!(explained.contains(&place), "{explained}");
        let _ = inert(&sandbox, "check", &[]).good();
        std::fs::remove_file(sandbox.path("app/inert.toml")).unwrap();
        std::fs::remove_file(sandbox.path(file)).unwrap();
    }
}

/// `[env]` of the user's own files and of the command line belongs to the caller's environment; that of the tree
/// does not, with a message.
#[test]
fn the_users_own_env_is_the_callers() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, true, &[("1.0", "2.0")]);
    let folder = sandbox.path("sys/lib/pkgconfig").display().to_string();
    let run = |words: &str| {
        let mut command = sandbox.command("app", "cargo");
        command.arg("inert").args(words.split_whitespace()).env_remove("PKG_CONFIG_PATH");
        said(command.env("LD_LIBRARY_PATH", sandbox.path("sys/lib"))).good()
    };
    assert_eq!(run("run -q").out, "100\n");
    let by_line = format!("run -q --config env.PKG_CONFIG_PATH=\"{folder}\"");
    assert_eq!(run(&by_line).out, "15\n");
    // A file that is given on the command line and lies outside the tree belongs to the user.
    sandbox.write(&[(
        "user/config.toml",
        "[env]\nPKG_CONFIG_PATH = { value = \"sys/lib/pkgconfig\", relative = true }\n",
    )]);
    let by_file = format!("run -q --config {}", sandbox.path("user/config.toml").display());
    for _ in 0..2 {
        assert_eq!(run(&by_file).out, "15\n", "a file outside of the tree");
    }
    // The tree's `[env]` is refused, and so is that of a folder above it; if the policy accepts it, it has no effect, with
    // a message.
    for file in ["app/.cargo/config.toml", ".cargo/config.toml"] {
        sandbox.write(&[(file, &format!("[env]\nPKG_CONFIG_PATH = \"{folder}\"\n"))]);
        let _ = inert(&sandbox, "run", &[]).code(1).says("env.PKG_CONFIG_PATH").says("is read by pkg-config");
        sandbox.write(&[("app/inert.toml", "[policy]\nconfiguration = \"allow\"\n")]);
        let told = run("run");
        assert_eq!(told.out, "100\n", "{file}");
        assert!(told.err.contains("asks for PKG_CONFIG_PATH, which [env] in"), "{}", told.err);
        // The user's own value counts beside it.
        assert_eq!(run(&by_line).out, "15\n", "{file}");
        std::fs::remove_file(sandbox.path("app/inert.toml")).unwrap();
        std::fs::remove_file(sandbox.path(file)).unwrap();
    }
}

/// A library that is installed but hidden by a variable must not be proposed for installation.
#[test]
fn help_names_the_variable_that_stands_in_the_way() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "altw/Cargo.toml",
            "[package]\nname = \"altw\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[package.metadata.inert]\nschema = 1\n\
             [package.metadata.inert.library.zlib]\npkg-config = \"zlib\"\n",
        ),
        ("altw/build.rs", "fn main() {}"),
        ("altw/src/lib.rs", ""),
        ("app/Cargo.toml", &format!("{APP}altw = {{ path = \"../altw\" }}\n")),
        ("app/src/main.rs", "fn main() {}"),
    ]);
    let there = ["x86_64", "aarch64"]
        .iter()
        .any(|arch| std::path::Path::new(&format!("/usr/lib/{arch}-linux-gnu/pkgconfig/zlib.pc")).is_file());
    for (name, value) in
        [("ZLIB_NO_PKG_CONFIG", "1"), ("PKG_CONFIG", "no-such-program"), ("PKG_CONFIG_LIBDIR", "")]
    {
        let said = inert(&sandbox, "build", &[(name, value)]).code(101);
        if there {
            assert!(said.err.contains(&format!("unset {name}")), "{name}: {}", said.err);
            assert!(!said.err.contains("apt install"), "{name}: {}", said.err);
        }
    }
}

/// A variable that only a crate's script obeys is honoured by its declaration, or the refusal names the line of inert.toml
/// that says the same; with that line the declaration applies.
#[test]
fn variables_that_a_script_alone_knows() {
    let sandbox = Sandbox::new();
    let manifest = format!(
        "{APP}openssl-sys = \"=0.9.118\"\npq-sys = \"=0.7.8\"\nonig_sys = {{ version = \"=69.9.3\", default-features = false }}\n\
         libsqlite3-sys = {{ version = \"=0.30.1\", features = [\"bundled\"] }}\nlibgit2-sys = \"=0.18.8\"\nzstd-sys = \"=2.1.3\"\n"
    );
    sandbox.write(&[("app/Cargo.toml", &manifest), ("app/src/main.rs", "fn main() {}")]);
    let audit = |words: &str, variable: Option<(&str, &str)>| {
        let _ = std::fs::remove_file(sandbox.path("app/inert.toml"));
        inert(&sandbox, words, &variable.into_iter().collect::<Vec<_>>())
    };
    let _ = audit("audit", None).good();
    for (variable, table, line, written) in [
        ("OPENSSL_LIBS", "libraries", "openssl = \"system\"", None),
        (
            "PQ_LIB_DIR",
            "library-prefix",
            "libpq = \"<the folder whose lib has it>\"",
            Some("libpq = \"/usr\""),
        ),
        ("PQ_LIB_STATIC", "library-kind", "libpq = \"static\"", None),
        ("RUSTONIG_SYSTEM_LIBONIG", "libraries", "oniguruma = \"system\"", None),
        ("RUSTONIG_DYNAMIC_LIBONIG", "library-kind", "oniguruma = \"shared\"", None),
        ("LIBSQLITE3_SYS_USE_PKG_CONFIG", "libraries", "sqlite3 = \"system\"", None),
    ] {
        let said = audit("audit", Some((variable, "1"))).code(1);
        let text = said.out + &said.err;
        assert!(text.contains(&format!("unset {variable}, and write")), "{variable}: {text}");
        assert!(text.contains(&format!("`{line}`")) && text.contains(table), "{variable}: {text}");
        sandbox.write(&[("app/inert.toml", &format!("[{table}]\n{}\n", written.unwrap_or(line)))]);
        let _ = inert(&sandbox, "audit", &[]).good();
    }
    // These are honoured: the system's library is taken or missing, and the source is not built.
    for (variable, library) in [("LIBGIT2_NO_VENDOR", "libgit2"), ("ZSTD_SYS_USE_PKG_CONFIG", "libzstd")] {
        let said = audit("audit --libraries --format json", Some((variable, "1"))).out;
        let of =
            said.split(&format!("\"library\": \"{library}\"")).nth(1).unwrap_or_else(|| panic!("{said}"));
        let provider = of.split("\"provider\": \"").nth(1).unwrap().split('"').next().unwrap();
        assert!(["system", "missing"].contains(&provider), "{variable}: {provider}");
    }
}

/// Debian's packages for another architecture bear its name; what other systems have is a target's own.
#[test]
fn what_to_install_for_another_target() {
    let sandbox = Sandbox::new();
    let manifest = format!("{APP}libudev-sys = \"=0.1.4\"\n");
    sandbox.write(&[("app/Cargo.toml", &manifest), ("app/src/main.rs", "fn main() {}")]);
    let out = inert(&sandbox, "audit --libraries --target s390x-unknown-linux-gnu", &[]).out;
    assert!(
        out.contains("(for s390x-unknown-linux-gnu: on a machine of that target or into a sysroot;"),
        "{out}"
    );
    assert!(out.contains("apt install libudev-dev:s390x\n"), "{out}");
    let out = inert(&sandbox, "audit --libraries", &[]).out;
    assert!(!out.contains("(for ") && out.contains("apt install libudev-dev\n"), "{out}");
}

/// A reader may close the pipe as soon as it has enough, whatever the command is.
#[test]
fn a_closed_pipe_is_no_panic() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, true, &[("1.0", "2.0")]);
    let listed = said(sandbox.command("app", "cargo-inert").args(["inert", "--help"])).good().out;
    let names = listed.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    // The text about a command goes on in lines that begin further to the right.
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 20 && names.contains(&"explain") && names.contains(&"bake"), "{names:?}");
    let helps = names.iter().map(|name| format!("{name} --help"));
    let real = "--help|explain alt9|explain altw|audit|audit --format json|audit --format sarif|audit --format html|\
                audit --libraries|audit --target all|sbom|sbom --format spdx|export debian|export nix|lint|lint --resolve|\
                doctor|doctor --format json|trust|store|lock|audit --diff|completions bash|review|observe altw|\
                migrate --dependencies|bake altw|init|verify altw|man man|clean|exec -- cargo --version";
    // Without a value, without a script that runs, without a terminal to ask on.
    let asked_wrongly = ["help --help", "audit --diff", "observe altw", "verify altw"];
    let mut seen = 0;
    for words in helps.chain(real.split('|').map(|words| words.trim().to_owned())) {
        let mut command = sandbox.command("app", "cargo-inert");
        command.arg("inert").args(words.split_whitespace()).stdin(std::process::Stdio::null());
        command.env("PKG_CONFIG_PATH", sandbox.path("sys/lib/pkgconfig"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let said = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&said.stderr);
        assert!(!err.contains("panicked"), "{words}: {err}");
        let code = said.status.code();
        let as_expected = if asked_wrongly.contains(&&*words) {
            code == Some(2)
        } else {
            code.is_some_and(|code| code <= 1)
        };
        assert!(as_expected, "{words}: {:?} {err}", said.status);
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
    // Standard error may be closed, too, with a refusal to say.
    sandbox.write(&[("altw/build.rs", "fn main() { std::process::exit(std::process::id() as i32 | 1) }")]);
    for words in ["build", "audit", "lock", "explain altw"] {
        let mut command = sandbox.command("app", "cargo-inert");
        command.arg("inert").args(words.split_whitespace());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let status = child.wait().unwrap();
        assert!(status.code().is_some_and(|code| code <= 2), "{words}: {status:?}");
    }
}

/// `--libraries` and `--library` mean what the lines of `[libraries]` mean, and outrank them, but no minimum.
#[test]
fn the_command_line_says_where_libraries_come_from() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    wrapper(&sandbox, true, &[("1.5.1", "1.6.0")]);
    let run = |words: &str| inert(&sandbox, &format!("run -q {words}"), &[]).good().out;
    assert_eq!(run(""), "15\n");
    assert_eq!(run("--library alt9=source"), "100\n");
    assert_eq!(run("--library=alt9=system-only"), "15\n", "another build, though no file was changed");
    assert_eq!(run("--libraries source-first"), "100\n");
    sandbox.write(&[("app/inert.toml", "[libraries]\nalt9 = \"source\"\n")]);
    assert_eq!(run(""), "100\n");
    assert_eq!(run("--libraries system-only"), "15\n", "a line of the file by name does not outrank it");
    assert_eq!(run("--libraries system-only --library alt9=source"), "100\n");
    let out = inert(&sandbox, "explain alt9 --library alt9=system", &[]).good().out;
    assert!(out.contains("--library alt9=system, on the command line"), "{out}");
    let out = inert(&sandbox, "explain alt9 --libraries system", &[]).good().out;
    assert!(out.contains("--libraries system, on the command line") && !out.contains("inert.toml:"), "{out}");
    let out = inert(&sandbox, "audit --libraries system-only", &[]).good().out;
    assert!(out.contains("alt9"), "{out}");
    let _ = inert(&sandbox, "check -q --library default=system", &[]).good();
    for (words, says) in [
        ("build --library alt8=source", "no library of this build is called `alt8`; did you mean `alt9`?"),
        ("explain alt9 --library alt8=source", "did you mean `alt9`?"),
        ("audit --library alt9=sorce", "did you mean `source`?"),
        ("build --libraries", "--libraries needs a value"),
        ("exec --library alt9=source -- cargo build", "give them to the cargo behind `--`"),
    ] {
        let _ = inert(&sandbox, words, &[]).code(2).says(says);
    }
    let _ = inert(&sandbox, "exec -- cargo build --library alt9=system", &[]).good();
    sandbox.write(&[("min.toml", "[libraries]\ndefault = \"source-only\"\n")]);
    let minimum = sandbox.path("min.toml").display().to_string();
    let _ = inert(&sandbox, "build --library alt9=system", &[("INERT_POLICY", &minimum)])
        .code(2)
        .says("`--library alt9=system` would count for nothing")
        .says("default = \"source\"");
}

/// bzip2-sys 0.1.11 on Debian 12: the script asks pkg-config, else compiles its own, and the distribution ships the library
/// without a `.pc` file.
#[test]
fn a_library_without_a_module_file_is_named_by_its_folder() {
    let sandbox = Sandbox::new();
    shared(&sandbox, "alt9", "1.5.1", 15);
    std::fs::remove_file(sandbox.path("sys/lib/pkgconfig/alt9.pc")).unwrap();
    wrapper(&sandbox, true, &[("1", "2")]);
    let script = "fn main() {\nif pkg_config::probe_library(\"altmodule\").is_ok() { return; }\n\
                  cc::Build::new().file(\"alt.c\").compile(\"alt9\");\n}";
    sandbox.write(&[("altw/build.rs", script)]);
    assert_eq!(inert(&sandbox, "run -q", &[]).good().out, "100\n");
    // What the package can do without is needed where the user has it come from the system.
    let debian = inert(&sandbox, "export debian --libraries system-only", &[]).good().out;
    assert!(
        debian
            .contains("# not known here: the package with altmodule.pc, or with libalt9.so (apt-file search"),
        "{debian}"
    );
    assert!(!inert(&sandbox, "export debian", &[]).good().out.contains("altmodule"));
    let _ = inert(&sandbox, "build --libraries system-only", &[])
        .code(101)
        .says("altmodule is not on this system");
    // The folder is enough: the archive that would be built in its stead has the library's name.
    let line = format!("[library-prefix]\naltmodule = \"{}\"\n", sandbox.path("sys").display());
    sandbox.write(&[("app/inert.toml", &line)]);
    let trusted = [("INERT_TRUST", "tree")];
    assert_eq!(inert(&sandbox, "run -q", &trusted).good().out, "15\n");
    assert_eq!(inert(&sandbox, "run -q --libraries system-only", &trusted).good().out, "15\n");
    let out = inert(&sandbox, "explain altmodule", &trusted).good().out;
    assert!(out.contains("[library-prefix] says where it is"), "{out}");
    let missing = line.replace("sys\"", "altw\"");
    sandbox.write(&[("app/inert.toml", &missing)]);
    let _ = inert(&sandbox, "build", &trusted).code(101).says("no library alt9 in");
}

/// Help under a minimum policy names the file where a line would count.
#[test]
fn help_names_no_line_that_a_minimum_forbids() {
    let sandbox = Sandbox::new();
    wrapper(&sandbox, true, &[("1", "2")]);
    let outside = sandbox.path("min.toml").display().to_string();
    let minimum = [("INERT_POLICY", outside.as_str())];
    let place = format!("under [libraries] in the minimum policy ({outside}, which alone decides that here)");
    let help = "`alt9 = \"source-first\"` ";
    for text in ["[libraries]\ndefault = \"system-only\"\n", "[libraries]\nalt9 = \"system-only\"\n"] {
        sandbox.write(&[("min.toml", text)]);
        let said = inert(&sandbox, "build", &minimum).code(101).says(&format!("{help}{place}"));
        assert!(!said.err.contains("in inert.toml"), "{}", said.err);
    }
    // The tree may say of one library what a minimum says of another only.
    sandbox.write(&[
        ("min.toml", "[libraries]\nzlib = \"system-only\"\n"),
        ("app/inert.toml", "[libraries]\nalt9 = \"system-only\"\n"),
    ]);
    let _ =
        inert(&sandbox, "build", &minimum).code(101).says(&format!("{help}under [libraries] in inert.toml"));
    // Entries of the tree count for nothing either: neither the entry nor `review` is advised.
    sandbox.write(&[
        ("app/inert.toml", ""),
        ("min.toml", "[policy]\nentries = \"own\"\n"),
        ("altw/build.rs", "fn main() { std::process::Command::new(\"true\").status().unwrap(); }"),
    ]);
    let said = inert(&sandbox, "build", &minimum).code(1).says("Who keeps it reads them, and adds to");
    assert!(said.err.contains(&outside) && !said.err.contains("cargo inert review"), "{}", said.err);
    let _ = inert(&sandbox, "audit", &minimum).code(1).says(&outside);
    let _ = inert(&sandbox, "review", &minimum).code(1).says("counts for nothing");
}

/// The import libraries of winapi 0.3, which half of the registry depends on, need no review: they are known by their contents.
#[test]
fn the_import_libraries_of_winapi_are_known() {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        ("app/Cargo.toml", &format!("{APP}winapi = \"=0.3.9\"\n")),
        ("app/src/main.rs", "fn main() {}"),
    ]);
    for target in ["x86_64-pc-windows-gnu", "i686-pc-windows-gnu"] {
        let out = inert(&sandbox, &format!("audit --target {target}"), &[]).good().out;
        assert!(out.contains("replaced: 2") && !out.contains("refused"), "{target}: {out}");
    }
}
