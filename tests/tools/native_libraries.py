#!/usr/bin/env python3
"""What the stand-ins of system libraries say against the scripts themselves, for every such crate of the two applications.

usage: native_libraries.py CARGO_INERT SECONDS_EACH [--write]

Runs `cargo inert verify` and holds each difference against tests/fixtures/native-libraries-differences.tsv (crate, words
that the case must have, what differs, why): one that is not listed fails, and so does a line that nothing meets.
`--write` puts the result into docs/reference/native-libraries.md.
"""
import fnmatch, json, pathlib, shutil, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parents[2]
inert, seconds, write = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2], "--write" in sys.argv
# Asked by a project of their own: their versions of glib cannot stand in one graph with the applications', or nothing there calls them.
APART = {"libpulse-simple-sys": "=1.22.0", "gdk-sys": "=0.18.2", "libgpg-error-sys": "=0.6.2",
         "libpulse-mainloop-glib-sys": "=1.22.0", "libslirp-sys": "=4.2.1", "pcap": "=2.5.0", "tss-esapi-sys": "=0.6.0"}
ASKS = {"pkg-config", "system-deps", "vcpkg", "cc"}

listed = []
for line in (root / "tests/fixtures/native-libraries-differences.tsv").read_text().splitlines():
    if line and not line.startswith("#"):
        crate, words, what, why = line.split("\t")
        listed.append({"crate": crate, "words": words.split(), "what": what.split(","), "why": why, "met": 0})

def on_purpose(crate, mismatch):
    for entry in listed:
        if entry["crate"] == crate and all(word in mismatch["case"] for word in entry["words"]) and \
                all(any(fnmatch.fnmatch(d["what"], what) for what in entry["what"]) for d in mismatch["differences"]):
            entry["met"] += 1
            return True
    return False

rows, wrong, seen = {}, [], set()
for app in ["system-libraries", "more-system-libraries", None]:
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
        done = subprocess.run([inert, "inert", "verify", crate, "--yes", "--time-limit", seconds, "--differences", "100000", "--format", "json"],
                              cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not done.stdout.startswith("{"):
            # Needed by nothing but scripts that are replaced, or for another platform: not part of the build.
            if "no package" not in done.stderr: wrong.append(f"{crate}: {done.stderr.strip()[-600:]}")
            continue
        for entry in json.loads(done.stdout)["packages"]:
            new = [m for m in entry["mismatches"] if not on_purpose(crate, m)]
            rows[entry["package"]] = (entry, len(entry["mismatches"]) - len(new))
            if entry["result"] in ("failed", "residue") or entry["compared"] == 0:
                wrong.append(f"{entry['package']}: {entry['result']}: {entry['reason']}")
            for mismatch in new[:5]:
                wrong.append(f"{entry['package']}: {mismatch['case']}\n" + "\n".join(
                    f"    {d['what']}: script {d['script'][:160]!r}, stand-in {d['stand_in'][:160]!r}" for d in mismatch["differences"]))
            print(f"{entry['package']}: {entry['compared'] - len(entry['mismatches'])} equal, {entry['refused']} refused, "
                  f"{len(entry['mismatches'])} differ, {len(new)} of them not listed", flush=True)
    shutil.rmtree(copy)
cut = {entry["package"].split()[0] for entry, _ in rows.values() if entry["cut_short"]}
for entry in listed:
    # Of a crate that was left for want of time the case may not have had its turn.
    if not entry["met"] and entry["crate"] not in cut: wrong.append(f"listed, and no longer so: {entry['crate']} {entry['words']} {entry['what']}")

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
    text += [f"| {e['crate']} | {' '.join(e['words'])} | {', '.join(e['what'])} | {e['why']} |" for e in listed]
    (root / "docs/reference/native-libraries.md").write_text("\n".join(text) + "\n")
print(f"{len(rows)} crates, {sum(e['compared'] - len(e['mismatches']) for e, _ in rows.values())} cases equal")
if wrong:
    print("\n" + "\n".join(wrong)); sys.exit(1)
