#!/usr/bin/env python3
"""Has rust-analyzer open a small workspace, and looks at what it runs and shows: plain, behind the wrapper, and by the command.

Usage: rust_analyzer.py FOLDER, with cargo-inert, inert and inert-stand-in in FOLDER (target/debug), and rust-analyzer on PATH
(rustup component add rust-analyzer). It takes about a minute for each of the five cases on an idle machine.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

MANIFEST = '[package]\nname = "{}"\nversion = "0.1.0"\nedition = "2021"\n'
SCRIPT = """fn main() {
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../ran"), "").unwrap();
    println!("cargo::rustc-cfg=fast");
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/generated.rs"), "pub fn generated() -> u32 { 1 }").unwrap();
}
"""
DECLARED = """[[declare]]
package = "dep"
declaration = { schema = 1, cfg = { fast = "unix" }, out-dir = { "generated.rs" = { text = "pub fn generated() -> u32 { 1 }" } } }
"""
# The error is seen by rust-analyzer itself only if it knows what the script, or its stand-in, wrote.
MAIN = "fn main() {\n    dep::only_fast();\n    let wrong: String = dep::generated();\n}\n"


def workspace(folder, declared):
    for path, text in {
        "app/Cargo.toml": MANIFEST.format("app") + '[dependencies]\ndep = { path = "../dep" }\n[workspace]\n',
        "app/src/main.rs": MAIN,
        "dep/Cargo.toml": MANIFEST.format("dep"),
        "dep/build.rs": SCRIPT,
        "dep/src/lib.rs": 'include!(concat!(env!("OUT_DIR"), "/generated.rs"));\n#[cfg(fast)]\npub fn only_fast() {}\n',
        **({"app/inert.toml": DECLARED} if declared else {}),
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def session(root, settings, environment):
    """Returns the sources of the errors that rust-analyzer shows in main.rs."""
    server = subprocess.Popen(
        ["rust-analyzer"], cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    shown, quiet = {}, threading.Event()

    def send(message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        server.stdin.flush()

    def listen():
        while True:
            length = 0
            while (line := server.stdout.readline()) != b"\r\n":
                if not line:
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message = json.loads(server.stdout.read(length))
            method, params = message.get("method"), message.get("params")
            if method == "textDocument/publishDiagnostics":
                shown[params["uri"]] = params["diagnostics"]
            elif method == "experimental/serverStatus" and params.get("quiescent"):
                quiet.set()
            elif method and "id" in message:
                asked = method == "workspace/configuration"
                send({"id": message["id"], "result": [settings for _ in params["items"]] if asked else None})

    threading.Thread(target=listen, daemon=True).start()
    file = f"file://{root}/src/main.rs"
    capabilities = {
        "workspace": {"configuration": True},
        "experimental": {"serverStatusNotification": True},
        "textDocument": {"publishDiagnostics": {}},
    }
    send({"id": 1, "method": "initialize", "params": {
        "processId": os.getpid(), "rootUri": f"file://{root}", "capabilities": capabilities, "initializationOptions": settings,
    }})
    time.sleep(2)
    send({"method": "initialized", "params": {}})
    send({"method": "textDocument/didOpen", "params": {
        "textDocument": {"uri": file, "languageId": "rust", "version": 1, "text": MAIN},
    }})
    quiet.wait(120)
    time.sleep(10)
    send({"method": "textDocument/didSave", "params": {"textDocument": {"uri": file}}})
    time.sleep(20)
    server.kill()
    server.wait()
    return {one["source"] for one in shown.get(file, []) if one.get("code") == "E0308"}


def main():
    binaries = pathlib.Path(sys.argv[1]).resolve()
    check = [str(binaries / "cargo-inert"), "inert", "check", "--workspace", "--all-targets", "--message-format=json", "--quiet"]
    wrapper = {"cargo": {"extraEnv": {"RUSTC_WRAPPER": str(binaries / "inert")}}}
    command = {"check": {"overrideCommand": check}, "cargo": {"buildScripts": {"overrideCommand": check}}}
    both = {"rust-analyzer", "rustc"}
    bad = 0
    for name, settings, declared, runs, expected in [
        ("plain", {}, False, True, both),
        ("wrapper, undecided", wrapper, False, False, None),
        ("command, undecided", command, False, False, None),
        # rust-analyzer's own error, which needs the generated file, was not seen with the wrapper (why is not known), and with
        # the command only after a minute on a loaded machine.
        ("wrapper, declared", wrapper, True, False, {"rustc"}),
        ("command, declared", command, True, False, {"rustc"}),
    ]:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder).resolve()
            workspace(folder, declared)
            environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "INERT_HOME": str(folder / "home")}
            found = session(folder / "app", settings, environment)
            ran = (folder / "ran").exists()
            dirs = sorted(path.name for path in (folder / "app/target").glob("*") if path.is_dir())
            ok = ran == runs and (expected is None or expected <= found)
            bad += not ok
            print(f"{name}: the script {'ran' if ran else 'did not run'}; E0308 by {sorted(found)}; target/: {dirs}{'' if ok else '  UNEXPECTED'}", flush=True)
    sys.exit(bad > 0)


main()
