#!/usr/bin/env python3
"""What confinement costs in CPU: one supervised process, and a cold check of a published application.

usage: confinement.py CARGO_INERT INERT_CONFINE [PAIRS [NAME VERSION]]

Prints the CPU (user + system, of all children) that supervising one process adds, in microseconds, and that of a cold
`cargo inert check` with `[sandbox] rustc = "confine"` against `"off"`, alternating, with the machine's load. Wall times are not taken.
"""
import os, pathlib, resource, shutil, subprocess, sys, tempfile

inert, confine = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:3])
pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
name, version = sys.argv[4:6] if len(sys.argv) > 5 else ("ripgrep", "14.1.1")

def cpu(command, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

def median(values):
    return sorted(values)[len(values) // 2]

print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
system = ["--execute", "/usr", "--execute", "/bin?", "--execute", "/lib?", "--execute", "/lib64?"]
bare, started, supervised, watched = [], [], [], []
for _ in range(200):
    bare.append(cpu(["/bin/true"]))
    started.append(cpu([confine, *system, "--become", "--no-spawn", "--", "/bin/true"]))
    supervised.append(cpu([confine, *system, "--", "/bin/true"]))
    watched.append(cpu([confine, *system, "--watch", "--", "/bin/true"]))
micro = lambda values: f"{median(values) * 1e6:.0f} µs"
print(f"true: bare {micro(bare)}, confined without a supervisor {micro(started)}, supervised {micro(supervised)}, "
      f"supervised and watched {micro(watched)} (the program that confines included)")

if pairs:
    work = pathlib.Path(tempfile.mkdtemp(prefix="inert-confinement-"))
    ask = work / "fetch"
    (ask / "src").mkdir(parents=True)
    (ask / "src/lib.rs").write_text("")
    (ask / "Cargo.toml").write_text('[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n'
                                    f'[dependencies]\nit = {{ package = "{name}", version = "={version}", default-features = false }}\n')
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=ask, stderr=subprocess.DEVNULL)
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    copy = work / name
    shutil.copytree(next(home.glob(f"registry/src/*/{name}-{version}")), copy)
    seen = {"confine": [], "off": []}
    for _ in range(pairs):
        for rustc in seen:
            (copy / "inert.toml").write_text(f'[policy]\nundecided = "confine"\n[sandbox]\nrustc = "{rustc}"\n')
            shutil.rmtree(copy / "target", ignore_errors=True)
            seen[rustc].append(cpu([inert, "inert", "check", "--locked", "--trust", "tree", "-j1"], cwd=copy))
            print(f"{name} {version}, rustc = {rustc}: {seen[rustc][-1]:.1f} s (load {os.getloadavg()[0]:.1f})", flush=True)
    print(f"confined / unconfined: {median(seen['confine']) / median(seen['off']):.3f}")
    shutil.rmtree(work)
