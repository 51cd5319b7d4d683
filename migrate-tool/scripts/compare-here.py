#!/usr/bin/env python3
"""Compares what scripts print on this host with what their derived declarations say (cfgs, link-libs, variables' names, files).

usage: compare-here.py [--all-features] <csv> <registry src folder> <built example `here`> [limit [skip]]
Only scripts without build-dependencies are compiled (by rustc alone) and run, in a folder of their own; where a probe is
asked only differences that probes cannot explain are shown. It runs the scripts: do not point it at what you do not trust.
"""
import csv, os, pathlib, re, subprocess, sys, tempfile

everything = "--all-features" in sys.argv
sys.argv = [arg for arg in sys.argv if arg != "--all-features"]
rows = [r for r in csv.DictReader(open(sys.argv[1])) if r["verdict"] == "declarative" and not r["build_dependencies"]]
registry, here = pathlib.Path(sys.argv[2]), sys.argv[3]
skip = int(sys.argv[5]) if len(sys.argv) > 5 else 0
limit = int(sys.argv[4]) if len(sys.argv) > 4 else 10**6
text = subprocess.run(["rustc", "-vV"], capture_output=True, text=True).stdout
host = re.search("host: (.*)", text).group(1)
minor = re.search(r"release: 1\.(\d+)", text).group(1)
cfg_text = subprocess.run(["rustc", "--print", "cfg"], capture_output=True, text=True).stdout
work = pathlib.Path(tempfile.mkdtemp())
(work / "cfg").write_text(cfg_text)
same = differ = skipped = 0
for row in rows[skip:limit]:
    package = registry / f"{row['crate']}-{row['version']}"
    if not package.is_dir():
        continue
    manifest = (package / "Cargo.toml").read_text()
    build = re.search(r'^build = "(.*)"', manifest, re.M)
    script = package / (build.group(1) if build else "build.rs")
    edition = re.search(r'^edition = "(.*)"', manifest, re.M)
    features = []
    if everything:
        import tomllib
        parsed = tomllib.loads(manifest)
        features = sorted(set(parsed.get("features", {})) | {name for name, dep in parsed.get("dependencies", {}).items() if isinstance(dep, dict) and dep.get("optional") and not any(f"dep:{name}" in members for members in parsed.get("features", {}).values())})
    said = subprocess.run([here, str(package), str(work / "cfg"), host, minor, *features], capture_output=True, text=True).stdout.split("\n")
    said = [line for line in said if line]
    if said in (["none"], ["unsupported"]):
        skipped += 1
        continue
    exe, out = work / "script", work / "out"
    subprocess.run(["rm", "-rf", str(out)]); out.mkdir()
    env = dict(os.environ, CARGO_MANIFEST_DIR=str(package), CARGO_PKG_NAME=row["crate"], CARGO_PKG_VERSION=row["version"])
    for name, part in zip(("MAJOR", "MINOR", "PATCH"), re.split(r"[.+-]", row["version"])):
        env[f"CARGO_PKG_VERSION_{name}"] = part
    env["CARGO_PKG_VERSION_PRE"] = ""
    if row["links"]:
        env["CARGO_MANIFEST_LINKS"] = re.search(r'^links = "(.*)"', manifest, re.M).group(1)
    compiled = subprocess.run(["rustc", "--edition", edition.group(1) if edition else "2015", "--cap-lints=allow", *[word for feature in features for word in ("--cfg", f'feature="{feature}"')], "-o", str(exe), str(script)], env=env, capture_output=True, text=True)
    if compiled.returncode:
        skipped += 1
        continue
    env.update(OUT_DIR=str(out), TARGET=host, HOST=host, RUSTC="rustc", PROFILE="debug", OPT_LEVEL="0", DEBUG="true", NUM_JOBS="2", CARGO="cargo", CARGO_ENCODED_RUSTFLAGS="")
    keys = {}
    for line in cfg_text.split():
        key, _, value = line.partition("=")
        keys.setdefault(key, []).append(value.strip('"'))
    for key, values in keys.items():
        env["CARGO_CFG_" + key.upper()] = ",".join(values)
    env["CARGO_CFG_FEATURE"] = ",".join(features)
    for feature in features:
        env["CARGO_FEATURE_" + feature.upper().replace("-", "_")] = "1"
    run = subprocess.run([str(exe)], cwd=package, env=env, capture_output=True, text=True, timeout=60)
    lines = set()
    for line in run.stdout.splitlines():
        found = re.match(r"cargo::?(rustc-cfg|rustc-link-lib|rustc-env)=(.*)", line)
        if found:
            key, value = found.groups()
            if key == "rustc-link-lib": value = value.split("=")[-1]
            if key == "rustc-env": value = value.split("=")[0]
            lines.add(f"{key}={value}")
    lines |= {f"file {path.relative_to(out)}" for path in out.rglob("*") if path.is_file()}
    lines = {"error"} if run.returncode else lines
    probed = "probes" in said
    declared = set(said) - {"probes"}
    if lines == declared or probed and declared <= lines:
        same += 1
    else:
        differ += 1
        print(row["crate"], "only script", sorted(lines - declared), "only declared", sorted(declared - lines), "probes" if probed else "", flush=True)
print(f"{same} same, {differ} differ, {skipped} not compared")
