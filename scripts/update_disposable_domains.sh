#!/usr/bin/env bash
# Writes the bundled list of domains of disposable mail addresses anew from its source, the npm
# package disposable-email-domains. VERSION=1.2.3 takes another version; look at the difference
# before you commit it.
set -euo pipefail
cd "$(dirname "$0")/.."

version="${VERSION:-1.0.62}"
list="$PWD/crates/domain/src/spam/disposable_domains.txt"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "disposable-email-domains@$version"
node scripts/disposable_domains.mjs "$work/node_modules/disposable-email-domains" > "$work/list"
mv "$work/list" "$list"
wc -l "$list"
