//! `cargo inert completions`: writes the script with which a shell completes command lines of `cargo inert`.

use clap::Parser;
use clap_complete::Shell;

use super::{Outcome, table};
use crate::driver::Context;
use crate::{exit, report};

/// Write the script with which a shell completes `cargo inert`
///
/// It is written to standard output, and completes both `cargo-inert` and, in bash, zsh and fish, `cargo inert`.
#[derive(Debug, Parser)]
#[command(
    name = "cargo inert completions",
    bin_name = "cargo inert completions",
    after_help = "Exit codes: 0 written, 2 bad usage.

Examples:
  cargo inert completions bash > ~/.local/share/bash-completion/completions/cargo-inert
  echo 'source ~/.local/share/bash-completion/completions/cargo-inert' >> ~/.bashrc   # for `cargo inert` as well
  cargo inert completions zsh > ~/.zfunc/_cargo-inert                                 # a folder of $fpath
  cargo inert completions fish > ~/.config/fish/conf.d/cargo-inert.fish"
)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// In bash one function completes all of `cargo`. This one answers for `cargo inert`, and asks the function that was
/// there before for the rest.
const BASH: &str = r#"
_cargo_inert_function_of() {
    complete -p "$1" 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p'
}
_cargo_inert_own=$(_cargo_inert_function_of cargo-inert)
# bash-completion reads Cargo's own file at the first Tab only, unless it is asked to.
if [[ -z "$(_cargo_inert_function_of cargo)" ]]; then
    if declare -F _comp_load >/dev/null; then
        _comp_load cargo
    elif declare -F _completion_loader >/dev/null; then
        _completion_loader cargo
    fi >/dev/null 2>&1
fi
# This file may be read twice: what was there before the first time counts.
if [[ "$(_cargo_inert_function_of cargo)" != _cargo_inert_below_cargo ]]; then
    _cargo_inert_before=$(_cargo_inert_function_of cargo)
fi
_cargo_inert_below_cargo() {
    if [[ "${COMP_WORDS[1]}" == inert && "${COMP_CWORD}" -gt 1 ]]; then
        COMP_WORDS=(cargo-inert "${COMP_WORDS[@]:2}")
        COMP_CWORD=$((COMP_CWORD - 1))
        "${_cargo_inert_own}" cargo-inert "$2" "$3"
    elif [[ -n "${_cargo_inert_before}" ]]; then
        "${_cargo_inert_before}" "$@"
    fi
}
complete -F _cargo_inert_below_cargo -o bashdefault -o default cargo
"#;

/// fish asks all completions of a command; these are those of `cargo-inert`, for a line that begins with `cargo inert`.
const FISH: &str = r"
function __fish_cargo_inert_below_cargo
    set -l words (commandline -pxc 2>/dev/null; or commandline -poc)
    complete -C (string join ' ' -- cargo-inert (string escape -- $words[3..]) (commandline -ct))
end
function __fish_cargo_inert_is_meant
    set -l words (commandline -pxc 2>/dev/null; or commandline -poc)
    test (count $words) -ge 2; and test $words[2] = inert
end
complete -c cargo -n __fish_cargo_inert_is_meant -f -a '(__fish_cargo_inert_below_cargo)'
";

/// Runs `cargo inert completions`.
///
/// # Errors
/// There are none.
pub fn run(_: &Context, arguments: &Arguments) -> Outcome {
    report::print(&script(arguments.shell));
    Ok(exit::DONE)
}

/// Returns the script for a shell.
fn script(shell: Shell) -> String {
    // clap_complete 4.6 spells a hyphen in the name in two ways in its function for bash, which then finds no command.
    let name = if shell == Shell::Bash { "cargo_inert" } else { table::PROGRAM };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut table::tree(name), name, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script.replace("default cargo_inert\n", "default cargo-inert\n") + BASH,
        Shell::Fish => script + FISH,
        // zsh's own completion of cargo calls `_cargo-inert` for `cargo inert`.
        _ => script,
    }
}
