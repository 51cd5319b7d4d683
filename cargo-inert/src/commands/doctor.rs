//! `cargo inert doctor`: shows what this machine can confine, why not more, and what that would need; and whether Inert
//! was tested with this Cargo.

use clap::{Parser, ValueEnum};
use serde::Serialize;

use super::Outcome;
use super::cargo_arguments::ShownArguments;
use crate::cargo::version::{self, Standing, Version};
use crate::confine::available;
use crate::driver::{Context, Failure};
use crate::policy::{FILE, Policy, Trust, Unavailable};
use crate::{exit, report};

/// Say what this machine can confine, why not, and what it would take
///
/// A program is started confined, once, in the temporary folder: it writes where it may, changes a mode, and is denied a file, a write
/// and a socket. Nothing is compiled, no file of a workspace is read, and cargo is only asked for its version: whether Inert was tested
/// with it is said, too, and does not count for the exit code.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert doctor",
    bin_name = "cargo inert doctor",
    after_help = "Exit codes: 0 scripts that run, and rustc, can be confined; 1 one of them cannot; 2 bad usage.

Examples:
  cargo inert doctor
  cargo inert doctor --format json"
)]
pub struct Arguments {
    /// How to say it: json is a stable interface
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    _shown: ShownArguments,
}

/// The format of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For a person.
    #[default]
    Human,
    /// Schema 1.
    Json,
}

/// The answer of the command.
#[derive(Debug, Serialize)]
struct Answer {
    schema: u32,
    system: &'static str,
    /// The version of Landlock, on Linux.
    landlock: Option<u32>,
    cargo: Tested,
    scripts: Confinable,
    rustc: Confinable,
    /// The outer fence, `[sandbox] outer`.
    outer: Confinable,
    /// The accesses that this kernel cannot deny to confined programs.
    open: Vec<&'static str>,
    /// The user's own policy, if there is one.
    policy: Option<String>,
    /// The treatment of what cannot be confined: `deny`, or `run` if the user's own policy says so.
    unavailable: &'static str,
    /// The folder with the records of accepted claims and of compiled scripts.
    state: Option<String>,
}

/// The answer whether Inert was tested with the Cargo that it finds here.
#[derive(Debug, Serialize)]
struct Tested {
    /// The version of Cargo, as it prints it.
    version: Option<String>,
    /// `tested`, `older` or `newer` than what was tested; `unknown` if Cargo does not say its version.
    standing: &'static str,
    /// The answer for people.
    #[serde(skip)]
    sentence: String,
    oldest_tested: String,
    newest_tested: String,
}

impl Tested {
    fn of(context: &Context) -> Self {
        let found = Version::of(&context.cargo, &context.cwd);
        let (oldest, newest) =
            (format!("1.{}", version::OLDEST_TESTED), format!("1.{}", version::NEWEST_TESTED));
        let (standing, sentence) = match found.as_ref().map(|found| (found.standing(), &found.text)) {
            Some((Standing::Tested, text)) => {
                ("tested", format!("{text}; Inert was tested with {oldest} to {newest}"))
            }
            Some((Standing::Older, text)) => {
                ("older", format!("{text}, older than the oldest that was tested, {oldest}: experimental"))
            }
            Some((Standing::Newer, text)) => {
                ("newer", format!("{text}, newer than the newest that was tested, {newest}: experimental"))
            }
            None => (
                "unknown",
                format!("it does not say its version; Inert was tested with {oldest} to {newest}"),
            ),
        };
        Self {
            version: found.map(|found| found.text),
            standing,
            sentence,
            oldest_tested: oldest,
            newest_tested: newest,
        }
    }
}

/// The answer whether programs of one kind can be confined.
#[derive(Debug, Serialize)]
struct Confinable {
    available: bool,
    /// The reason why they cannot.
    reason: Option<String>,
    /// The requirement that is not met.
    needs: Option<String>,
}

impl Confinable {
    fn no(reason: impl Into<String>, needs: impl Into<String>) -> Self {
        Self { available: false, reason: Some(reason.into()), needs: Some(needs.into()) }
    }

