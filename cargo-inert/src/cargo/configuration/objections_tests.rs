//! Tests by texts of configuration that pass and texts that do not.

use super::super::files;
use super::*;

fn judged(text: &str, environment: &Environment, command: &Command) -> Vec<String> {
    let places =
        Places { tree: vec!["/t".into()], fetched: vec!["/home/u/.cargo/git".into()], ..Places::default() };
    let directives = |line: &str| line.contains("LD_PRELOAD").then(|| format!("`{line}`: no"));
    let judge = Judge { places: &places, environment, command, directives: &directives };
    let file = files::file_of(Path::new("/t/.cargo/config.toml"), text, Origin::Tree).unwrap();
    judge.objections([&file]).into_iter().map(|one| format!("{}:{} {}", one.key, one.line, one.why)).collect()
}

fn environment() -> Environment {
    let mut environment = Environment::default();
    environment.variables.insert("PATH".into(), "/usr/bin:/bin".into());
    environment
}

fn objections(text: &str) -> Vec<String> {
    judged(text, &environment(), &Command::default())
}

/// Keys and flags from the configuration of published applications: of the 71 that were read, each once.
const IN_USE: &[&str] = &[
    "target.x86_64-unknown-linux-gnu.linker = '/usr/bin/clang'",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'link-arg=--ld-path=/usr/bin/mold']",
    "build.rustflags = ['-C', 'symbol-mangling-version=v0', '--cfg', 'tokio_unstable']",
    "target.x86_64-unknown-linux-musl.rustflags = ['-C', 'target-feature=+crt-static', '-C', 'link-self-contained=yes']",
    "target.'cfg(all())'.rustflags = ['--cfg', 'tokio_unstable', '-C', 'target-feature=-crt-static']",
    "target.'cfg(all(windows, debug_assertions))'.rustflags = ['-C', 'target-feature=+crt-static', '-C', 'link-arg=/STACK:4194304']",
    "target.x86_64-apple-darwin.rustflags = ['-C', 'link-args=-weak_framework Metal -weak_framework QuartzCore']",
    "target.aarch64-apple-darwin.linker = 'tools/lzld/lzld'",
    "target.aarch64-apple-darwin.rustflags = ['-C', 'linker-flavor=ld64.lld']",
    "target.'cfg(all())'.rustflags = ['-D', 'clippy::all', '-Dunsafe_code', '-Wclippy::pedantic', '-Aclippy::if-same-then-else']",
    "target.x86_64-pc-windows-msvc.rustflags = ['-C', 'link-args=-stack:2147483648']",
    "target.x86_64-pc-windows-msvc.linker = 'rust-lld'",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'link-arg=-z', '-C', 'link-arg=pack-relative-relocs']",
    "target.x86_64-pc-windows-msvc.linker = 'lld-link.exe'",
    "target.x86_64-unknown-linux-gnu.linker = 'clang'",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'link-arg=-fuse-ld=lld', '-C', 'target-cpu=native']",
    "build.rustdocflags = ['-Arustdoc::private_intra_doc_links']",
    "build.rustdocflags = '--document-private-items'",
    "build.rustdocflags = ['--cfg', 'docsrs']",
    "build.rustflags = ['--cfg=tokio_unstable']",
    "target.'cfg(target_os = \"linux\")'.rustflags = ['-Clink-arg=-fuse-ld=lld', '-Clink-arg=-Wl,--no-rosegment']",
    "target.x86_64-apple-darwin.rustflags = ['-Clink-arg=-fuse-ld=/usr/local/opt/llvm/bin/ld64.lld']",
    "target.aarch64-apple-darwin.rustflags = ['-Clink-arg=-fuse-ld=/opt/homebrew/opt/llvm/bin/ld64.lld']",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'force-frame-pointers=yes', '-C', 'force-unwind-tables=yes']",
    "target.x86_64-unknown-linux-musl.rustflags = '-Lnative=/lib/native-libs'",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'link-args=-rdynamic']",
    "build.target-dir = 'build/cargo_target'",
    "build.target-dir = 'target'",
    "build.rustflags = ['-Ccodegen-units=1']",
    "net.git-fetch-with-cli = true",
    "future-incompat-report.frequency = 'never'",
    "profile.ci = { inherits = 'dev', debug = 'line-tables-only' }",
    "profile.release = { lto = true }",
    "profile.dev.codegen-backend = 'cranelift'",
    "build.rustflags = ['-C', 'target-feature=+sse2', '-Z', 'new-llvm-pass-manager=no']",
    "target.aarch64-unknown-linux-musl.rustflags = ['-C', 'link-arg=-lgcc']",
    "target.x86_64-pc-windows-gnu.rustflags = ['-C', 'link-arg=-lpsapi']",
    "target.x86_64-pc-windows-gnu = { linker = 'x86_64-w64-mingw32-gcc', ar = 'x86_64-w64-mingw32-gcc-ar' }",
    "target.'cfg(target_vendor = \"apple\")'.rustflags = ['-C', 'link-args=-Wl,-undefined,dynamic_lookup,-no_fixup_chains']",
    "target.'cfg(all(target_os = \"linux\", target_env = \"gnu\"))'.rustflags = ['-C', 'link-args=-Wl,--warn-unresolved-symbols', '-C', 'link-args=-Wl,-z,nodelete']",
    "target.'cfg(target_env = \"msvc\")'.rustflags = ['-C', 'link-args=/FORCE']",
    "target.wasm32-wasip1-threads.rustflags = ['-C', 'target-feature=+simd128']",
    "target.wasm32-unknown-unknown.rustflags = ['--cfg', 'getrandom_backend=\"wasm_js\"']",
    "target.x86_64-unknown-illumos.rustflags = ['-C', 'link-arg=-Wl,-znocompstrtab,-R/usr/platform/oxide/lib/amd64']",
    "target.'cfg(target_os=\"macos\")'.rustflags = ['-C', 'link-args=-sectcreate __A __b /dev/null']",
    "target.x86_64-apple-darwin.rustflags = ['-C', 'link-arg=-undefined', '-C', 'link-arg=dynamic_lookup']",
    "target.armv7-unknown-linux-gnueabihf = { linker = 'arm-linux-gnueabihf-gcc', runner = ['qemu-arm', '-L', '/usr/arm-linux-gnueabihf'] }",
    "target.wasm32-unknown-unknown.rustflags = ['-C', 'link-arg=-zstack-size=4194304', '-C', 'target-feature=-multivalue']",
    "target.'cfg(all(target_os = \"linux\", target_env = \"gnu\"))'.rustflags = ['-C', 'link-arg=-Wl,-E']",
    "target.x86_64-apple-darwin.rustflags = ['-C', 'link-arg=-mmacosx-version-min=11.0']",
    "target.aarch64-apple-ios.rustflags = ['-C', 'link-arg=-miphoneos-version-min=11.0']",
    "target.x86_64-unknown-none.rustflags = ['-C', 'force-frame-pointers', '-C', 'linker-flavor=ld']",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-C', 'code-model=kernel']",
    "target.x86_64-pc-windows-msvc.rustflags = ['-C', 'link-arg=/NODEFAULTLIB:libucrtd.lib', '-C', 'link-arg=/DEFAULTLIB:libcmt.lib']",
    "build.rustflags = '--cfg tokio_unstable'",
    "build.rustflags = ['-C', 'linker=rust-lld', '-C', 'linker-flavor=ld.lld', '-C', 'relocation-model=static', '-C', 'link-arg=-nmagic', '-C', 'link-arg=-icf=all']",
    "unstable = { unstable-options = true, build-std = ['core', 'alloc'], build-std-features = ['default'] }",
    "target.x86_64-unknown-linux-gnu.rustflags = ['-Clink-arg=-Wl,--compress-debug-sections=zstd', '-Clink-arg=-Wl,-O3']",
    "build.jobs = -1",
    "build.rustflags = ['-Clink-arg=-fuse-ld=lld', '-Zthreads=16', '-Ctarget-cpu=native']",
    "unstable.codegen-backend = true",
    "target.xtensa-esp32s3-none-elf.rustflags = ['-C', 'link-arg=-nostartfiles', '-C', 'target-feature=-fp']",
    "target.thumbv7em-none-eabihf.rustflags = ['-C', 'link-arg=-Tlink.x', '-C', 'link-arg=-Tdefmt.x']",
    "build = { target = 'thumbv7m-none-eabi', rustflags = ['-C', 'link-arg=-Tlink.x'] }",
    "target.'cfg(all(target_arch = \"arm\", target_os = \"none\"))' = { runner = 'probe-rs run --chip x', rustflags = ['-C', 'link-arg=-Tlink.x'] }",
    "target.xtensa-esp32-espidf = { linker = 'ldproxy', runner = 'espflash flash --monitor' }",
    "target.riscv32imc-esp-espidf.rustflags = ['-C', 'default-linker-libraries']",
    "resolver.incompatible-rust-versions = 'fallback'",
    "build.rustflags = ['-C', 'prefer-dynamic']",
    "target.'cfg(all(windows, target_env = \"msvc\"))'.rustflags = ['-Ccontrol-flow-guard']",
    "target.'cfg(target_env = \"musl\")'.rustflags = ['-Clink-self-contained=n', '-Clink-arg=-Wl,-z,pack-relative-relocs']",
    "build.rustflags = ['-C', 'force-unwind-tables']",
    "target-applies-to-host = false\ndoc.extern-map.registries.crates-io = 'https://docs.rs/'",
    "unstable = { rustdoc-map = true, target-applies-to-host = true }",
    "target.'cfg(not(any(tarpaulin, target_os = \"ios\")))'.rustflags = ['-Wrust_2018_idioms']",
    "alias.xtask = 'run --package xtask --'\nalias.lint = ['clippy', '--all-targets', '--', '-Wclippy::all']",
    "term.verbose = false\nenv.CARGO_WORKSPACE_DIR = { value = '', relative = true }",
    "source.crates-io.replace-with = 'vendored'\nsource.vendored.directory = 'vendor'",
    "registries.x.index = 'sparse+https://x/'",
    "patch.crates-io.x = { path = '../x', features = ['y'] }",
    "include = ['more.toml', { path = 'x.toml', optional = true }]",
    "build.build-dir = '{cargo-cache-home}/build/{workspace-path-hash}'",
];

