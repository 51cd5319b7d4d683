#!/usr/bin/env python3
"""Fetches the crates of a `crate,version,…` csv through cargo itself: dummy manifests, `cargo fetch`.

usage: fetch-corpus.py <csv> <work folder>

Prints nothing but progress; the sources end in cargo's own registry folder. What cannot be resolved together
(`links` clashes, versions that exclude one another) is split in halves until it can.
"""
import csv, pathlib, subprocess, sys

def fetch(rows, work):
    manifest = work / "Cargo.toml"
    (work / "src").mkdir(parents=True, exist_ok=True)
    (work / "src/lib.rs").write_text("")
    text = '[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n'
    for i, (name, version) in enumerate(rows):
        text += f'c{i} = {{ package = "{name}", version = "={version}", default-features = false }}\n'
    manifest.write_text(text)
    (work / "Cargo.lock").unlink(missing_ok=True)
    run = subprocess.run(["cargo", "fetch", "--quiet", "--manifest-path", str(manifest),
                          "--target", "x86_64-unknown-linux-gnu"], capture_output=True, text=True)
    if run.returncode == 0:
        print("fetched", len(rows), flush=True)
    elif len(rows) == 1:
        print("FAILED", rows[0], run.stderr.strip().splitlines()[:3], flush=True)
    else:
        half = len(rows) // 2
        fetch(rows[:half], work)
        fetch(rows[half:], work)

def main():
    rows = [(r["crate"], r["version"]) for r in csv.DictReader(open(sys.argv[1]))]
    work = pathlib.Path(sys.argv[2])
    # One version of a crate at a time cannot clash with another of the same `links`.
    fetch(rows, work)

main()
