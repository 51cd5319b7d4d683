//! Tests `cargo inert review --import`: decisions of another team from a folder, and from a repository that the real git
//! fetches.

use inert_tests::{Sandbox, said};

/// Writes an application with one undecided script, and another team's repository that allows it.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\ndep = { path = \"../dep\" }\n[workspace]\n",
        ),
        ("app/src/lib.rs", ""),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("dep/src/lib.rs", ""),
        ("dep/build.rs", "fn main() { std::process::Command::new(\"true\").status().unwrap(); }"),
        ("audits/team/inert.toml", ""),
    ]);
    // The entry is written by Inert itself, in a copy of the application.
    let mut review = sandbox.command("app", "sh");
    review.args(["-c", "printf 'a\\nread it\\n' | cargo inert review"]);
    assert_eq!(said(&mut review).code, 0);
    let entry = std::fs::read_to_string(sandbox.path("app/inert.toml")).expect("the policy");
    std::fs::remove_file(sandbox.path("app/inert.toml")).expect("the policy");
    sandbox.write(&[("audits/team/inert.toml", &entry)]);
    git(&sandbox, "init --quiet --initial-branch=main .");
    commit(&sandbox);
    sandbox
}

fn git(sandbox: &Sandbox, words: &str) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let found = said(sandbox.command("audits", "git").args(identity).args(words.split(' ')));
    assert_eq!(found.code, 0, "{words}: {}", found.err);
    found.out.trim().to_owned()
}

fn commit(sandbox: &Sandbox) -> String {
    git(sandbox, "add -A");
    git(sandbox, "commit --quiet -m entry");
    git(sandbox, "rev-parse HEAD")
}

fn import(sandbox: &Sandbox, from: &str) -> inert_tests::Said {
    said(sandbox.command("app", "cargo").args(["inert", "review", "--import", from]))
}

fn audit(sandbox: &Sandbox) -> inert_tests::Said {
    said(sandbox.command("app", "cargo").args(["inert", "audit"]))
}

#[test]
fn a_folder_is_imported_and_pinned() {
    let sandbox = sandbox();
    assert_eq!(audit(&sandbox).code, 1);
    let found = import(&sandbox, "../audits/team");
    assert_eq!(found.code, 0, "{}", found.err);
    let audited = audit(&sandbox);
    assert_eq!(audited.code, 0, "{}{}", audited.out, audited.err);
    // The copy is pinned: a change of it is an error.
    let copy = std::fs::read_to_string(sandbox.path("app/inert-imports/team.toml")).expect("the copy");
    sandbox.write(&[("app/inert-imports/team.toml", &format!("{copy}\n# more\n"))]);
    assert_eq!(audit(&sandbox).code, 2);
}

#[test]
fn a_repository_is_fetched_and_its_commit_is_kept() {
    let sandbox = sandbox();
    let first = git(&sandbox, "rev-parse HEAD");
    let address = format!("git+file://{}", sandbox.path("audits").display());
    let found = import(&sandbox, &format!("{address}?branch=main#team/inert.toml"));
    assert_eq!(found.code, 0, "{}", found.err);
    let policy = std::fs::read_to_string(sandbox.path("app/inert.toml")).expect("the policy");
    assert!(policy.contains(&format!("revision = \"{first}\"")), "{policy}");
    assert!(policy.contains("-audits-team-inert.toml\""), "{policy}");
    assert_eq!(audit(&sandbox).code, 0);
    // Nothing of the fetch is left.
    let left = std::fs::read_dir(sandbox.path("inert-home")).into_iter().flatten().flatten();
    let left: Vec<_> = left.filter(|one| one.file_name().to_string_lossy().starts_with("import-")).collect();
    assert!(left.is_empty(), "{left:?}");
    // Again to renew it: one entry, of the new commit.
    let entry = std::fs::read_to_string(sandbox.path("audits/team/inert.toml")).expect("the policy");
    sandbox.write(&[("audits/team/inert.toml", &entry.replace("read it", "read it twice"))]);
    let second = commit(&sandbox);
    assert_eq!(import(&sandbox, &format!("{address}#team/inert.toml")).code, 0);
    let policy = std::fs::read_to_string(sandbox.path("app/inert.toml")).expect("the policy");
    assert_eq!(policy.matches("[[import]]").count(), 1, "{policy}");
    assert!(policy.contains(&second) && !policy.contains(&first), "{policy}");
}

