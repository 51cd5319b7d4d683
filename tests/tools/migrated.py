#!/usr/bin/env python3
"""Migrate real crates as their authors would, on a copy, and compare what Cargo is told before and after.

usage: migrated.py WORK_DIR [LIST]     (`cargo inert` on PATH; LIST is migrated.txt beside this file)
For each crate of the list: its published source is copied; plain `cargo check` takes down what its build script says
and writes; `cargo inert migrate --dry-run` must write nothing; `cargo inert migrate` rewrites the copy; plain
`cargo check` runs the shim and `cargo inert check` the stand-in; what both say and write must be what the script did.
A line's third word `written` takes the manifest as its author wrote it (Cargo.toml.orig): of this one every line must
stay but those of build-dependencies and what features said of them, and its line ends. The word `kept` is for a script
that derives in part: it stays (`--keep-script`). Exits 1 where one differs.
"""
import json, os, pathlib, re, shutil, subprocess, sys

work = pathlib.Path(sys.argv[1]).resolve()
here = pathlib.Path(__file__).resolve().parent
names = [line.split() for line in open(sys.argv[2] if len(sys.argv) > 2 else here / "migrated.txt") if line.strip() and not line.startswith("#")]
home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
resolver = here.parent.parent / "build-script"
environment = dict(os.environ, CARGO_TARGET_DIR=str(work / "target"))

def run(words, folder, env=environment):
    return subprocess.run(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

def symbols(path):
    """What an archive defines: objects bear names of folders."""
    return "".join(sorted(set(re.findall(r" [A-Z] (\S+\n)", run(["nm", "-g", "--defined-only", str(path)], path.parent).stdout))))

def told(words, folder, name):
    done = run(words + ["--message-format=json", "--lib"], folder)
    if done.returncode: return None, done.stderr[-400:]
    for line in done.stdout.splitlines():
        try: message = json.loads(line)
        except ValueError: continue
        if message.get("reason") == "build-script-executed" and re.search(r"[#/]" + re.escape(name) + "[@#-]", message["package_id"]):
            out = message["out_dir"]
            plain = lambda value: value.replace(out, "<OUT>")
            files = {}
            for path in sorted(pathlib.Path(out).rglob("*")):
                if path.is_file() and not re.search(r"\.(o|d|rmeta|rlib|ll|s)$|probe|autocfg_|flag_check", path.name):
                    text = symbols(path) if path.suffix == ".a" else path.read_text(errors="replace")
                    files[str(path.relative_to(out))] = plain(text)
            return {
                "cfgs": sorted(set(message["cfgs"])), "env": sorted([k, plain(v)] for k, v in message["env"]),
                "libs": message["linked_libs"], "paths": [plain(path) for path in message["linked_paths"]], "files": files,
            }, None
    return None, "no script ran"

def moved(before, after):
    """What of a manifest's text is not where it was: lines that went, and line ends of another kind."""
    ends = lambda text: ("\r\n" in text, bool(re.search(r"[^\r]\n", text)))
    problems = [] if ends(before) == ends(after) else ["line ends changed"]
    for line in before.splitlines():
        if line.strip().startswith("#") and line not in after.splitlines(): problems.append(f"lost: {line}")
    gone = [line for line in before.splitlines() if line.strip() and line not in after.splitlines()]
    return problems, gone

bad = 0
for name, version, *words in names:
    source = next(iter(sorted(home.glob(f"registry/src/*/{name}-{version}"))), None)
    if source is None:
        print(f"{name} {version}: not unpacked; `cargo fetch` it first"); bad += 1; continue
    copy = work / f"{name}-{version}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy)
    manifest = copy / "Cargo.toml"
    if "written" in words: shutil.copy(copy / "Cargo.toml.orig", manifest)
    (copy / "Cargo.lock").unlink(missing_ok=True)
    with open(manifest, newline="") as file: text = file.read()
    end = "\r\n" if "\r\n" in text else "\n"
    if not re.search(r"^\[workspace\]", text, re.M): text += f"{end}[workspace]{end}"
    with open(manifest, "w", newline="") as file: file.write(text)
    before, why = told(["cargo", "check"], copy, name)
    if before is None: print(f"{name} {version}: does not build before: {why}"); bad += 1; continue
    keep = ["--keep-script"] if "kept" in words else []
    files = lambda: {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    untouched = files()
    dry = run(["cargo", "inert", "migrate", "--dry-run"] + keep, copy)
    if files() != untouched: print(f"{name} {version}: --dry-run wrote"); bad += 1; continue
    done = run(["cargo", "inert", "migrate", "--yes"] + keep + [ "--resolver", f'{{ path = "{resolver}" }}'], copy)
    if done.returncode: print(f"{name} {version}: not migrated\n{done.stderr[-600:]}"); bad += 1; continue
    with open(manifest, newline="") as file: problems, gone = moved(text, file.read())
    if problems: print(f"{name} {version}: {problems}"); bad += 1; continue
    if gone: print(f"{name} {version}: went: {gone}")
    script = next((path for path in [copy / "build.rs", copy / "build" / "build.rs", copy / "build" / "main.rs", copy / "src" / "build.rs"] if path.exists()), None)
    if script is not None and not keep and "::build_script();" not in script.read_text():
        print(f"{name} {version}: the script is no shim"); bad += 1; continue
    for tool, words in [("plain cargo", ["cargo", "check"]), ("cargo inert", ["cargo", "inert", "check"])]:
        if script is None: break
        after, why = told(words, copy, name)
        if after != before:
            bad += 1
            print(f"{name} {version}: {tool} differs: {why or ''}")
            for key in before:
                if after and before[key] != after[key]: print(f"  {key}: before {before[key]!r:.300} after {after[key]!r:.300}")
            break
    else:
        print(f"{name} {version}: the same, by the shim and by the stand-in" if script else f"{name} {version}: script removed")
print(f"{len(names) - bad} of {len(names)} the same")
sys.exit(1 if bad else 0)
