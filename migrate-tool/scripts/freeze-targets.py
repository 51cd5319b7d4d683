#!/usr/bin/env python3
"""Writes data/targets.tsv: every target rustc knows, with the cfg values that follow from the target alone.

usage: freeze-targets.py > data/targets.tsv      (asks `rustc --print target-list` and `rustc --print cfg --target T`)

Columns: triple, os, arch, env, vendor, abi, families, endian, pointer width, atomic widths. Target features and the panic
strategy are left out: flags change them, so they are inputs of their own.
"""
import subprocess

def rustc(*args):
    return subprocess.run(["rustc", *args], capture_output=True, text=True)

print("# " + rustc("--version").stdout.strip())
for triple in rustc("--print", "target-list").stdout.split():
    run = rustc("--print", "cfg", "--target", triple)
    if run.returncode:
        continue
    keys = {}
    for line in run.stdout.splitlines():
        name, _, value = line.partition("=")
        keys.setdefault(name, []).append(value.strip('"'))
    one = lambda key: keys.get(key, [""])[0]
    many = lambda key: ",".join(sorted(v for v in keys.get(key, []) if v))
    print("\t".join([triple, one("target_os"), one("target_arch"), one("target_env"), one("target_vendor"), one("target_abi"),
                     many("target_family"), one("target_endian"), one("target_pointer_width"), many("target_has_atomic")]))
