//! Makes random manifests with `[package.metadata.system-deps]`, `.pc` files and environments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use inert_tests::random::Random;

/// Keys of dependencies, each with its spelling in system-deps' variables.
const KEYS: &[(&str, &str)] = &[
    ("alpha", "ALPHA"),
    ("beta_2_0", "BETA_2_0"),
    ("some-lib", "SOME_LIB"),
    ("GLib", "G_LIB"),
    ("libXML2", "LIB_XML2"),
    ("x11", "X11"),
    ("vgamma", "VGAMMA"),
    ("XCBRandr", "XCB_RANDR"),
];

const MODULES: &[&str] =
    &["alpha", "beta_2_0", "beta-2.0", "some-lib", "GLib", "x11", "vgamma", "no-such", "delta+"];

const FEATURES: &[&str] = &["v1", "v1_2", "v1_10", "v2", "v3_0", "vendored", "gl", "with-x", "with_y"];

const CFGS: &[&str] = &[
    "cfg(unix)",
    "cfg(windows)",
    "cfg(target_os = \"linux\")",
    "cfg(not(target_os = \"macos\"))",
    "cfg(any(windows, target_os = \"macos\"))",
    "cfg(all(unix, not(target_env = \"musl\")))",
    "cfg(target_pointer_width = \"64\")",
    "cfg(target_family = \"unix\")",
    "cfg(target_arch = \"x86_64\")",
    "cfg(target_endian = \"little\")",
    "cfg(target_vendor = \"apple\")",
    "cfg(target_env = \"\")",
    "cfg(all())",
    "cfg(any())",
];

/// The versions of modules, and of requirements.
const VERSIONS: &[&str] = &["1", "1.2", "1.2.3", "2.0", "2.10", "0", "0.9.8", "3", "1.10.0"];

const LIBS: &[&str] = &[
    "-lalpha",
    "-lone",
    "-ltwo",
    "-lone",
    "-lm",
    "-L${libdir}",
    "-L/usr/lib",
    "-L/opt/x/lib",
    "-L${libdir}",
    "-F/opt/F",
    "-framework Cocoa",
    "-framework Metal",
    "-Wl,-framework,Foundation",
    "-Wl,-rpath,/opt/x",
    "-Wl,--as-needed",
    "-Wl,-z,now",
    "-pthread",
    "-l:libthree.a",
    "${libdir}/libone.a",
    "${libdir}/libtwo.a",
    "-Wl,--start-group -lone -ltwo -Wl,--end-group",
    "-lX11-xcb",
    "-lstdc++",
];

const CFLAGS: &[&str] = &[
    "-I${prefix}/include",
    "-I/usr/include",
    "-I/opt/x/include",
    "-isystem /opt/s",
    "-DA",
    "-DB=1",
    "-pthread",
    "-I${prefix}/include",
    "-mfpmath=sse",
];

/// A manifest while it is written.
struct Manifest {
    /// True if most required modules exist: failures offer little to compare.
    met: bool,
    /// The short entries of each section, which is empty or a `cfg`.
    sections: BTreeMap<&'static str, String>,
    tables: String,
}

/// Writes a manifest, `.pc` files and archives into a folder. Returns the keys, as in variables.
pub(crate) fn write(random: &mut Random, folder: &Path) -> Vec<&'static str> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("pc")).unwrap();
    fs::create_dir_all(folder.join("lib")).unwrap();
    let mut manifest = Manifest { met: !random.once_in(3), sections: BTreeMap::new(), tables: String::new() };
    for name in ["one", "two", "three"] {
        if random.once_in(2) {
            fs::write(folder.join(format!("lib/lib{name}.a")), "!<arch>\n").unwrap();
        }
    }
    for module in MODULES {
        if *module != "no-such" && (manifest.met || !random.once_in(8)) {
            fs::write(folder.join(format!("pc/{module}.pc")), module_file(random)).unwrap();
        }
    }
    let mut keys: Vec<&(&str, &str)> = KEYS.iter().filter(|_| random.once_in(3)).collect();
    if keys.is_empty() {
        keys.push(&KEYS[0]);
    }
    for (key, _) in &keys {
        let section = if random.once_in(4) { random.pick(CFGS) } else { "" };
        manifest.dependency(random, section, key);
        // The same key is declared again under a condition.
        let again = random.pick(CFGS);
        if random.once_in(8) && again != section {
            manifest.dependency(random, again, key);
        }
    }
    let mut text = "[package]\nname = \"x\"\nversion = \"1.0.0\"\n".to_owned();
    for (section, lines) in &manifest.sections {
        text += &format!("[{}]\n{lines}", table(section));
    }
    text += &manifest.tables;
    fs::write(folder.join("Cargo.toml"), text).unwrap();
    keys.into_iter().map(|(_, shouted)| *shouted).collect()
}

