#!/usr/bin/env bash
# The whole test, on a fresh Debian machine with Rust, too: see the README.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "tools"
scripts/install_test_tools.sh

step "formatting and lints"
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings

step "servers of our own"
source scripts/test_servers.sh
start_mariadb
start_redis
source scripts/test_clamd.sh
start_clamd
echo "MariaDB at $FORMHOLD_TEST_MYSQL_URL, Redis at $FORMHOLD_TEST_REDIS_URL,"
echo "ClamAV at $FORMHOLD_TEST_CLAMD_TCP"

step "tests on both stacks"
cargo test --workspace --locked

step "the vendors' clients, and a browser"
cargo build --workspace --locked
(
    cd e2e
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    npm run --silent test:clients
    npm run --silent test:altcha
    npm run --silent test:oidc
    npm run --silent test:channels
    npm run --silent test:passkeys
    npm run --silent test:browser
)

step "the API against its description"
scripts/schemathesis.sh

printf '\nAll tests passed.\n'
