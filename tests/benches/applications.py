#!/usr/bin/env python3
"""Plain cargo against Inert on published applications, in alternating pairs.

usage: scripts/bench [--pairs N] [--build] [--cargo-inert PATH] [--write] [--work FOLDER] [NAME@VERSION ...]

  --pairs N           how often each side runs in each situation (3); figures are medians
  --build             `cargo build` beside `cargo check`
  --cargo-inert PATH  the program to measure; without it a release build of this checkout is made first
  --write             writes the table and the plot into docs/guide/speed.md and docs/guide/speed.svg
  --work FOLDER       where sources and target folders go (a new folder in the system's temporary folder)

Situations: `cold` is an empty target folder; `again` an empty target folder when Inert's store has seen the application
(for plain cargo the same as cold); `no-op` a second run with nothing to do; `one line` after a change of one source of
the application. Sides: plain cargo, `cargo inert` as it is by default, `cargo inert` with `[sandbox] rustc = "off"`. With
sccache on PATH, `plain + sccache` is plain cargo with sccache's cache, empty in the first round's `cold` alone.

Wall and CPU (user and system, all processes that were waited for) in seconds, memory as the largest process, bytes of the
target folder. Ratios are medians of the ratios within pairs, so that a machine that slows down in the middle does not
tilt them; `±` is half the distance between the smallest and the largest of them.
"""
import argparse, json, os, pathlib, resource, shutil, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT = ["ripgrep@14.1.1", "sd@1.0.0", "hexyl@0.16.0", "bat@0.25.0"]


def source(app, work):
    """Returns a copy of a published application's source with its Cargo.lock; cargo fetches it, and compiles nothing."""
    name, version = app.split("@")
    copy = work / f"{name}-{version}"
    if copy.exists():
        return copy
    asking = work / "asking"
    shutil.rmtree(asking, ignore_errors=True)
    (asking / "src").mkdir(parents=True)
    (asking / "src/lib.rs").write_text("")
    (asking / "Cargo.toml").write_text(
        f'[package]\nname = "asking"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n[dependencies]\n{name} = "={version}"\n')
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=asking, check=False, stderr=subprocess.DEVNULL)
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    found = sorted(home.glob(f"registry/src/*/{name}-{version}"))
    if not found:
        sys.exit(f"{app}: cargo does not fetch it")
    shutil.copytree(found[0], copy)
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=copy, check=True)
    return copy


class Failed(Exception):
    """A command of a measurement that failed, with the end of what it said."""


class Side:
    def __init__(self, name, words, env, policy=None):
        self.name, self.words, self.env, self.policy = name, words, env, policy

    def prepare(self, app):
        file = app / "inert.toml"
        file.unlink(missing_ok=True)
        if self.policy:
            file.write_text(self.policy)

    def run(self, app, target, command):
        """Runs the command and returns what it cost."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(("CARGO_", "RUSTC", "INERT_"))}
        env |= self.env
        words = ["cargo", *self.words, command, "--locked", "--offline", "--quiet", "--target-dir", str(target)]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        # Each measurement is a child of its own, so that the largest process is that of this run.
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            done = subprocess.run(words, cwd=app, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            with os.fdopen(writing, "w") as out:
                json.dump({"code": done.returncode, "text": done.stdout[-3000:], "peak": peak}, out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = json.load(answer)
        os.waitpid(pid, 0)
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if said["code"]:
            raise Failed(f"{' '.join(words)} in {app}:\n{said['text']}")
        return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "peak": said["peak"] / 1024}


def bytes_of(folder):
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def touched(app):
    """Appends a line to the application's main source."""
    for name in ["src/main.rs", "crates/core/main.rs", "src/bin/bat/main.rs", "src/lib.rs"]:
        if (app / name).is_file():
            with open(app / name, "a") as file:
                file.write("// one line more\n")
            return
    sys.exit(f"{app}: no source to change")


def measured(app, side, work, command, round_):
    """Returns the four situations of one side in one round."""
    target, home = work / f"target-{side.name.replace(' ', '-')}", work / f"home-{side.name.replace(' ', '-')}"
    shutil.rmtree(target, ignore_errors=True)
    side.env = {**side.env, "INERT_HOME": str(home)}
    if side.words:
        shutil.rmtree(home, ignore_errors=True)
    side.prepare(app)
    out = {"cold": side.run(app, target, command)}
    out["cold"]["bytes"] = bytes_of(target) / 2**20
    out["no-op"] = side.run(app, target, command)
    touched(app)
    out["one line"] = side.run(app, target, command)
    shutil.rmtree(target)
    if side.name == "plain":
        out["again"] = dict(out["cold"])
    else:
        out["again"] = side.run(app, target, command)
        shutil.rmtree(target)
    return out


def sides(inert):
    path = f"{inert.parent}{os.pathsep}{os.environ['PATH']}"
    out = [Side("plain", [], {}),
           Side("inert", ["inert"], {"PATH": path}),
           Side("inert without the sandbox", ["inert"], {"PATH": path, "INERT_TRUST": "tree"}, '[sandbox]\nrustc = "off"\n')]
    if shutil.which("sccache"):
        out.append(Side("plain + sccache", [], {"RUSTC_WRAPPER": "sccache", "SCCACHE_DIR": str(pathlib.Path(tempfile.gettempdir()) / "inert-bench-sccache"),
                                                "CARGO_INCREMENTAL": "0"}))
    return out


