#!/usr/bin/env python3
"""Writes docs/reference/confinement.md from what confined_scripts.py and confined_applications.py have kept."""
import pathlib

root = pathlib.Path(__file__).resolve().parents[2]

def rows(name):
    path = root / f"tests/fixtures/{name}"
    return [line.split("\t") for line in path.read_text().splitlines()] if path.is_file() else []

def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")

text = ["<!-- Written by `scripts/confined-scripts` and `scripts/confined-applications`. -->\n",
        "# Confined, for real: scripts and applications\n",
        "## Build scripts\n",
        "Each script was run with an `[[allow]]` entry that grants what stands in the second column (nothing: the profile `script` alone; what",
        "the catalog suggests is in `catalog/suggestions.toml`), and then with `confine = false`, in the same folders, on Debian 12 with Linux 6.18 and Landlock 7. *Equal*: both",
        "succeed, and every line for Cargo and every file in OUT_DIR is equal, but for logs and caches that CMake and configure leave for",
        "themselves (*left out*). `confine = false` or `network = true` would be a failure. `scripts/confined-scripts [NAME …]` runs them again.\n",
        "| script | granted | result | lines | files | left out | what went otherwise |", "|---|---|---|---|---|---|---|"]
for name, version, passed, words, lines, files, left, what in rows("confined-scripts-results.tsv"):
    result = {"yes": "equal", "no": "fails", "differs": "differs"}[passed]
    text.append(f"| {name} {cell(version)} | {'`' + words + '`' if words else 'nothing'} | {result} | {lines} | {files} | {left} | {cell(what)[:300]} |")
text += ["\n## Applications\n",
         "`cargo inert check` of each published source with `undecided = \"confine\"` and `[sandbox] rustc = \"confine\"`: every macro, and every script that",
         "nothing decides, runs confined or the check fails. No other word was given. `scripts/confined-applications [NAME …]` runs them again.\n",
         "| application | units | scripts | passes | what was denied |", "|---|---|---|---|---|"]
for name, version, units, ran, passed, words, what in rows("confined-applications-results.tsv"):
    text.append(f"| {name} {version} | {units} | {cell(ran)} | {passed} | {cell(what)[:300]} |")
cost = (root / "tests/fixtures/confined-cost.txt").read_text().rstrip()
text += ["\n## Cost\n",
         "CPU, user and system, of all processes; medians of 200 for a process. `python3 tests/benches/confinement.py CARGO_INERT INERT_CONFINE [PAIRS]` takes",
         "both; the program that confines was a release build, started anew for each process (in a build, the stand-in or the wrapper",
         "is that process already).\n", "```text", cost, "```"]
(root / "docs/reference/confinement.md").write_text("\n".join(text) + "\n")
