//! Cargo's own options, for commands of Inert that plan a build without making it, or that only read a workspace.
//!
//! The options are in two tables: those that select the workspace, and those that select the build. clap parses them,
//! so that a misspelt option is an error; the given options are passed on to Cargo unchanged.

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::cargo::invocation::{BadArguments, Invocation};
use crate::console::Shown;
use crate::driver::Context;

/// One option of Cargo.
struct CargoOption {
    /// The long name; for `-Z`, the letter.
    name: &'static str,
    short: Option<char>,
    /// The name of the value, if the option takes one.
    value: Option<&'static str>,
    help: &'static str,
}

const fn switch(name: &'static str, short: Option<char>, help: &'static str) -> CargoOption {
    CargoOption { name, short, value: None, help }
}

const fn valued(
    name: &'static str,
    short: Option<char>,
    value: &'static str,
    help: &'static str,
) -> CargoOption {
    CargoOption { name, short, value: Some(value), help }
}

/// The options that select the workspace, and how Cargo reads it.
const WORKSPACE: &[CargoOption] = &[
    valued("manifest-path", None, "PATH", "Path to Cargo.toml"),
    valued("target-dir", None, "FOLDER", "The folder for generated artifacts"),
    valued("lockfile-path", None, "PATH", "Path to Cargo.lock (unstable in Cargo)"),
    valued("config", None, "KEY=VALUE|PATH", "Override a value of Cargo's configuration"),
    valued("Z", Some('Z'), "FLAG", "Unstable flags of Cargo"),
    switch("locked", None, "Cargo.lock must be up to date, and inert.lock where there is one"),
    switch("offline", None, "Without the network"),
    switch("frozen", None, "As --locked and --offline"),
];

/// The options that select what is shown.
const SHOWN: &[CargoOption] = &[
    valued("color", None, "WHEN", "auto, always, never"),
    switch("quiet", Some('q'), "No lines of progress"),
    switch("verbose", Some('v'), "Cargo says more"),
];

/// The options that select the build.
const BUILD: &[CargoOption] = &[
    valued("package", Some('p'), "SPEC", "Package to build"),
    switch("workspace", None, "All packages of the workspace"),
    switch("all", None, "As --workspace (deprecated in Cargo)"),
    valued("exclude", None, "SPEC", "Leave packages out, with --workspace"),
    switch("lib", None, "Only the package's library"),
    switch("bins", None, "All binaries"),
    valued("bin", None, "NAME", "Only this binary"),
    switch("examples", None, "All examples"),
    valued("example", None, "NAME", "Only this example"),
    switch("tests", None, "All targets with `test = true`"),
    valued("test", None, "NAME", "Only this test target"),
    switch("benches", None, "All targets with `bench = true`"),
    valued("bench", None, "NAME", "Only this bench target"),
    switch("all-targets", None, "All targets"),
    valued("features", Some('F'), "FEATURES", "Features to activate"),
    switch("all-features", None, "All features"),
    switch("no-default-features", None, "Without the `default` feature"),
    valued("target", None, "TRIPLE", "Build for this platform"),
    switch("release", Some('r'), "With the release profile"),
    valued("profile", None, "NAME", "With this profile"),
    valued("jobs", Some('j'), "N", "Number of parallel jobs"),
    switch("keep-going", None, "Build what can be built"),
    switch("ignore-rust-version", None, "Ignore `rust-version`"),
    switch("future-incompat-report", None, "Cargo's report"),
];

/// Inert's own options, which every command that plans a build accepts.
const OWN: &[CargoOption] = &[
    valued(
        "policy",
        None,
        "FILE",
        "A policy that the workspace's inert.toml cannot weaken (so does INERT_POLICY)",
    ),
    valued(
        "trust",
        None,
        "DIGEST|tree",
        "Accept what the workspace's own inert.toml says, for this command (so does INERT_TRUST)",
    ),
    valued(
        "library",
        None,
        "NAME=SOURCE",
        "Where this library comes from, as its line under [libraries], which it outranks; `default=…` is for all",
    ),
    CargoOption {
        name: DENY,
        short: None,
        value: Some("dependencies|all"),
        help: "Not even allowed scripts run (so does INERT_DENY_BUILD_SCRIPTS)",
    },
];

/// The option for all libraries, which `audit` has in a form of its own.
const LIBRARIES: &[CargoOption] = &[valued(
    "libraries",
    None,
    "SOURCE",
    "Where native libraries come from: system-only, system-first, source-first, source-only; outranks [libraries]",
)];

const DENY: &str = "deny-build-scripts";

/// The options that select the workspace, as they were given.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceArguments(Vec<OsString>);

/// The options that select the workspace and the build, as they were given.
#[derive(Debug, Clone, Default)]
pub struct BuildArguments(Vec<OsString>);

/// As [`BuildArguments`], without `--libraries`.
#[derive(Debug, Clone, Default)]
pub struct AuditArguments(Vec<OsString>);

/// Inert's own options, as they were given.
#[derive(Debug, Clone, Default)]
pub struct OwnArguments(Vec<OsString>);

/// The options that select what is shown, as they were given; for commands that do not call Cargo.
#[derive(Debug, Clone, Default)]
pub struct ShownArguments(Vec<OsString>);

