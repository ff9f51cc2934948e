# What a developer does here. Anything longer than a line is in scripts/.
.PHONY: test bench bench-inbox sign-in spam check audit demo

## The whole test: formatting, lints, all tests on both stacks, clients, browser
test:
	scripts/test.sh

## What a change needs before a commit, without servers
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace

## Throughput and latency beside their limits (BENCH_ROWS=1000000 for a full database)
bench:
	scripts/bench.sh

## How fast pages, filters and search are where a form has a million submissions
bench-inbox:
	cargo run --locked --release --package formhold-bench -- inbox

## Whether pages tell who has an account, and what many sign-ins at once do to others
sign-in:
	cargo build --locked --release --package formhold --package formhold-bench
	cargo run --locked --release --package formhold-bench -- sign-in

## How well spam is told from honest mail, on a public corpus
spam:
	e2e/spam.sh

## Licences, sources and bans of all dependencies (cargo install cargo-deny)
audit:
	cargo deny check licenses bans sources

## A server with something to look at
demo:
	cargo run --release -- serve --demo
