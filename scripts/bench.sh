#!/usr/bin/env bash
# Measures what Formhold takes and what the machine would allow; see bench/results for the reports.
#
# ROWS=1000000 measures once more on a database with as many rows. BENCH_SECONDS and BENCH_ROUNDS
# change how long it takes, FORMHOLD_TEST_MYSQL_URL names a MariaDB server to use.
set -euo pipefail
cd "$(dirname "$0")/.."

export BENCH_ROWS="${BENCH_ROWS:-${ROWS:-0}}"
cargo build --locked --release --package formhold --package formhold-bench
# The build's own folder, which the environment may have moved.
release="${CARGO_TARGET_DIR:-target}/release"

"$release/formhold-bench" run \
    --binary "$release/formhold" \
    --note "$("$release/formhold" --version), revision $(git describe --always --dirty), $(rustc --version)" \
    --output "bench/results/$(date +%F).md" \
    "$@"