fn table(section: &str) -> String {
    let section = if section.is_empty() { String::new() } else { format!(".'{section}'") };
    format!("package.metadata.system-deps{section}")
}

fn module_file(random: &mut Random) -> String {
    let words = |random: &mut Random, list: &[&'static str], most: usize| -> String {
        let words: Vec<_> = (0..random.below(most)).map(|_| random.pick(list)).collect();
        words.join(" ")
    };
    let mut text = format!(
        "prefix=/opt/p\nlibdir={}\nName: x\nDescription: x\nVersion: {}\nLibs: {}\nCflags: {}\n",
        random.pick(&["${pcfiledir}/../lib", "${pcfiledir}/../lib", "/opt/p/lib", "/usr/lib/p"]),
        random.pick(VERSIONS),
        words(random, LIBS, 6),
        words(random, CFLAGS, 4),
    );
    if random.once_in(4) {
        text += &format!("Libs.private: {}\n", words(random, LIBS, 4));
    }
    if random.once_in(6) {
        text += &format!("Requires: {}\n", random.pick(&["x11", "delta+", "GLib >= 0", "x11 delta+"]));
    }
    text
}

impl Manifest {
    fn range(&self, random: &mut Random) -> String {
        if self.met && !random.once_in(12) {
            return random
                .pick(&["0", "0.5", "0.9", ">=0", ">= 0, <99", ">=0.1,<77", " >= 0.2 ,< 98 "])
                .to_owned();
        }
        let (least, below) = (random.pick(VERSIONS), random.pick(&["2", "3", "99", "1.2"]));
        match random.below(6) {
            0 => format!(">={least}"),
            1 => format!(">={least}, <{below}"),
            2 => random.pick(&["1.2.3", "99", "<2", ">= 1, 2", "1,2", "", "= 1", ">1", "0.1"]).to_owned(),
            _ => least.to_owned(),
        }
    }

    fn name(&self, random: &mut Random) -> &'static str {
        match random.pick(MODULES) {
            "no-such" if self.met => "alpha",
            name => name,
        }
    }

    fn names(&self, random: &mut Random) -> String {
        let names: Vec<String> =
            (0..random.below(3)).map(|_| format!("\"{}\"", random.pick(MODULES))).collect();
        format!("[{}]", names.join(", "))
    }

    fn dependency(&mut self, random: &mut Random, section: &'static str, key: &str) {
        let there = MODULES.contains(&key);
        if random.once_in(5) && (there || !self.met) {
            let line = format!("{key} = \"{}\"\n", self.range(random));
            *self.sections.entry(section).or_default() += &line;
            return;
        }
        let mut text = format!("[{}.{key}]\n", table(section));
        if !random.once_in(if self.met { 40 } else { 8 }) {
            text += &format!("version = \"{}\"\n", self.range(random));
        }
        if random.once_in(2) || (self.met && !there) {
            text += &format!("name = \"{}\"\n", self.name(random));
        }
        if random.once_in(3) {
            text += &format!("fallback-names = {}\n", self.names(random));
        }
        if random.once_in(4) {
            text += &format!("feature = \"{}\"\n", random.pick(FEATURES));
        }
        if random.once_in(3) {
            text += random.pick(&["optional = true\n", "optional = false\n"]);
        }
        for feature in FEATURES.iter().filter(|feature| feature.starts_with('v')) {
            if random.once_in(5) {
                text += &format!("{feature} = {{ {} }}\n", self.overriding(random));
            }
        }
        // These keys are for prebuilt archives, or unknown.
        if random.once_in(6) {
            text += random.pick(&[
                "url = \"https://example.invalid/x.tar.gz\"\nchecksum = \"00\"\npaths = [\"lib/pkgconfig\"]\n",
                "follows = \"alpha\"\n",
                "provides = [\"alpha\"]\n",
                "'cfg(windows)' = { url = \"https://example.invalid/x.zip\" }\n",
            ]);
        }
        if random.once_in(if self.met { 200 } else { 30 }) {
            text += random.pick(&[
                "pkg_paths = [\"lib\"]\n",
                "libs = [\"x\"]\n",
                "optional2 = true\n",
                "Version = \"1\"\n",
                "v = \"1\"\n",
                "gl = { version = \"1\" }\n",
            ]);
        }
        self.tables += &text;
    }

    /// Returns the keys of an override.
    fn overriding(&self, random: &mut Random) -> String {
        let mut inner = Vec::new();
        if !random.once_in(if self.met { 200 } else { 20 }) {
            inner.push(format!("version = \"{}\"", self.range(random)));
        }
        if random.once_in(3) {
            inner.push(format!("name = \"{}\"", self.name(random)));
        }
        if random.once_in(4) {
            inner.push(format!("fallback-names = {}", self.names(random)));
        }
        if random.once_in(4) {
            inner.push(random.pick(&["optional = true", "optional = false"]).to_owned());
        }
        if random.once_in(if self.met { 300 } else { 30 }) {
            inner.push("feature = \"gl\"".to_owned());
        }
        inner.join(", ")
    }
}