macro_rules! arguments {
    ($name:ident, [$(($heading:literal, $table:expr)),+]) => {
        impl $name {
            /// Returns the invocation of `cargo <command>` with these options.
            ///
            /// # Errors
            /// The value of `--deny-build-scripts` is unknown.
            pub fn invocation(&self, command: &str, context: &Context) -> Result<Invocation, BadArguments> {
                Invocation::parse(command, &self.0, &context.cwd)
            }

            /// Returns the options as they are passed on to Cargo.
            #[must_use]
            pub fn as_given(&self) -> &[OsString] {
                &self.0
            }
        }

        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                let command = command;
                $(let command = add(command, $heading, $table);)+
                command
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                let mut this = Self::default();
                this.update_from_arg_matches(matches)?;
                Ok(this)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                self.0 = as_given(matches, &[$($table),+].concat_options());
                Ok(())
            }
        }
    };
}

arguments!(WorkspaceArguments, [("Cargo's options", WORKSPACE), ("Cargo's options", SHOWN)]);
arguments!(
    BuildArguments,
    [
        ("Options of Inert's own, as for a build", OWN),
        ("Options of Inert's own, as for a build", LIBRARIES),
        ("Cargo's options", BUILD),
        ("Cargo's options", WORKSPACE),
        ("Cargo's options", SHOWN)
    ]
);
arguments!(
    AuditArguments,
    [
        ("Options of Inert's own, as for a build", OWN),
        ("Cargo's options", BUILD),
        ("Cargo's options", WORKSPACE),
        ("Cargo's options", SHOWN)
    ]
);
arguments!(OwnArguments, [("Options of Inert's own, as for a build", OWN)]);
arguments!(ShownArguments, [("Cargo's options", SHOWN)]);

trait ConcatOptions {
    fn concat_options(&self) -> Vec<&'static CargoOption>;
}

impl<const N: usize> ConcatOptions for [&'static [CargoOption]; N] {
    fn concat_options(&self) -> Vec<&'static CargoOption> {
        self.iter().flat_map(|table| table.iter()).collect()
    }
}

fn add(command: Command, heading: &'static str, table: &'static [CargoOption]) -> Command {
    table.iter().fold(command, |command, option| {
        let mut arg = Arg::new(option.name).help(option.help).help_heading(heading);
        if option.name.len() > 1 {
            arg = arg.long(option.name);
        }
        if let Some(short) = option.short {
            arg = arg.short(short);
        }
        arg = match option.value {
            Some(value) if option.name == "color" => {
                let choices = PossibleValuesParser::new(["auto", "always", "never"]);
                arg.value_name(value).action(ArgAction::Append).value_parser(choices.map(OsString::from))
            }
            Some(value) => {
                arg.value_name(value).action(ArgAction::Append).value_parser(value_parser!(OsString))
            }
            None => arg.action(ArgAction::Count),
        };
        if option.name == DENY {
            arg = arg.num_args(0..=1).require_equals(true).default_missing_value("");
        }
        command.arg(arg)
    })
}

/// Returns the given options in their order.
fn as_given(matches: &ArgMatches, table: &[&CargoOption]) -> Vec<OsString> {
    let mut given: Vec<(usize, Vec<OsString>)> = Vec::new();
    for option in table {
        let spelt =
            if option.name.len() > 1 { format!("--{}", option.name) } else { format!("-{}", option.name) };
        if option.value.is_none() {
            let at = matches.indices_of(option.name).and_then(|mut all| all.next()).unwrap_or_default();
            let count = usize::from(matches.get_count(option.name));
            given.extend((0..count).map(|_| (at, vec![OsString::from(&spelt)])));
            continue;
        }
        let indices = matches.indices_of(option.name).into_iter().flatten();
        let values = matches.get_many::<OsString>(option.name).into_iter().flatten();
        for (at, value) in indices.zip(values) {
            let words = if option.name == DENY {
                let mut one = OsString::from(&spelt);
                if !value.is_empty() {
                    one.push("=");
                    one.push(value);
                }
                vec![one]
            } else {
                vec![OsString::from(&spelt), value.clone()]
            };
            given.push((at, words));
        }
    }
    given.sort_by_key(|(at, _)| *at);
    given.into_iter().flat_map(|(_, words)| words).collect()
}

/// Returns the settings of `--color` and `--quiet`, for a command that accepts them.
#[must_use]
pub fn shown(matches: &ArgMatches) -> Shown {
    let colour = matches.try_get_one::<OsString>("color").ok().flatten();
    Shown {
        colours: match colour.and_then(|value| value.to_str()) {
            Some("always") => Some(true),
            Some("never") => Some(false),
            _ => None,
        },
        quiet: matches.try_get_one::<u8>("quiet").ok().flatten().is_some_and(|count| *count > 0),
    }
}

/// Returns the same settings from the arguments of a command of Cargo.
#[must_use]
pub fn shown_of(invocation: &Invocation) -> Shown {
    Shown {
        colours: match invocation.option("--color").as_deref() {
            Some("always") => Some(true),
            Some("never") => Some(false),
            _ => None,
        },
        quiet: invocation.has("-q") || invocation.has("--quiet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Everything {
        #[command(flatten)]
        cargo: BuildArguments,
    }

    #[test]
    fn what_was_given_goes_on_in_its_order() {
        use clap::Parser as _;
        let given = "--config a=1 -p x --all-features -vv --deny-build-scripts --config b=2 --target=t -Zx -F f1 --features f2";
        let parsed = Everything::try_parse_from(std::iter::once("x").chain(given.split(' '))).unwrap();
        let words: Vec<_> =
            parsed.cargo.as_given().iter().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(
            words.join(" "),
            "--config a=1 --package x --all-features --verbose --verbose --deny-build-scripts --config b=2 --target t \
             -Z x --features f1 --features f2"
        );
        for bad in ["--bogus", "--formt", "extra", "--manifest-path"] {
            assert!(Everything::try_parse_from(["x", bad]).is_err(), "{bad}");
        }
    }
}