#[test]
fn another_source_of_the_same_name_takes_nothing_away() {
    let sandbox = sandbox();
    sandbox.write(&[("others/team/inert.toml", "")]);
    assert_eq!(import(&sandbox, "../audits/team").code, 0);
    let before = std::fs::read_to_string(sandbox.path("app/inert.toml")).expect("the policy");
    let found = import(&sandbox, "../others/team");
    assert_eq!(found.code, 2, "{}", found.err);
    assert!(found.err.contains("inert-imports/team.toml is the copy of `../audits/team`"), "{}", found.err);
    assert_eq!(std::fs::read_to_string(sandbox.path("app/inert.toml")).expect("the policy"), before);
    assert_eq!(audit(&sandbox).code, 0);
}

/// git exports these to its hooks; the fetch has a repository of its own.
#[test]
fn an_import_within_a_hook_leaves_the_hooks_repository_alone() {
    let sandbox = sandbox();
    let address = format!("git+file://{}#team/inert.toml", sandbox.path("audits").display());
    sandbox.write(&[("elsewhere/empty", "")]);
    let mut command = sandbox.command("app", "cargo");
    command.args(["inert", "review", "--import", &address]);
    for name in ["GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env(name, sandbox.path("elsewhere"));
    }
    let found = said(&mut command);
    assert_eq!(found.code, 0, "{}", found.err);
    let left: Vec<_> = std::fs::read_dir(sandbox.path("elsewhere")).expect("the folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_cannot_be_fetched_is_said_and_nothing_is_written() {
    let sandbox = sandbox();
    let address = format!("git+file://{}", sandbox.path("audits").display());
    for (from, code, says) in [
        ("git+http://127.0.0.1/a", 2, "expected git+https://, git+ssh:// or git+file://"),
        ("https://example.org/a", 2, "write `git+https://example.org/a` for a git repository"),
        ("git+ext::sh -c true", 2, "expected git+https://"),
        (&format!("{address}?rev=nowhere"), 101, "git could not fetch file://"),
        (&format!("{address}#other.toml"), 101, "has no file `other.toml` in "),
    ] {
        let found = import(&sandbox, from);
        assert_eq!(found.code, code, "{from}: {}", found.err);
        assert!(found.err.contains(says), "{from}: {}", found.err);
        assert!(
            !sandbox.path("app/inert.toml").exists() && !sandbox.path("app/inert-imports").exists(),
            "{from}"
        );
    }
}

/// The pull request that brings `inert.lock` passes the job that `init --ci` prints; a later one is compared.
#[test]
fn the_printed_job_compares_from_the_second_pull_request_on() {
    let sandbox = Sandbox::new();
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let git =
        |words: &str| said(sandbox.command("app", "git").args(identity).args(words.split(' '))).good().out;
    sandbox.write(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[workspace]\n",
        ),
        ("app/src/lib.rs", ""),
        ("app/.gitignore", "target\n"),
    ]);
    let _ = git("init --quiet --initial-branch=main .");
    let _ = git("add -A");
    let _ = git("commit --quiet -m one");
    let printed = sandbox.inert("app", "init --ci github").good().says("nothing written");
    assert!(!sandbox.path("app/inert.toml").exists());
    let step = printed.out.split_once("run: |\n").expect("a step of several lines").1;
    let step: String = step
        .lines()
        .take_while(|line| line.starts_with("          "))
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    let runs = |base: &str| {
        let mut shell = sandbox.command("app", "bash");
        said(
            shell
                .args(["-e", "-c", &step.replace("cargo-inert audit", "cargo inert audit")])
                .env("BASE", base),
        )
    };
    let _ =
        sandbox.inert("app", "audit --diff HEAD").code(2).says("the git revision `HEAD` holds no inert.lock");
    let _ = sandbox
        .inert("app", "audit --diff HAED")
        .code(2)
        .says("`HAED` is no lock file, and no git revision here");
    assert_ne!(runs("nowhere").code, 0, "a base that is not there is no reason to compare nothing");
    let _ = sandbox.inert("app", "init").good();
    assert_eq!(runs("HEAD").good().out.lines().count(), 1, "the revision's name alone");
    let _ = git("add -A");
    let _ = git("commit --quiet -m two");
    assert!(runs("HEAD").good().out.contains("0 weaker"));
    let policy = sandbox.read("app/inert.toml").replace("members = \"confined\"", "members = \"allow\"");
    sandbox.write(&[("app/inert.toml", &policy)]);
    assert_eq!(runs("HEAD").code, 1);
}