def middle(values):
    return statistics.median(values)


def rows_of(app, command, rounds, names):
    """Returns the rows of the table: situation, side, medians, ratios to plain cargo."""
    rows = []
    for situation in ["cold", "again", "no-op", "one line"]:
        for name in names:
            runs = [one[name][situation] for one in rounds]
            plain = [one["plain"][situation] for one in rounds]
            row = {"app": app, "command": command, "situation": situation, "side": name}
            for what in ["wall", "cpu", "peak", "bytes"]:
                if what in runs[0]:
                    row[what] = middle([run[what] for run in runs])
            for what in ["wall", "cpu"]:
                ratios = [run[what] / base[what] for run, base in zip(runs, plain)]
                row[f"{what} ratio"], row[f"{what} spread"] = middle(ratios), (max(ratios) - min(ratios)) / 2
            rows.append(row)
    return rows


def table(rows):
    lines = ["| application | situation | side | wall s | CPU s | CPU / plain | wall / plain | peak MB | target MB |", "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        ratio = lambda what: "1" if row["side"] == "plain" else f"{row[what + ' ratio']:.2f} ± {row[what + ' spread']:.2f}"
        size = f"{row['bytes']:.0f}" if "bytes" in row else ""
        lines.append(f"| {row['app']} `{row['command']}` | {row['situation']} | {row['side']} | {row['wall']:.2f} | {row['cpu']:.2f} "
                     f"| {ratio('cpu')} | {ratio('wall')} | {row['peak']:.0f} | {size} |")
    return "\n".join(lines)


def plot(rows):
    """Returns an SVG with a bar for the CPU ratio of each application, situation and side; the line is plain cargo."""
    bars = [row for row in rows if row["side"] != "plain" and row["situation"] in ("cold", "again")]
    height, top = 22, 30
    scale = 360 / max(1.2, *(row["cpu ratio"] for row in bars)) if bars else 1
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {top + height * len(bars) + 30}" font-family="sans-serif" font-size="12">',
           '<text x="10" y="18">CPU time beside plain cargo (the line is 1), medians</text>']
    for at, row in enumerate(bars):
        y = top + at * height
        label = f"{row['app']} {row['command']}, {row['situation']}, {row['side']}".replace("&", "&amp;").replace("<", "&lt;")
        colour = "#4878a8" if row["side"] == "inert" else "#98b8d8"
        out.append(f'<text x="10" y="{y + 14}">{label}</text>')
        out.append(f'<rect x="340" y="{y + 3}" width="{row["cpu ratio"] * scale:.1f}" height="{height - 6}" fill="{colour}"/>')
        out.append(f'<text x="{344 + row["cpu ratio"] * scale:.1f}" y="{y + 15}">{row["cpu ratio"]:.2f}</text>')
    x = 340 + scale
    out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + height * len(bars)}" stroke="#c04040"/>')
    out.append("</svg>\n")
    return "\n".join(out)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "") if os.path.exists("/proc/cpuinfo") else ""
    said = lambda *words: subprocess.run(words, capture_output=True, text=True).stdout.split("\n")[0]
    load = f"load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{', ' + model if model else ''}; {said('uname', '-sr')}; {said('rustc', '-V')}; {said('cargo', '-V')}; {load}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--cargo-inert", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("apps", nargs="*", default=DEFAULT, metavar="NAME@VERSION")
    given = parser.parse_args()
    if given.pairs < 1:
        parser.error("--pairs is at least 1")
    inert = given.cargo_inert
    if inert is None:
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", "cargo-inert", "--bins", "--target-dir", str(ROOT / "target/bench")], cwd=ROOT, check=True)
        inert = ROOT / "target/bench/release/cargo-inert"
    inert = inert.resolve()
    work = (given.work or pathlib.Path(tempfile.mkdtemp(prefix="inert-bench-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    rows, failed, all_sides = [], [], sides(inert)
    for app in given.apps:
        folder = source(app, work)
        for command in ["check", "build"] if given.build else ["check"]:
            rounds = []
            try:
                for round_ in range(given.pairs):
                    # Each round begins with another side.
                    order = all_sides[round_ % len(all_sides):] + all_sides[:round_ % len(all_sides)]
                    rounds.append({side.name: measured(folder, side, work, command, round_) for side in order})
                    print(f"{app} {command}: round {round_ + 1} of {given.pairs}", file=sys.stderr, flush=True)
            except Failed as why:
                # Figures of the other applications are not lost by one that a side refuses.
                print(why, file=sys.stderr)
                failed.append(f"{app} {command}")
                continue
            rows += rows_of(app, command, rounds, [side.name for side in all_sides])
    print(table(rows))
    if given.write:
        page = ROOT / "docs/guide/speed.md"
        text = page.read_text()
        begin, end = "<!-- figures: written by scripts/bench --write -->\n", "<!-- end of figures -->"
        before, rest = text.split(begin)
        page.write_text(before + begin + f"\n{given.pairs} rounds; {machine()}.\n\n{table(rows)}\n\n" + end + rest.split(end)[1])
        (ROOT / "docs/guide/speed.svg").write_text(plot(rows))
    if given.work is None:
        shutil.rmtree(work, ignore_errors=True)
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


main()
