#!/usr/bin/env bash
# Installs what the tests need from Debian's packages, or names it where that cannot be done.
set -euo pipefail

# A command that must be there, and the package that has it.
wanted=(mariadbd:mariadb-server mariadb-install-db:mariadb-server redis-server:redis-server
    chromium:chromium node:nodejs npm:npm python3:python3-venv strace:strace wrk:wrk faketime:faketime
    clamd:clamav-daemon promtool:prometheus curl:curl)

missing=()
for pair in "${wanted[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
check_node() {
    local major
    major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
    [ "$major" -ge 20 ] && return 0
    echo "The tests of the vendors' clients need Node.js 20 or newer; this is $(node --version)." >&2
    echo "Install a newer one from https://nodejs.org or your distribution's backports." >&2
    exit 1
}
[ ${#missing[@]} -eq 0 ] && check_node && exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need these packages (named as Debian names them): ${missing[*]}" >&2
    echo "Install them, for example with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The packages start their servers; the tests want none but their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
check_node
