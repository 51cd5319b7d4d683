#!/bin/bash
# Rust and C through sccache, with a Redis server on loopback as the shared storage: two builds from clean, the second of
# which compiles nothing anew. Usage: tests/tools/sccache.sh WORK_DIR    (redis-server, `cargo inert`, and on PATH an
# sccache that was built with redis: `cargo install sccache --no-default-features --features redis`; Debian's is not)
set -euo pipefail
work=$(mkdir -p "$1" && cd "$1" && pwd)
port=${PORT:-6398}
export SCCACHE_REDIS_ENDPOINT=tcp://127.0.0.1:$port SCCACHE_SERVER_PORT=$((port + 1)) SCCACHE_DIR=$work/nowhere
export RUSTC_WRAPPER=sccache CARGO_INCREMENTAL=0 INERT_HOME=$work/home

redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >"$work/redis.log" &
redis=$!
trap 'sccache --stop-server >/dev/null 2>&1 || true; kill $redis' EXIT
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.1; done

mkdir -p "$work/project/src"
cd "$work/project"
cat >Cargo.toml <<'TOML'
[package]
name = "project"
version = "0.1.0"
edition = "2021"
[workspace]
[dependencies]
libz-sys = { version = "=1.1.31", default-features = false, features = ["static"] }
bzip2-sys = { version = "=0.1.13", features = ["static"] }
onig_sys = { version = "=69.9.3", default-features = false }
memchr = "2"
TOML
echo >src/lib.rs
printf '[libraries]\ndefault = "source"\n' >inert.toml

sccache --version
for build in first second; do
    # Nothing is left but what is in Redis: no target dir, no objects of Inert's, and another sccache server.
    rm -rf target
    sccache --stop-server >/dev/null 2>&1 || true
    sccache --start-server >/dev/null
    start=$(date +%s.%N)
    cargo inert build --quiet
    printf '%s build: %.1f s\n' "$build" "$(echo "$(date +%s.%N) - $start" | bc)"
    sccache --show-stats | grep -E '^(Cache (hits|misses)|Compile requests executed|Non-cacheable compilations|Cache errors|Cache location)'
done
echo "keys in Redis: $(redis-cli -p "$port" dbsize)"