#[test]
fn what_published_applications_say_passes() {
    for text in IN_USE {
        assert_eq!(objections(text), [""; 0], "{text}");
    }
}

#[test]
fn the_rest_is_refused() {
    let refused = [
        // Tables that replace a build script.
        "target.x86_64-unknown-linux-gnu.z.rustc-link-lib = ['z']",
        "target.x86_64-unknown-linux-gnu.openssl.version_number = '1010100f'",
        "target.x86_64-unknown-linux-gnu.z.rustc-cfg = ['unchecked']",
        "target.x86_64-unknown-linux-gnu.z = {}",
        // Names of programs.
        "build.rustc = './rustc'",
        "build.rustc = 'evil-rustc'",
        "build.rustc-wrapper = '/home/u/checkout/sccache'",
        "build.rustc-wrapper = 'sh'",
        "build.rustc-workspace-wrapper = 'tools/clippy-driver'",
        "build.rustdoc = '/tmp/rustdoc'",
        "target.x86_64-unknown-linux-gnu.linker = 'tools/cc'",
        "target.x86_64-unknown-linux-gnu.linker = '/proc/self/cwd/cc'",
        "target.'cfg(unix)'.linker = './cc'",
        "host.linker = '/home/u/.cargo/git/checkouts/x/cc'",
        "host.runner = 'qemu'",
        "doc.browser = 'firefox'",
        "registry.credential-provider = './steal'",
        "registry.global-credential-providers = ['cargo:token', 'cargo:token-from-stdout sh x']",
        "registries.x.credential-provider = ['cargo-credential-x', 'evil']",
        "credential-alias.x = ['sh', '-c', 'x']",
        // Flags for rustc.
        "build.rustflags = ['--codegen=linker=./x']",
        "build.rustflags = ['--C=linker=./x']",
        "build.rustflags = ['-gClinker=./x']",
        "build.rustflags = ['-OgClinker=./x']",
        "build.rustflags = ['-C']",
        "build.rustflags = ['-Cincremental=/x']",
        "build.rustflags = ['-Cllvm-args=-load=x.so']",
        "build.rustflags = ['-Cllvm-args=-inline-threshold=1 -ir-dump-directory=x']",
        "build.rustflags = ['-Cpasses=x']",
        "build.rustflags = ['-Cextra-filename=x']",
        "build.rustflags = ['-Cprofile-generate=/x']",
        "build.rustflags = ['-Clinker-plugin-lto=./x.so']",
        "build.rustflags = ['-Clinker-plugin-lto=x']",
        "build.rustflags = ['-Cdlltool=x']",
        "build.rustflags = ['-Car=x']",
        "build.rustflags = ['-Zcodegen-backend=evil.bin']",
        "build.rustflags = ['-Zllvm-plugins=x']",
        "build.rustflags = ['-Zself-profile=..']",
        "build.rustflags = ['-Zdump-mir=main', '-Zdump-mir-dir=..']",
        "build.rustflags = ['-Zcrate-attr=feature(link_arg_attribute)']",
        "build.rustflags = ['-Zcrate-attr=crate_type=\"bin\"']",
        "build.rustflags = ['--print=link-args=/x']",
        "build.rustflags = ['--emit=asm=/x']",
        "build.rustflags = ['--emit', 'dep-info=/x']",
        "build.rustflags = ['-o', 'x']",
        "build.rustflags = ['--out-dir=x']",
        "build.rustflags = ['--sysroot=x']",
        "build.rustflags = ['--extern', 'x=x.so']",
        "build.rustflags = ['-Lx']",
        "build.rustflags = ['-L', 'native=/t/libs']",
        "build.rustflags = ['-l', 'static:+verbatim=x.o']",
        "build.rustflags = ['-l:x.o']",
        "build.rustflags = ['@flags']",
        "build.rustflags = ['-C', '@flags']",
        "build.rustflags = ['x.rs']",
        "build.rustflags = ['--', 'x.rs']",
        "build.rustflags = ['--test']",
        "build.rustflags = ['--crate-type=proc-macro']",
        "build.rustflags = ['--nonsense']",
        "build.rustflags = 1",
        "build.rustflags = ['--cfg', 'target_vendor=\"apple\"', '-Aexplicit_builtin_cfgs_in_flags']",
        "build.rustflags = ['--cfg=windows']",
        "build.rustflags = ['--emit=link']",
        // Arguments for linkers.
        "build.rustflags = ['-Clink-arg=-fuse-ld=evil-ld']",
        "build.rustflags = ['-Clink-arg=-l:x.o']",
        "build.rustflags = ['-Clink-arg=-Wl,-l:x.o']",
        "build.rustflags = ['-Clink-arg=-Wl,--version-script=/etc/passwd']",
        "build.rustflags = ['-Clink-arg=-Wl,--version-script=../x']",
        "build.rustflags = ['-Clink-arg=-L/usr/lib/../../t']",
        "build.rustflags = ['-Clink-arg=-mmcu=../x']",
        "build.rustflags = ['-Clink-arg=-Wl,-R,x']",
        "build.rustflags = ['-Clink-arg=-Wl,-z']",
        "build.rustflags = ['-Clink-arg=-Wl,']",
        "target.'cfg(not(target_vendor = \"apple\"))'.rustflags = ['-Clink-args=-undefined x']",
        "target.'cfg(any(unix, target_os = \"macos\"))'.rustflags = ['-Clink-args=-framework x']",
        "build.rustflags = ['-Clink-arg=--prefix=/t/tools/']",
        "build.rustflags = ['-Clink-args=-z now']",
        "target.x86_64-pc-windows-msvc.rustflags = ['-Clink-args=-z now']",
        "target.x86_64-unknown-linux-gnu.rustflags = ['-Clink-args=-z x.o']",
        "target.x86_64-unknown-linux-gnu.rustflags = ['-Clink-arg=-z']",
        "build.rustflags = ['-Clink-arg=-B/t/tools']",
        "build.rustflags = ['-Clink-args=-rdynamic -wrapper ./x']",
        "build.rustflags = ['-Clink-arg=-specs=x']",
        "build.rustflags = ['-Clink-arg=/t/x.o']",
        "build.rustflags = ['-Clink-arg=x.o']",
        "build.rustflags = ['-Clink-arg=-Wl,x.o']",
        "build.rustflags = ['-Clink-arg=-Wl,-Map=/x']",
        "build.rustflags = ['-Clink-arg=-Wl,-plugin,x.so']",
        "build.rustflags = ['-Clink-arg=-Wl,-exported_symbol,x']",
        "build.rustflags = ['-Clink-arg=-undefined', '-Clink-arg=dynamic_lookup']",
        "build.rustflags = ['-Clink-arg=-icf=all']",
        "build.rustflags = ['-Clink-arg=-Tlink.x']",
        "target.'cfg(unix)'.rustflags = ['-Clink-arg=-Tlink.x']",
        "build.rustflags = ['-Clink-arg=-fuse-ld=./x']",
        "build.rustflags = ['-Clink-arg=-fuse-ld=/t/ld']",
        "build.rustflags = ['-Clink-arg=--ld-path=ld.evil']",
        "build.rustflags = ['-Clink-arg=@x']",
        "build.rustflags = ['-Clink-arg=-o', '-Clink-arg=x']",
        "build.rustflags = ['-Clink-arg=-L.']",
        "build.rustflags = ['-Clink-arg=-Wl,-rpath,/t/libs']",
        "build.rustflags = ['-Clink-arg=-Xlinker', '-Clink-arg=-Map=x']",
        "build.rustflags = ['-Clink-arg=/DEFAULTLIB:evil.lib']",
        "build.rustflags = ['-Clink-arg=/OUT:x']",
        "build.rustflags = ['-Clink-arg=evil.lib']",
        "build.rustflags = ['-Zpre-link-args=-c x']",
        // Flags for rustdoc.
        "build.rustdocflags = ['-Zunstable-options', '--parts-out-dir=/x']",
        "build.rustdocflags = ['--test-runtool', './x']",
        "build.rustdocflags = ['--html-in-header', '/etc/x']",
        "build.rustdocflags = ['-o', 'x']",
        // Values of other keys.
        "profile.dev.rustflags = ['-Clinker=./x']",
        "profile.dev.package.x.rustflags = ['-Clinker=./x']",
        "profile.dev.codegen-backend = 'x.so'",
        "profile.dev.nonsense = 1",
        "build.target = './x.json'",
        "build.target-dir = '/home/u/work'",
        "build.target-dir = '../elsewhere'",
        "build.target-dir = '.git/hooks'",
        "build.artifact-dir = '/t/.git/hooks'",
        "build.target-dir = '{workspace-root}/../x'",
        "build.build-dir = '{cargo-cache-home}/registry/src'",
        "install.root = '/home/u/.local'",
        "http.proxy = 'x'",
        "http.cainfo = 'x'",
        "net.ssh.known-hosts = ['x']",
        "resolver.lockfile-path = 'x'",
        "unstable.lockfile-path = true",
        "unstable.nonsense = true",
        "unstable.root-dir = '..'",
        "nonsense = 1",
        "build.nonsense = 1",
        "target.x86_64-unknown-linux-gnu.z.rustc-env = { LD_PRELOAD = 'x' }",
        "env.LD_PRELOAD = 'x.so'",
        "\"\\u0065nv\".BASH_ENV = { value = 'x', relative = true }",
    ];
    let passed: Vec<&str> = refused.into_iter().filter(|text| objections(text).len() != 1).collect();
    assert_eq!(passed, [""; 0]);
}

