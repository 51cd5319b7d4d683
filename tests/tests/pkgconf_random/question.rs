//! Makes random queries of a tree: options, environment variables and modules.

use inert_tests::random::Random;

use crate::tree::{Tree, VARIABLES};

/// One of these options, or none, is used in each query.
const OPTIONS: &[&str] = &[
    "--static",
    "--static --pure",
    "--no-uninstalled",
    "--ignore-conflicts",
    "--keep-system-libs",
    "--keep-system-cflags",
    "--define-prefix",
];

const OPERATORS: &[&str] = &["=", "<", ">", "<=", ">=", "!="];

/// Returns a query's arguments and environment.
pub(crate) fn question(random: &mut Random, tree: &Tree) -> (Vec<String>, Vec<(String, String)>) {
    let mut arguments: Vec<String> = match random.below(10) {
        0..3 => vec!["--libs".into()],
        3..5 => vec!["--cflags".into()],
        5 | 6 => vec!["--cflags".into(), "--libs".into()],
        7 => vec![random.pick(&["--modversion", "--exists", "--path"]).to_owned()],
        8 => vec![random.pick(&["--print-requires", "--print-variables"]).to_owned()],
        _ => vec![format!("--variable={}", random.pick(VARIABLES))],
    };
    if random.once_in(2) {
        arguments.extend(random.pick(OPTIONS).split(' ').map(str::to_owned));
    }
    // Every file that is read in search of a provider sets the prefix for all, in the order of the folder.
    if tree.provides {
        arguments.retain(|argument| argument != "--define-prefix");
    }
    if random.once_in(6) {
        let value = random.pick(&["/opt/d", "/opt/d e", "x", "", "${v}", "'q'", "//d"]);
        arguments.push(format!("--define-variable={}={value}", random.pick(VARIABLES)));
    }
    let mut modules = Vec::new();
    for _ in 0..1 + usize::from(random.once_in(3)) + usize::from(random.once_in(6)) {
        let known = &tree.modules[..tree.modules.len() - if random.once_in(6) { 0 } else { 3 }];
        let module = random.pick(known);
        // The executable takes a name that begins with a dash for an option.
        let module = if module.starts_with('-') { known[known.len() - 1] } else { module };
        modules.push(match random.below(12) {
            0 => format!(
                "{module} {} {}",
                random.pick(OPERATORS),
                random.pick(&["1", "1.2", "1.2.3", "0", "2", "v1"])
            ),
            _ => module.to_owned(),
        });
    }
    arguments.extend(modules);
    let environment = environment(random, tree);
    // In this case it lists an internal variable, whose value cannot be observed.
    if environment.iter().any(|(name, _)| name == "PKG_CONFIG_SYSROOT_DIR") {
        arguments
            .iter_mut()
            .filter(|argument| *argument == "--print-variables")
            .for_each(|argument| *argument = "--cflags".into());
    }
    (arguments, environment)
}

fn environment(random: &mut Random, tree: &Tree) -> Vec<(String, String)> {
    let root = tree.root.display();
    let folders: Vec<String> = tree.folders.iter().map(|folder| folder.display().to_string()).collect();
    let (path, libdir) = folders.split_at(if random.once_in(3) { random.below(folders.len()) } else { 0 });
    let mut environment = vec![("PKG_CONFIG_LIBDIR".to_owned(), libdir.join(":"))];
    if !path.is_empty() {
        environment.push(("PKG_CONFIG_PATH".to_owned(), format!("{root}/absent::{}", path.join(":"))));
    }
    let mut set = |name: &str, value: String| environment.push((name.to_owned(), value));
    if random.once_in(3) {
        let sysroot = random.pick(&["/root", "/root", "", "/absent", "/root/"]);
        let sysroot = match random.below(12) {
            0 => "/".to_owned(),
            1 => String::new(),
            2 => "/usr".to_owned(),
            3 => "relative".to_owned(),
            _ => format!("{root}{sysroot}"),
        };
        if random.once_in(4) {
            set("DESTDIR", sysroot.clone());
        }
        set("PKG_CONFIG_SYSROOT_DIR", sysroot);
    }
    let rare: &[(&str, &[&str])] = &[
        ("PKG_CONFIG_FDO_SYSROOT_RULES", &["1", ""]),
        ("PKG_CONFIG_ALLOW_SYSTEM_LIBS", &["1", "", "0"]),
        ("PKG_CONFIG_ALLOW_SYSTEM_CFLAGS", &["1", ""]),
        ("PKG_CONFIG_SYSTEM_LIBRARY_PATH", &["/opt/x", "/usr/lib:/opt//x", "", "/opt/x/"]),
        ("PKG_CONFIG_SYSTEM_INCLUDE_PATH", &["/opt/i", ":/usr/include:", ""]),
        ("LIBRARY_PATH", &["/opt/x", ""]),
        ("CPATH", &["/opt/i", ":"]),
        ("C_INCLUDE_PATH", &["/opt/i"]),
        ("CPLUS_INCLUDE_PATH", &["/opt/i"]),
        ("OBJC_INCLUDE_PATH", &["/opt/i"]),
        ("PKG_CONFIG_TOP_BUILD_DIR", &["/build", "", "rel ative"]),
        ("PKG_CONFIG_DISABLE_UNINSTALLED", &["1", ""]),
        ("PKG_CONFIG_PURE_DEPGRAPH", &["1", ""]),
        ("PKG_CONFIG_IGNORE_CONFLICTS", &["1", ""]),
        ("PKG_CONFIG_MAXIMUM_TRAVERSE_DEPTH", &["1", "2", "3", "0", "-1", "x", " 2", "2x", ""]),
        ("PKG_CONFIG_DONT_DEFINE_PREFIX", &["1", ""]),
        ("PKG_CONFIG_DONT_RELOCATE_PATHS", &["1"]),
    ];
    for (name, values) in rare {
        if random.once_in(16) {
            set(name, random.pick(values).to_owned());
        }
    }
    environment
}
