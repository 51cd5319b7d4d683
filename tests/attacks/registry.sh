#!/bin/bash
# Makes a registry of file URLs from folders of packages, and configures Cargo for it, as a user's own configuration:
#   registry.sh <name> <folder with package folders> <home/cargo>
# The registry's files go to <home/cargo>/registries-by-file/<name>. Called again, it publishes more. Of dependencies it knows
# lines as `name = { version = "1", registry-index = "…" }`, which are packages of the same registry.
set -euo pipefail
name=$1 packages=$2 home=$3
at=$home/registries-by-file/$name
mkdir -p "$at/index" "$at/dl"
[ -d "$at/index/.git" ] || git -C "$at/index" init -q
printf '{"dl":"file://%s/dl/{crate}-{version}.crate"}' "$at" >"$at/index/config.json"
for folder in "$packages"/*/; do
    field() { sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$folder/Cargo.toml" | head -1; }
    crate=$(field name) version=$(field version) links=$(field links)
    deps=$(sed -n '/^\[dependencies\]/,/^\[[^d]/s/^\([a-z-]*\) = { version = "\([^"]*\)".*/{"name":"\1","req":"^\2","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal"}/p' "$folder/Cargo.toml" | paste -sd,)
    file=$at/dl/$crate-$version.crate
    tar -czf "$file" -C "$folder" --transform "s,^\.,$crate-$version," .
    case ${#crate} in
        1 | 2) path=${#crate}/$crate ;;
        3) path=3/${crate:0:1}/$crate ;;
        *) path=${crate:0:2}/${crate:2:2}/$crate ;;
    esac
    mkdir -p "$(dirname "$at/index/$path")"
    printf '{"name":"%s","vers":"%s","deps":[%s],"cksum":"%s","features":{},"yanked":false,"links":%s}\n' \
        "$crate" "$version" "$deps" "$(sha256sum "$file" | cut -d' ' -f1)" "$([ -n "$links" ] && echo "\"$links\"" || echo null)" \
        >>"$at/index/$path"
done
git -C "$at/index" add -A
git -C "$at/index" -c user.name=a -c user.email=a@localhost commit -q -m index
mkdir -p "$home"
grep -qF "[registries.$name]" "$home/config.toml" 2>/dev/null ||
    printf '\n[registries.%s]\nindex = "file://%s/index"\n' "$name" "$at" >>"$home/config.toml"
