#!/usr/bin/env python3
"""Runs real build scripts confined and unconfined, and compares what they say and write.

usage: confined_scripts.py CARGO_INERT [--work FOLDER] [--results FILE] [NAME …]

For each script of tests/fixtures/confined-scripts.toml (or those named): a project with it is checked with an `[[allow]]` entry that
grants what catalog/suggestions.toml says, then with `confine = false`, in the same folders. Both must succeed, and what Cargo
keeps of the script's output and its OUT_DIR must be equal. The rows are kept in FILE: name, version, passed, grants, lines of output,
files, files that differ and why that is no difference, what went wrong.
"""
import hashlib, json, os, pathlib, re, shutil, subprocess, sys, tempfile, tomllib

from confined_common import arguments, option, read, root

work = pathlib.Path(option("--work", "") or tempfile.mkdtemp(prefix="inert-scripts-"))
results = pathlib.Path(option("--results", root / "target/confined-scripts.tsv"))
inert, names = str(pathlib.Path(arguments[0]).resolve()), arguments[1:]
# What CMake, configure and make leave for themselves, with the times and temporary names of one run.
LEFTOVERS = re.compile(r"(^|/)(CMakeFiles/|CMakeCache\.txt$|config\.log$|config\.status$|Makefile$|configdata\.pm$|[^/]*\.log$)")
KEYS = ["tools", "read", "write", "env", "set"]

def toml(value):
    if isinstance(value, dict): return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)

suggestions = root / "catalog/suggestions.toml"
suggested = tomllib.loads(suggestions.read_text()).get("suggestion", []) if suggestions.is_file() else []
scripts = {one["package"]: one for one in tomllib.loads((root / "tests/fixtures/confined-scripts.toml").read_text())["script"]}
done = read(results)

def grants_of(name):
    for one in suggested:
        if one["package"] == name: return {key: one[key] for key in KEYS if key in one}
    return {}

def cargo(project, log):
    with open(log, "w") as out:
        code = subprocess.run(["nice", inert, "inert", "check", "--trust", "tree", "--color", "never", "-j1"], cwd=project, stdout=out,
                              stderr=subprocess.STDOUT, env={**os.environ, "SOURCE_DATE_EPOCH": "1"}).returncode
    return code, pathlib.Path(log).read_text(errors="replace")

sysroot = subprocess.run(["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True).stdout.strip()

def digest(project, path):
    """An unconfined script finds Inert's rustdoc in RUSTDOC, a confined one the toolchain's own."""
    own = str(project / "target/inert/.inert/bin/rustdoc").encode()
    return hashlib.sha256(path.read_bytes().replace(own, (sysroot + "/bin/rustdoc").encode())).hexdigest()

def outcome(project, package):
    """What Cargo keeps of the script's output, without what only says when to run again, and the files of OUT_DIR."""
    for folder in (project / "target/inert/debug/build").glob(f"{package}-*"):
        if (folder / "output").is_file():
            lines = [line for line in (folder / "output").read_text(errors="replace").splitlines() if line.startswith("cargo")]
            files = {str(path.relative_to(folder / "out")): digest(project, path)
                     for path in (folder / "out").rglob("*") if path.is_file() and not path.is_symlink()}
            return folder, lines, files
    raise SystemExit(f"{package}: no output of its script")

for name in names or scripts:
    one = scripts[name]
    version, own = one["version"], "script" in one
    project = work / name
    shutil.rmtree(project, ignore_errors=True)
    # An entry for the package at the workspace's root would have to pin the file that it stands in.
    member = project / "member"
    (member / "src").mkdir(parents=True)
    (member / "src/lib.rs").write_text("")
    (project / "Cargo.toml").write_text('[workspace]\nmembers = ["member"]\nresolver = "2"\n')
    dependency = {"version": "=" + version, **({"features": one["features"]} if "features" in one else {})}
    (member / "Cargo.toml").write_text(
        f'[package]\nname = "project"\nversion = "0.1.0"\nedition = "2021"\n'
        f'[{"build-dependencies" if own else "dependencies"}]\n{name} = {toml(dependency)}\n')
    for path, text in one.get("files", {}).items():
        (member / path).parent.mkdir(parents=True, exist_ok=True)
        (member / path).write_text(text)
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=project, check=True)
    if own:
        (member / "build.rs").write_text(one["script"])
        (project / ".gitignore").write_text("target\n")
        for words in ["init -q -b main", "add -A", "-c user.name=n -c user.email=e@e commit -q -m first"]:
            subprocess.run(["git", *words.split()], cwd=project, check=True)
    package = "project" if own else name
    rules = '[policy]\nundecided = "confine"\nmembers = "confined"\n\n'
    grants = grants_of(name)
    # The refusal of an entry with a wrong digest prints the right one.
    wrong = f'[[allow]]\npackage = "{package}"\nversion = "{"0.1.0" if own else version}"\nsource = "%s"\ndigest = "sha256:{"0" * 64}"\nreason = "tried"\n'
    source = "path+./member" if own else "registry+https://github.com/rust-lang/crates.io-index"
    (project / "inert.toml").write_text(rules + wrong % source)
    _, said = cargo(project, work / f"{name}.log")
    stanza = re.search(r"^\[\[allow\]\]\n(?:.+\n)+", said, re.M)
    if not stanza and not own:
        done[name] = [name, version, "no", "", "", "", "", "no stanza: " + said[-600:].replace("\n", " / ").replace("\t", " ")]
    else:
        stanza = stanza.group(0) if stanza else None
        entry = stanza if stanza else (wrong % source)
        added = "".join(f"{key} = {toml(value)}\n" for key, value in grants.items())
        (project / "inert.toml").write_text(rules + (entry + added if stanza or added else ""))
        code, said = cargo(project, work / f"{name}.confined.log")
        words = " ".join(f"{key} = {toml(value)}" for key, value in grants.items())
        if code != 0:
            error = re.search(r"^error.*(?:\n.*){0,30}", said, re.M)
            done[name] = [name, version, "no", words, "", "", "", (error.group(0) if error else said[-600:]).replace("\n", " / ").replace("\t", " ")[:2500]]
        else:
            folder, lines, files = outcome(project, package)
            notes = " / ".join(line.strip() for line in said.splitlines() if "was denied" in line)
            shutil.rmtree(folder / "out")
            (folder / "out").mkdir()
            loose = 'confine = false\nconfine-reason = "to compare"\n'
            if own and not stanza:
                (project / "inert.toml").write_text(rules.replace('members = "confined"', 'members = "allow"'))
            else:
                (project / "inert.toml").write_text(rules + entry + loose)
            code, said = cargo(project, work / f"{name}.unconfined.log")
            _, others, their = outcome(project, package)
            differ = sorted(path for path in files.keys() | their.keys() if files.get(path) != their.get(path))
            left = [path for path in differ if LEFTOVERS.search(path)]
            real = [path for path in differ if path not in left]
            wrong_lines = sorted(set(lines) ^ set(others))
            ok = code == 0 and not real and not wrong_lines
            problem = "" if ok else f"unconfined exit {code}; lines {wrong_lines[:6]}; files {real[:8]}"
            done[name] = [name, version, "yes" if ok else "differs", words, str(len(lines)), str(len(files)), str(len(left)), (problem + " " + notes).strip()]
    print("\t".join(done[name]), flush=True)
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text("".join("\t".join(row) + "\n" for row in done.values()))
    if done[name][2] == "yes": shutil.rmtree(project, ignore_errors=True)
