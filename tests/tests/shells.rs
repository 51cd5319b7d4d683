//! Tests `cargo inert completions` and `cargo inert man` by the programs that read them: bash, and fish, zsh and man
//! where they are installed. A program that is not there is named, and nothing is checked with it.

use inert_tests::{Sandbox, said};

/// Returns a sandbox with the scripts of all shells in it.
fn scripts() -> Sandbox {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let found = said(sandbox.command("", "cargo").args(["inert", "completions", shell]));
        assert_eq!(found.code, 0, "{shell}: {}", found.err);
        sandbox.write(&[(&format!("completions.{shell}"), &found.out)]);
    }
    sandbox
}

#[expect(clippy::print_stderr, reason = "a test that cannot be made here says so")]
fn is_there(sandbox: &Sandbox, program: &str) -> bool {
    let found = said(sandbox.command("", "sh").args(["-c", &format!("command -v {program}")])).code == 0;
    if !found {
        eprintln!("nothing is checked with {program}, which is not installed");
    }
    found
}

/// Completes lines as bash does when Tab is pressed.
const BASH: &str = r#"
_before() { COMPREPLY=(of-cargo); }
complete -F _before cargo
source ./completions.bash
source ./completions.bash
try() {
    COMP_WORDS=($1)
    [[ $1 == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    function=$(complete -p ${COMP_WORDS[0]} | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
    $function ${COMP_WORDS[0]} "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "$1=${COMPREPLY[*]}"
}
try "cargo-inert au"
try "cargo inert au"
try "cargo inert audit --form"
try "cargo inert audit --format "
try "cargo inert build --rel"
try "cargo build --rel"
"#;

#[test]
fn bash_completes_below_cargo_and_asks_for_the_rest_whom_it_asked_before() {
    let sandbox = scripts();
    sandbox.write(&[("try.bash", BASH)]);
    let found = said(sandbox.command("", "bash").arg("try.bash"));
    assert_eq!(found.err, "");
    let expected = "cargo-inert au=audit\ncargo inert au=audit\ncargo inert audit --form=--format\n\
                    cargo inert audit --format =human json sarif html\ncargo inert build --rel=--release\n\
                    cargo build --rel=of-cargo\n";
    assert_eq!(found.out, expected);
}

#[test]
fn fish_completes_below_cargo() {
    let sandbox = scripts();
    if !is_there(&sandbox, "fish") {
        return;
    }
    for (line, expected) in
        [("cargo inert au", "audit"), ("cargo-inert au", "audit"), ("cargo inert build --rel", "--release")]
    {
        let typed = format!("source completions.fish; complete -C '{line}'");
        let found = said(sandbox.command("", "fish").args(["--no-config", "-c", &typed]));
        let words: Vec<&str> = found.out.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(words, [expected], "{line}: {}", found.err);
    }
}

#[test]
fn zsh_reads_the_script_and_calls_it_by_the_name_that_cargos_own_looks_for() {
    let sandbox = scripts();
    if !is_there(&sandbox, "zsh") {
        return;
    }
    let found = said(sandbox.command("", "zsh").args(["-f", "-n", "completions.zsh"]));
    assert_eq!((found.code, found.err.as_str()), (0, ""));
    let script = std::fs::read_to_string(sandbox.path("completions.zsh")).expect("the script");
    assert!(script.starts_with("#compdef cargo-inert\n"), "{script}");
    assert!(script.contains("\n_cargo-inert() {"), "{script}");
}

#[test]
fn each_command_has_a_manual_page_that_man_can_show() {
    let sandbox = Sandbox::new();
    let found = said(sandbox.command("", "cargo").args(["inert", "man", "man1"]));
    assert_eq!(found.code, 0, "{}", found.err);
    let list = said(sandbox.command("", "cargo").args(["inert", "--help"])).out;
    let commands =
        list.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description of two lines is indented further.
    let names =
        commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert!(names.len() > 20, "{list}");
    for name in names {
        assert!(sandbox.path(&format!("man1/cargo-inert-{name}.1")).is_file(), "{name}");
    }
    if !is_there(&sandbox, "man") {
        return;
    }
    for (page, says) in
        [("cargo-inert", "cargo-inert-audit(1)"), ("cargo-inert-audit", "cargo inert audit --diff")]
    {
        let path = format!("man1/{page}.1");
        let shown = said(sandbox.command("", "man").args(["--warnings", "-l", &path]).env("MANWIDTH", "200"));
        assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{page}");
        assert!(shown.out.contains(says), "{page}: {}", shown.out);
    }
    let unwritable = said(sandbox.command("", "cargo").args(["inert", "man", "man1/cargo-inert.1"]));
    assert_eq!(unwritable.code, 101, "{}", unwritable.err);
}
