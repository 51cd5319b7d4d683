#!/usr/bin/env python3
"""What the scripts of a gtk4 and GStreamer application take to run, and what their stand-ins take, from the same builds.

usage: gtk_graph.py WORK_DIR [ROUNDS]     (a release `cargo-inert` on PATH, strace, Debian's development packages)

A project that depends on the system crates alone is built from an empty target dir by plain cargo and by `cargo inert`,
one job at a time. Timed is each process that Cargo starts as a build script, from its start to its end, with all that it
starts itself; compiling scripts is not. What the driver answers before it starts Cargo is added to the stand-ins' sum.
strace stops at those moments only (--seccomp-bpf). Medians of the sums.
"""
import pathlib, re, shutil, statistics, subprocess, sys, os

CRATES = """gtk4-sys =0.11.5, libadwaita-sys =0.9.2, gdk4-wayland-sys 0.11, gdk4-x11-sys 0.11, sourceview5-sys 0.11, pangocairo-sys 0.22,
soup3-sys 0.9, webkit6-sys 0.6, gstreamer-app-sys 0.25, gstreamer-audio-sys 0.25, gstreamer-video-sys 0.25, gstreamer-pbutils-sys 0.25,
gstreamer-play-sys 0.25, gstreamer-gl-sys 0.25, gstreamer-rtp-sys 0.25, gstreamer-sdp-sys 0.25, gstreamer-webrtc-sys 0.25,
gstreamer-controller-sys 0.25, gstreamer-net-sys 0.25, gstreamer-rtsp-sys 0.25, gstreamer-allocators-sys 0.25, gstreamer-check-sys 0.25"""

work = pathlib.Path(sys.argv[1]).resolve()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
(work / "src").mkdir(parents=True, exist_ok=True)
(work / "src/lib.rs").write_text("")
dependencies = "".join(f'{name} = "{version}"\n' for name, version in (crate.split() for crate in CRATES.split(",")))
(work / "Cargo.toml").write_text('[package]\nname = "graph"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n[dependencies]\n' + dependencies)

AHEAD = "(before Cargo starts)"
LINE = re.compile(r"(\d+)\s+([\d.]+) (.*)")

def run(side):
    target = work / f"target-{side}"
    shutil.rmtree(target, ignore_errors=True)
    words = ["cargo"] + (["inert"] if side == "inert" else []) + ["build", "-q", "-j1", "--target-dir", str(target)]
    log = work / f"{side}.strace"
    subprocess.run(["strace", "-f", "--seccomp-bpf", "-ttt", "-e", "trace=execve,exit_group,mkdir", "-o", str(log), *words],
                   cwd=work, env={**os.environ, "INERT_HOME": str(work / "home")}, check=True)
    started, took, opened = {}, {}, None
    for line in log.read_text(errors="replace").splitlines():
        process, when, what = LINE.match(line).groups()
        if re.match(r'mkdir\("[^"]*/sessions/[0-9a-f]{32}", .*= 0', what):
            opened = float(when)
        elif opened and what.startswith("execve(") and "ENOENT" not in what:
            took[AHEAD], opened = float(when) - opened, None
        script = re.match(r'execve\("([^"]*)/build-script-build"', what)
        if script:
            started[process] = (pathlib.Path(script[1]).name.rsplit("-", 1)[0], float(when))
        elif what.startswith("+++ exited") and process in started:
            name, since = started.pop(process)
            took[name] = float(when) - since
    return took

runs = {"plain": [], "inert": []}
for at in range(rounds):
    for side in (runs if at % 2 == 0 else reversed(list(runs))):
        runs[side].append(run(side))
median = lambda side, name: 1000 * statistics.median(took[name] for took in runs[side])
print(f"{'':28} {'script':>9} {'stand-in':>9}  ms")
print(f"{AHEAD:28} {'':9} {median('inert', AHEAD):9.1f}")
for name in sorted(runs["plain"][0]):
    print(f"{name:28} {median('plain', name):9.1f} {median('inert', name):9.1f}")
script, stand_in = (1000 * statistics.median(sum(took.values()) for took in runs[side]) for side in runs)
print(f"{len(runs['plain'][0])} scripts, sum: {script:.0f} ms, {stand_in:.0f} ms: {script / stand_in:.1f} times less")