#[test]
fn what_an_objection_says() {
    assert_eq!(
        objections("[build]\n\nrustflags = [\"--codegen=linker=./x\"]"),
        ["build.rustflags:3 `--codegen=linker=./x` names what is no linker by its name"]
    );
    assert_eq!(objections("[env]\nCLIPPY_ARGS = 'x'"), ["env.CLIPPY_ARGS:2 is read by clippy"]);
    // A message is one line, even if a name contains a line break.
    assert_eq!(objections("'a\\nb' = 1").len(), 1);
    assert!(!objections("\"a\\nerror: x\" = 1")[0].contains('\n'));
}

#[test]
fn a_runner_matters_where_something_is_run() {
    let text = "target.'cfg(all())'.runner = './run.sh'";
    let running = Command { starts_what_was_built: true, ..Command::default() };
    assert_eq!(objections(text), [""; 0]);
    assert_eq!(judged(text, &environment(), &running).len(), 1);
    assert_eq!(judged("target.'cfg(all())'.runner = 'qemu-arm -L /x'", &environment(), &running), [""; 0]);
}

#[test]
fn a_linker_matters_where_it_may_link() {
    let text = "target.aarch64-apple-darwin.linker = 'tools/cc'";
    let asked = Command { targets: vec!["aarch64-apple-darwin".to_owned()], ..Command::default() };
    if std::env::consts::OS == "linux" {
        assert_eq!(objections(text), [""; 0]);
    }
    assert_eq!(judged(text, &environment(), &asked).len(), 1);
}