    fn yes() -> Self {
        Self { available: true, reason: None, needs: None }
    }
}

/// Runs `cargo inert doctor`.
///
/// # Errors
/// See [`Failure`].
pub fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let user = context.environment.config_dir();
    let policy = Policy::find(&[], None, user.as_deref(), &Trust::everything()).map_err(Failure::Policy)?;
    let proved = available::proved(&std::env::temp_dir());
    let scripts = match &proved {
        Ok(_) => Confinable::yes(),
        Err(why) => Confinable::no(why.reason.clone(), why.needs.clone()),
    };
    let answer = Answer {
        schema: 1,
        system: std::env::consts::OS,
        landlock: landlock(proved.as_ref().ok()),
        cargo: Tested::of(context),
        rustc: rustc(context, scripts.available),
        outer: match crate::confine::outer::available() {
            Ok(()) => Confinable::yes(),
            Err(why) => Confinable::no(why.reason, why.needs),
        },
        scripts,
        open: proved.map(|machine| machine.open()).unwrap_or_default(),
        policy: user
            .map(|folder| folder.join(FILE))
            .filter(|file| file.is_file())
            .map(|file| file.display().to_string()),
        unavailable: if policy.unavailable == Unavailable::Run { "run" } else { "deny" },
        state: context.environment.state_dir().map(|folder| folder.display().to_string()),
    };
    match arguments.format {
        Format::Json => report::print_json(&answer),
        Format::Human => report::print(&report::escaped(&human(&answer))),
    }
    Ok(if answer.scripts.available && answer.rustc.available { exit::DONE } else { exit::DENIED })
}

#[cfg(target_os = "linux")]
fn landlock(machine: Option<&inert_sandbox::Machine>) -> Option<u32> {
    machine.map(|machine| machine.abi)
}

#[cfg(not(target_os = "linux"))]
fn landlock(_machine: Option<&inert_sandbox::Machine>) -> Option<u32> {
    None
}

/// Returns whether rustc can be confined, as far as that is known without a build: a build also reports a configured
/// wrapper, or a program in the place of the compiler.
fn rustc(context: &Context, scripts: bool) -> Confinable {
    if !cfg!(target_os = "linux") {
        return Confinable::no("rustc is confined on Linux alone", "Linux");
    }
    if !scripts {
        return Confinable::no("nothing can be confined here", "what scripts need");
    }
    for name in ["RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        let wrapper = context.environment.text(name).map(std::path::Path::new);
        if let Some(wrapper) = wrapper.filter(|path| path.file_stem().is_none_or(|stem| stem != "inert")) {
            return Confinable::no(
                format!("{name} names {}, which compiles in its place", wrapper.display()),
                "no such wrapper, or the other order: a server that compiles what it is told to is outside of every fence",
            );
        }
    }
    Confinable::yes()
}

fn human(answer: &Answer) -> String {
    let mut text = String::new();
    for (what, one) in [
        ("build scripts that run", &answer.scripts),
        ("rustc, and macros in it", &answer.rustc),
        ("Cargo and all that it starts, by the outer fence", &answer.outer),
    ] {
        let said = if one.available { "can be confined" } else { "cannot be confined" };
        text.push_str(&format!("{what}: {said}\n"));
        for (name, words) in [("why", &one.reason), ("it takes", &one.needs)] {
            if let Some(words) = words {
                text.push_str(&format!("  {name}: {words}\n"));
            }
        }
    }
    if let Some(abi) = answer.landlock {
        text.push_str(&format!("Landlock: version {abi}\n"));
    }
    for open in &answer.open {
        text.push_str(&format!("  open: {open}\n"));
    }
    text.push_str(&format!("Cargo: {}\n", answer.cargo.sentence));
    text.push_str(&format!("your own policy: {}\n", answer.policy.as_deref().unwrap_or("none")));
    let unavailable = match answer.unavailable {
        "run" => "runs with all your rights, by your own policy",
        _ => "is refused",
    };
    text.push_str(&format!("what cannot be confined: {unavailable}\n"));
    text.push_str(&format!("state: {}\n", answer.state.as_deref().unwrap_or("nowhere: no home is set")));
    text
}
