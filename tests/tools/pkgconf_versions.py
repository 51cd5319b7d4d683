#!/usr/bin/env python3
"""Where another pkgconf answers otherwise than the installed 1.8, over every .pc file of this machine.

usage: pkgconf_versions.py NEW [DIFFERENCES.json]

NEW is an executable with Debian's folders as its own. From a release's source:

    make -f Makefile.lite libpkgconf/config.h
    gcc -w -D_GNU_SOURCE -DHAVE_DECL_{STRNDUP,REALLOCARRAY}=1 -DHAVE_DECL_{STRLCPY,STRLCAT,PLEDGE,UNVEIL}=0 \\
        -I. -Ilibpkgconf -Icli -DPKG_DEFAULT_PATH="\\"$(pkgconf --variable=pc_path pkg-config)\\"" \\
        -DSYSTEM_LIBDIR="\\"$(pkgconf --variable=pc_system_libdirs pkg-config)\\"" -DSYSTEM_INCLUDEDIR='"/usr/include"' \\
        -DPERSONALITY_PATH='"/usr/share/pkgconfig/personality.d"' -DPACKAGE_{NAME,BUGREPORT}='"x"' -DPACKAGE='"x"' \\
        -DPACKAGE_VERSION='"x"' libpkgconf/*.c cli/{main,getopt_long,renderer-msvc}.c -o NEW

(version 3 has cli/core.c too, and takes HAVE_CONFIG_H for the words after -D_GNU_SOURCE). It takes some three minutes on
two cores. The questions are thirteen of those of tests/tests/pkgconf_oracle.rs, which holds our reader against the installed
1.8: what is equal there and here is equal in all three. Counted are answers with the same words in another order,
with the same words another number of times, with other words, and another exit code; the answers that differ go to
DIFFERENCES.json.
"""
import collections, concurrent.futures, json, os, pathlib, shlex, subprocess, sys

if len(sys.argv) < 2: sys.exit(__doc__)
OLD, NEW = "/usr/bin/pkgconf", sys.argv[1]
FOLDERS = ["/usr/lib/x86_64-linux-gnu/pkgconfig", "/usr/lib/pkgconfig", "/usr/share/pkgconfig"]
ALL = {"PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1", "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"}
ROOT = {"PKG_CONFIG_SYSROOT_DIR": "/opt/root"}
CASES = [
    ("--cflags", {}), ("--libs", {}), ("--libs --cflags", ALL), ("--static --libs --cflags", ALL), ("--static --libs", {}),
    ("--static --pure --libs", {}), ("--libs --cflags '--define-variable=prefix=/opt/x y'", ALL), ("--libs --cflags", {**ALL, **ROOT}),
    ("--static --libs --cflags", {**ALL, **ROOT}), ("--libs --cflags", {**ROOT, "PKG_CONFIG_FDO_SYSROOT_RULES": "1"}),
    ("--variable=pcfiledir", {}), ("--modversion", {}), ("--variable=includedir", {}),
]

def ask(program, words, environment, module):
    done = subprocess.run([program, *shlex.split(words), module], env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True)
    return done.returncode, done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""

def one(job):
    module, (words, environment) = job
    return module, words, environment, ask(OLD, words, environment, module), ask(NEW, words, environment, module)

def kind(old, new):
    if old == new: return "equal"
    if old[0] != new[0]: return f"exit code {old[0]}, {new[0]}"
    old, new = old[1].split(), new[1].split()
    if sorted(old) == sorted(new): return "order"
    return "repetitions" if set(old) == set(new) else "words"

modules = sorted({path.stem for folder in FOLDERS for path in pathlib.Path(folder).glob("*.pc")})
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    answers = list(pool.map(one, [(module, case) for module in modules for case in CASES]))
kinds = collections.Counter(kind(old, new) for *_, old, new in answers)
print(f"{len(modules)} modules, {len(answers)} questions: {dict(kinds)}")
where = collections.Counter((kind(old, new), words, *sorted(environment)) for _, words, environment, old, new in answers)
for place, count in where.most_common():
    if place[0] != "equal": print(f"{count:6} {' '.join(place)}")
if len(sys.argv) > 2:
    pathlib.Path(sys.argv[2]).write_text(json.dumps([answer for answer in answers if answer[3] != answer[4]], indent=1))
