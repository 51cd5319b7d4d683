#!/usr/bin/env python3
"""C libraries from clean: the original build script against Inert's stand-in, in one run, alternating.

usage: source_builds.py WORK_DIR [ROUNDS] [CRATE…]     (a release `cargo-inert` on PATH; packages from cargo's own cache)

For each crate a project that depends on it alone is built once by each side, so that Rust is compiled, the build
script among it. Then, ROUNDS times, what the script and the stand-in made is taken away (OUT_DIR, objects kept) and
each side builds again, in turn: what is timed is the C, and what Cargo and Inert do around it. `no-op` is a build with
nothing to do, which is part of both; `C` is the CPU without the Rust that is compiled again behind a script that ran
(the crate and the project, as plain cargo takes for it). Medians; CPU is user and system time of all processes. `cold` is the whole, from
an empty target dir, once: there the original's script has to be compiled as well. The last row is bat's libraries in
one project, built together.
"""
import pathlib, resource, shutil, statistics, subprocess, sys, os, time

# Crate, version, what its users write in Cargo.toml, and the variables that make the original build its own source
# (libgit2-sys brings libz-sys, whose script takes the system's zlib unless it is told otherwise).
CRATES = {
    "libgit2-sys": ("0.17.0+1.8.1", 'default-features = false, features = ["vendored"]', {"LIBZ_SYS_STATIC": "1"}),
    "libz-sys": ("1.1.8", 'default-features = false, features = ["static"]', {}),
    "onig_sys": ("69.8.1", "default-features = false", {"PKG_CONFIG_LIBDIR": "/nowhere"}),
    "sys-info": ("0.9.1", "", {}),
    "zstd-sys": ("2.0.16+zstd.1.5.7", 'default-features = false, features = ["legacy", "zdict_builder"]', {}),
}
BAT = ["libgit2-sys", "libz-sys", "onig_sys", "sys-info"]

work = pathlib.Path(sys.argv[1]).resolve()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
wanted = sys.argv[3:] or [*BAT, "zstd-sys", "all of bat's"]

def project(name, crates):
    folder = work / name.replace(" ", "-").replace("'", "")
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src/lib.rs").write_text("")
    lines = [f'{crate} = {{ version = "={CRATES[crate][0]}"{", " if CRATES[crate][1] else ""}{CRATES[crate][1]} }}\n' for crate in crates]
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "bench"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n[dependencies]\n' + "".join(lines))
    (folder / "inert.toml").write_text('[libraries]\ndefault = "source"\n')
    return folder

def build(folder, side, env):
    words = ["cargo"] + (["inert"] if side == "inert" else []) + ["build", "--offline", "--quiet", "--target-dir", f"target-{side}"]
    env = {**os.environ, **env, "INERT_HOME": str(work / "home")}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode: sys.exit(f"{folder} {side}:\n{done.stdout[-3000:]}")
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

def forget(folder, side, crates, rust=False):
    """Takes away what runs of scripts have left, and nothing that was compiled from Rust; or (`rust`) the reverse."""
    root = folder / f"target-{side}" / ("inert" if side == "inert" else "")
    for mark in (mark for crate in [*crates, "bench"] for mark in (root / "debug/.fingerprint").glob(f"{crate}-*")):
        if rust and list(mark.glob("lib-*")): shutil.rmtree(mark)
    if rust: return
    for crate in crates:
        for unit in (root / "debug/build").glob(f"{crate}-*"):
            if (unit / "out").is_dir(): shutil.rmtree(unit)
        for mark in (root / "debug/.fingerprint").glob(f"{crate}-*"):
            if list(mark.glob("run-build-script*")): shutil.rmtree(mark)
    shutil.rmtree(root / ".inert/store", ignore_errors=True)

print(f"{'':14} {'wall s':>21} {'CPU s':>21} {'C':>21} {'no-op':>15} {'cold wall':>15} {'cold CPU':>15}")
print(f"{'':14} {'plain':>7}{'inert':>7}{'ratio':>7} {'plain':>7}{'inert':>7}{'ratio':>7} {'plain':>7}{'inert':>7}{'ratio':>7} {'plain':>8}{'inert':>7} {'plain':>8}{'inert':>7} {'plain':>8}{'inert':>7}")
for name in wanted:
    crates = BAT if name == "all of bat's" else [name]
    folder = project(name, crates)
    env = {key: value for crate in crates for key, value in CRATES[crate][2].items()}
    cold, noop, rust, again = {}, {}, [], {"plain": [], "inert": []}
    for side in again:
        shutil.rmtree(folder / f"target-{side}", ignore_errors=True)
        cold[side] = build(folder, side, env)
        build(folder, side, env)
        noop[side] = build(folder, side, env)[1]
    for at in range(rounds):
        for side in (again if at % 2 == 0 else reversed(list(again))):
            forget(folder, side, crates)
            again[side].append(build(folder, side, env))
        forget(folder, "plain", crates, rust=True)
        rust.append(build(folder, "plain", env)[1])
    middle = {side: [statistics.median(times) for times in zip(*again[side])] for side in again}
    (pw, pc), (iw, ic) = middle["plain"], middle["inert"]
    compiled = statistics.median(rust)
    print(f"{name:14} {pw:7.2f}{iw:7.2f}{iw / pw:7.2f} {pc:7.2f}{ic:7.2f}{ic / pc:7.2f} "
          f"{pc - compiled:7.2f}{ic - compiled:7.2f}{(ic - compiled) / (pc - compiled):7.2f} {noop['plain']:8.2f}{noop['inert']:7.2f} "
          f"{cold['plain'][0]:8.1f}{cold['inert'][0]:7.1f} {cold['plain'][1]:8.1f}{cold['inert'][1]:7.1f}", flush=True)
