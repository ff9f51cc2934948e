#!/usr/bin/env bash
# Writes the bundled list of common passwords anew from its source, the npm package
# @zxcvbn-ts/language-common. VERSION=1.2.3 takes another version; look at the difference before you
# commit it.
set -euo pipefail
cd "$(dirname "$0")/.."

version="${VERSION:-4.1.3}"
list="$PWD/crates/identity/src/passwords/common.txt"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "@zxcvbn-ts/language-common@$version"
node scripts/common_passwords.mjs "$work/node_modules/@zxcvbn-ts/language-common" > "$work/list"
mv "$work/list" "$list"
wc -l "$list"
