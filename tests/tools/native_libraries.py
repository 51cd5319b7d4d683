#!/usr/bin/env python3
"""What the stand-ins of system libraries say against the scripts themselves, for every such crate of the two applications.

usage: native_libraries.py CARGO_INERT SECONDS_EACH [--write]

Runs `cargo inert verify` and holds each difference against tests/fixtures/native-libraries-differences.tsv: crate; texts that
the case must have (`;` between them, `!` before one that it must not have); what the script says and what the stand-in says,
`what: script => stand-in` with `;` between them, all of them as shell patterns; why. A case is listed where each of its
differences is one of a row's. One that is not listed fails, and so does a row that nothing meets, in whole or in part.
`--write` puts the result into docs/reference/native-libraries.md. With `--crates F.json …`, what earlier runs of `verify` said
is judged, and nothing is run. `--keep FOLDER` keeps what `verify` says of each crate; a later run with the folder asks only the others.
"""
import json, pathlib, re, shutil, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parents[2]
judged = sys.argv[sys.argv.index("--crates") + 1:] if "--crates" in sys.argv else None
inert, seconds, write = ("", "", False) if judged else (str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2], "--write" in sys.argv)
keep = pathlib.Path(sys.argv[sys.argv.index("--keep") + 1]).resolve() if "--keep" in sys.argv else None
# Asked by a project of their own: their versions of glib cannot stand in one graph with the applications', or nothing there calls them.
APART = {"libpulse-simple-sys": "=1.22.0", "gdk-sys": "=0.18.2", "libgpg-error-sys": "=0.6.2",
         "libpulse-mainloop-glib-sys": "=1.22.0", "libslirp-sys": "=4.2.1", "pcap": "=2.5.0", "tss-esapi-sys": "=0.6.0"}
ASKS = {"pkg-config", "system-deps", "vcpkg", "cc"}

def pattern(text):
    """Shell patterns know brackets, which stand for themselves here."""
    return re.compile("(?s:" + ".*".join(re.escape(part) for part in text.split("*")) + ")\\Z")

def said(text):
    what, _, values = text.partition(": ")
    script, _, stand_in = values.partition(" => ")
    return {"what": what.strip(), "script": pattern(script.strip()), "stand_in": pattern(stand_in.strip()), "met": 0}

listed = []
for line in (root / "tests/fixtures/native-libraries-differences.tsv").read_text().splitlines():
    if line and not line.startswith("#"):
        crate, words, what, why = line.split("\t")
        listed.append({"crate": crate, "words": [word.strip() for word in words.split(";") if word.strip()], "text": what,
                       "said": [said(one) for one in what.split("; ")], "why": why, "met": 0})

def fits(word, case):
    return word[1:] not in case if word.startswith("!") else word in case

def on_purpose(crate, mismatch):
    for entry in listed:
        if entry["crate"] != crate or not all(fits(word, mismatch["case"]) for word in entry["words"]): continue
        met = []
        for d in mismatch["differences"]:
            met.append(next((one for one in entry["said"] if one["what"] == d["what"] and one["script"].match(d["script"].strip())
                             and one["stand_in"].match(d["stand_in"].strip())), None))
        if all(met):
            entry["met"] += 1
            for one in met: one["met"] += 1
            return True
    return False

rows, wrong, seen = {}, [], set()

def judge(entry, crate):
    new = [m for m in entry["mismatches"] if not on_purpose(crate, m)]
    rows[entry["package"]] = (entry, len(entry["mismatches"]) - len(new))
    if entry["result"] in ("failed", "residue") or entry["compared"] == 0:
        wrong.append(f"{entry['package']}: {entry['result']}: {entry['reason']}")
    for mismatch in new[:5]:
        wrong.append(f"{entry['package']}: {mismatch['case']}\n" + "\n".join(
            f"    {d['what']}: script {d['script'][:160]!r}, stand-in {d['stand_in'][:160]!r}" for d in mismatch["differences"]))
    print(f"{entry['package']}: {entry['compared'] - len(entry['mismatches'])} equal, {entry['refused']} refused, "
          f"{len(entry['mismatches'])} differ, {len(new)} of them not listed", flush=True)

