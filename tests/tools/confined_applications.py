#!/usr/bin/env python3
"""Checks published applications with everything that runs confined, and no further word.

usage: confined_applications.py CARGO_INERT [--work FOLDER] [--results FILE] [NAME …]

For each application of tests/fixtures/confined-applications.tsv (or those named): `cargo inert check --locked` of its published
source, with `undecided = "confine"` and `[sandbox] rustc = "confine"`, so that a compile or a script that cannot be confined fails.
What came of it is kept in FILE (TSV: name, version, units, scripts that ran, passed, words, what it said), of which
scripts/confined-applications makes a table.
"""
import os, pathlib, re, shutil, subprocess, sys, tempfile

from confined_common import arguments, option, read, root

work = pathlib.Path(option("--work", "") or tempfile.mkdtemp(prefix="inert-applications-"))
results = pathlib.Path(option("--results", root / "target/confined-applications.tsv"))
inert, names = str(pathlib.Path(arguments[0]).resolve()), arguments[1:]
POLICY = '[policy]\nundecided = "confine"\n\n[sandbox]\nrustc = "confine"\n'

def source(name, version):
    """Has Cargo fetch a published package, and returns a copy of it."""
    ask = work / "fetch" / name
    (ask / "src").mkdir(parents=True, exist_ok=True)
    (ask / "src/lib.rs").write_text("")
    (ask / "Cargo.toml").write_text('[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n'
                                    f'[dependencies]\nit = {{ package = "{name}", version = "={version}", default-features = false }}\n')
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=ask, stderr=subprocess.DEVNULL)
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    found = next(home.glob(f"registry/src/*/{name}-{version}"))
    copy = work / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(found, copy)
    for extra in [".cargo-ok", "rust-toolchain.toml", "rust-toolchain"]:
        (copy / extra).unlink(missing_ok=True)
    return copy

applications = read(root / "tests/fixtures/confined-applications.tsv")
done = read(results)
for name in names or applications:
    _, version, flags = applications[name][:3]
    if version == "-":
        copy = work / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root / "tests/apps" / name, copy)
    else:
        copy = source(name, version)
    (copy / "inert.toml").write_text(POLICY)
    log = work / f"{name}.log"
    with open(log, "w") as out:
        check = [inert, "inert", "check", "--trust", "tree", "--color", "never", "-j1", *(["--locked"] if (copy / "Cargo.lock").is_file() else []), *flags.split()]
        code = subprocess.run(["nice", *check], cwd=copy, stdout=out, stderr=subprocess.STDOUT).returncode
    said = log.read_text(errors="replace")
    units = len(re.findall(r"^ +(?:Compiling|Checking) ", said, re.M))
    ran = re.search(r"^ +Inert (.*)$", said, re.M)
    error = re.search(r"^error.*(?:\n.*){0,12}", said, re.M)
    notes = [line.strip() for line in said.splitlines() if "was denied" in line or "unconfined" in line]
    what = " / ".join(notes) if code == 0 else (error.group(0) if error else said[-400:])
    done[name] = [name, version, str(units), ran.group(1) if ran else "", "yes" if code == 0 else "no", "", what.replace("\n", " / ").replace("\t", " ")[:1500]]
    print("\t".join(done[name]), flush=True)
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text("".join("\t".join(row) + "\n" for row in done.values()))
    shutil.rmtree(copy, ignore_errors=True)