/// Returns a build's target, features and variables.
pub(crate) fn build(
    random: &mut Random,
    folder: &Path,
    keys: &[&str],
    targets: &[&'static str],
) -> (&'static str, Vec<&'static str>, BTreeMap<String, String>) {
    let target = if random.once_in(4) { random.pick(targets) } else { targets[0] };
    let features: Vec<&str> = FEATURES.iter().copied().filter(|_| random.once_in(4)).collect();
    let pc = folder.join("pc").display().to_string();
    let mut variables = BTreeMap::from(
        [("PKG_CONFIG_LIBDIR", pc.as_str()), ("PKG_CONFIG_ALLOW_CROSS", "1"), ("PATH", "/usr/bin:/bin")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let mut set = |name: String, value: &str| drop(variables.insert(name, value.to_owned()));
    let own: &[(&str, &[&str])] = &[
        ("LIB", &["x", "x y", "", "one", "stdc++"]),
        ("LIB_FRAMEWORK", &["Foo", "Foo Bar", ""]),
        ("SEARCH_NATIVE", &["/x/lib", "/x/lib:/y", "", "/x::/y"]),
        ("SEARCH_FRAMEWORK", &["/f", "/f:/g", ""]),
        ("INCLUDE", &["/i", "/i:/j", ""]),
        ("LDFLAGS", &["--as-needed", "-rpath,/opt/x -z,now", "", "-rpath,/opt/x  --as-needed"]),
        ("NO_PKG_CONFIG", &["1", "", "0"]),
        ("BUILD_INTERNAL", &["never", "never", "never", "auto", "auto", "always", "Auto"]),
        ("LINK", &["static", "static", "dynamic", "", "Static"]),
        ("NO_PREBUILT", &["1"]),
    ];
    for key in keys {
        for (name, values) in own {
            if random.once_in(18) {
                set(format!("SYSTEM_DEPS_{key}_{name}"), random.pick(values));
            }
        }
    }
    let every: &[(&str, &[&str])] = &[
        ("SYSTEM_DEPS_LINK", &["static", "static", "dynamic", ""]),
        ("SYSTEM_DEPS_BUILD_INTERNAL", &["never", "never", "auto", "auto", "always", "sometimes", ""]),
        ("SYSTEM_DEPS_NO_PREBUILT", &["1"]),
        ("SYSTEM_DEPS_BUILD_MANIFEST", &["/none/Cargo.toml"]),
        ("DOCS_RS", &["1"]),
        ("PKG_CONFIG_ALL_STATIC", &["1"]),
        ("PKG_CONFIG_ALL_DYNAMIC", &["1"]),
        ("ALPHA_STATIC", &["1"]),
        ("X11_DYNAMIC", &["1"]),
        ("ALPHA_NO_PKG_CONFIG", &["1"]),
        ("SOME_LIB_NO_PKG_CONFIG", &["1"]),
        ("PKG_CONFIG_ALLOW_SYSTEM_LIBS", &["1"]),
        ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", &["1"]),
        ("PKG_CONFIG_SYSROOT_DIR", &["/sysroot", "/"]),
        ("SYSROOT", &["/sysroot"]),
        ("PKG_CONFIG", &["pkgconf", "pkgconf", "no-such-program"]),
        ("HOST_PKG_CONFIG_PATH", &["/none"]),
        ("PKG_CONFIG_PATH_x86_64_unknown_linux_gnu", &["/none"]),
        ("PKG_CONFIG_PATH_FOR_TARGET", &["/none"]),
    ];
    for (name, values) in every {
        if random.once_in(30) {
            set((*name).to_owned(), random.pick(values));
        }
    }
    (target, features, variables)
}