for file in judged or []:
    for entry in json.loads(pathlib.Path(file).read_text())["packages"]:
        seen.add(entry["package"].split()[0])
        judge(entry, entry["package"].split()[0])
for app in [] if judged else ["system-libraries", "more-system-libraries", None]:
    copy = pathlib.Path(tempfile.mkdtemp())
    if app:
        shutil.copytree(root / "tests/apps" / app, copy, dirs_exist_ok=True)
    else:
        (copy / "src").mkdir()
        (copy / "src/lib.rs").write_text("")
        (copy / "Cargo.toml").write_text('[package]\nname = "apart"\nversion = "0.1.0"\n[workspace]\n[dependencies]\n' +
                                         "".join(f'{name} = "{version}"\n' for name, version in APART.items()))
    locked = ["--locked"] if app else []
    metadata = json.loads(subprocess.run(["cargo", "metadata", *locked, "--format-version", "1"], cwd=copy, check=True, capture_output=True).stdout)
    crates = sorted({p["name"] for p in metadata["packages"]
                     if any("custom-build" in t["kind"] for t in p["targets"])
                     and (p["links"] or ASKS & {d["name"] for d in p["dependencies"] if d["kind"] == "build"})
                     and (app or p["name"] in APART)} - seen)
    seen.update(crates)
    for crate in crates:
        kept = keep / f"{crate}.json" if keep else None
        if kept and kept.exists():
            output = kept.read_text()
        else:
            done = subprocess.run([inert, "inert", "verify", crate, "--yes", "--time-limit", seconds, "--differences", "100000", "--format", "json"],
                                  cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            output = done.stdout
            if not output.startswith("{"):
                # Needed by nothing but scripts that are replaced, or for another platform: not part of the build.
                if "no package" not in done.stderr: wrong.append(f"{crate}: {done.stderr.strip()[-600:]}")
                continue
            if kept:
                keep.mkdir(parents=True, exist_ok=True)
                kept.write_text(output)
        for entry in json.loads(output)["packages"]:
            judge(entry, crate)
    shutil.rmtree(copy)
cut = {entry["package"].split()[0] for entry, _ in rows.values() if entry["cut_short"]}
for entry in listed:
    # Of a crate that was left for want of time the case may not have had its turn.
    if entry["crate"] in cut or (judged and entry["crate"] not in seen): continue
    if not entry["met"]: wrong.append(f"listed, and no longer so: {entry['crate']} {entry['words']}")
    for one in entry["said"]:
        if entry["met"] and not one["met"]: wrong.append(f"listed, and no longer so: {entry['crate']} {entry['words']}: {one['what']}")

if write:
    text = ["<!-- Written by `scripts/native-libraries SECONDS --write`. -->\n", "# System libraries: stand-ins against scripts\n",
            "Each script of the crates below was compiled and run by `cargo inert verify`, and so was its stand-in, with Debian's",
            "development packages (`tests/fixtures/debian-dev-packages.txt`) and without: features, targets, variables, versions of the library.",
            f"At most {seconds} s a crate (`*`: cases were left out for want of time). *Both fail* is what is left of equal cases where neither",
            "side finds the library. *Refused*: the stand-in says that the library is missing where the script names it to the linker and hopes.\n",
            "| crate | from | equal | of these both fail | refused | differ, as listed |", "|---|---|---|---|---|---|"]
    for package, (entry, known) in sorted(rows.items()):
        cut = "*" if entry["cut_short"] else ""
        text.append(f"| {package}{cut} | {entry['origin']} | {entry['compared'] - len(entry['mismatches'])} | {entry['both_failed']} | {entry['refused']} | {known} |")
    text += ["\n## Differences on purpose\n", "| crate | cases with | what | why |", "|---|---|---|---|"]
    text += [f"| {e['crate']} | {', '.join(e['words'])} | `{e['text']}` | {e['why']} |" for e in listed]
    (root / "docs/reference/native-libraries.md").write_text("\n".join(text) + "\n")
print(f"{len(rows)} crates, {sum(e['compared'] - len(e['mismatches']) for e, _ in rows.values())} cases equal")
if wrong:
    print("\n" + "\n".join(wrong)); sys.exit(1)
