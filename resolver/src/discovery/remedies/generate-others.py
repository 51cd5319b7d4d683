#!/usr/bin/env python3
"""Writes others.tsv: names of packages where the system's package manager does not know pkg-config's modules.

Arch, Homebrew and nixpkgs by opam's repository, whose conf-* packages say which module they are for and which package
brings it on each system (checked there on those systems); vcpkg by its own ports, where a portfile or a port's usage
names the module. A module that two sources name differently, or under conditions, gets none: a dash.

    git clone --depth 1 <opam-repository>; git clone --depth 1 <vcpkg>
    ./generate-others.py opam-repository vcpkg > others.tsv
"""

import re
import subprocess
import sys

MODULE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9+._-]*$")
SYSTEMS = {
    "arch": ('os-family = "arch"', 'os-distribution = "arch"'),
    "homebrew": ('os-distribution = "homebrew"', 'os-distribution = "homebrew" & os = "macos"',
                 'os = "macos" & os-distribution = "homebrew"'),
    "nix": ('os-distribution = "nixos"', 'os-family = "nixos"'),
}


def git(repository, *words):
    return subprocess.run(["git", "-C", repository, *words], check=True, capture_output=True).stdout


def files(repository, pattern):
    """Path and text of every file whose path matches."""
    listed = git(repository, "ls-tree", "-r", "HEAD").decode().splitlines()
    paths = [line.split("\t", 1) for line in listed]
    wanted = [(entry.split()[2], path) for entry, path in paths if re.search(pattern, path)]
    batch = subprocess.Popen(["git", "-C", repository, "cat-file", "--batch"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for blob, path in wanted:
        batch.stdin.write(blob.encode() + b"\n")
        batch.stdin.flush()
        head = batch.stdout.readline().split()
        if head[-1] == b"missing":
            continue
        text = batch.stdout.read(int(head[2]))
        batch.stdout.read(1)
        yield path, text.decode("utf-8", "replace")
    batch.stdin.close()


def field(text, name):
    """The bracketed value of a field, comments left out."""
    text = re.sub(r"(?m)^\s*#.*$", "", text)
    at = re.search(rf"(?m)^{name}:\s*\[", text)
    if not at:
        return ""
    depth = 0
    for end in range(at.end() - 1, len(text)):
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        if depth == 0:
            return text[at.end():end]
    return ""


def modules(build):
    """The one module that the build asks pkg-config for; none where it asks for several, or for none."""
    found = set()
    # Words under a condition are the program's other names and options.
    plain = re.sub(r'("[^"]*")\s*\{[^}]*\}', lambda word: word[1] if "pkg" in word[1] else "", build)
    for command in re.findall(r"\[([^\[\]]*)\]", plain) or [plain]:
        words = re.findall(r'"([^"]*)"', command)
        if not words or words[0] not in ("pkg-config", "pkgconf"):
            continue
        skip = False
        for word in words[1:]:
            if not (skip or word.startswith("-") or word in ("pkg-config", "pkgconf")):
                found.add(word)
            # Options whose value is the next word.
            skip = word in ("--atleast-version", "--exact-version", "--max-version", "--variable")
    return [word for word in found if MODULE.match(word)] if len(found) == 1 else []


def opam(repository):
    newest = {}
    for path, text in files(repository, r"^packages/conf-[^/]+/[^/]+/opam$"):
        name, version = path.split("/")[1:3]
        key = [int(part) if part.isdigit() else 0 for part in re.split(r"[.+-]", version.removeprefix(name + "."))]
        if name not in newest or key >= newest[name][0]:
            newest[name] = (key, text)
    found = {}
    for _, (_, text) in sorted(newest.items()):
        for module in modules(field(text, "build")):
            for packages, condition in re.findall(r"\[([^\]]*)\]\s*\{([^}]*)\}", field(text, "depexts")):
                names = re.findall(r'"([^"]+)"', packages)
                for part in condition.split("|"):
                    part = " ".join(part.split())
                    for system, forms in SYSTEMS.items():
                        if part in forms:
                            found.setdefault((module, system), set()).add(" ".join(sorted(names)))
    return found


def vcpkg(repository):
    found = {}
    for path, text in files(repository, r"^ports/[^/]+/(portfile\.cmake|usage)$"):
        port = path.split("/")[1]
        named = re.findall(r"lib/pkgconfig/([A-Za-z0-9][A-Za-z0-9+._-]*)\.pc", text)
        for checked in re.findall(r"pkg_check_modules\(\s*\S+\s+([^)]*)\)", text):
            named += [word for word in checked.split() if word not in ("REQUIRED", "IMPORTED_TARGET", "QUIET")]
        for module in named:
            if MODULE.match(module):
                found.setdefault(module, set()).add(port)
    return found


def main():
    known, ports = opam(sys.argv[1]), vcpkg(sys.argv[2])
    revisions = [git(repository, "log", "-1", "--format=%h of %cs").decode().strip() for repository in sys.argv[1:3]]
    print("# Written by generate-others.py: module, then Arch (pacman), Homebrew, nixpkgs by opam-repository"
          f" {revisions[0]}, vcpkg by its ports {revisions[1]}.")
    print("# A dash: nothing confirms a name.")
    for module in sorted({module for module, _ in known} | set(ports)):
        row = [known.get((module, system), set()) for system in SYSTEMS] + [ports.get(module, set())]
        row = [next(iter(names)) if len(names) == 1 else "-" for names in row]
        if any(name != "-" for name in row):
            print("\t".join([module, *row]))


main()
