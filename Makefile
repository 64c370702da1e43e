# Everything a newcomer or a builder runs. Needs Rust and Node on the machine; the rest is installed from here.
# The server embeds the pages in web/dist, so they are built before any Rust is compiled.

PNPM = cd web && npx --yes $(shell node -p "require('./web/package.json').packageManager")
# With the double of KurrentDB's server, so that one build has every backend.
# Many at once: they wait for disks, servers and clocks more than they work.
TESTS = RUST_TEST_THREADS=4 cargo test --workspace --features tallystick/kurrentdb-double
TARGET = $(or $(CARGO_TARGET_DIR),target)
WEB_SOURCES = $(shell find web/src web/public web/codegen web/build web/index.html web/*.ts web/*.json web/codegen.yml schema/api.graphql schema/events -type f ! -name "*.generated.ts" ! -path "web/src/gql/*")

.DEFAULT_GOAL := help
.PHONY: help run test test-crash test-kurrentdb postgres test-slow e2e screenshots lighthouse figures bench lint schema web web-test clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: web ## Build everything and start the platform with a demo market on http://127.0.0.1:8080
	cargo build --release -p tallystick
	exec $(TARGET)/release/tallystick serve --data data --listen 127.0.0.1:8080 --seed demo

test: web-test lint postgres ## Run all tests, checks and lints
	$(TESTS)
	infra/test-kurrentdb.sh --start-nothing
	$(MAKE) e2e

test-kurrentdb: web ## Run the log's contract suite and the platform on KurrentDB: on its double, and the suite on a cluster where there is one
	$(TESTS) kurrent
	infra/test-kurrentdb.sh

postgres: ## Install PostgreSQL where it is missing: tests start throw-away clusters of their own
	infra/postgres/install.sh

test-slow: postgres ## Recognise a repeated append after a million others, on every log
	TALLYSTICK_OTHER_APPENDS=1000000 cargo test --release -p eventlog very_many_other_appends

# Also: SEED=n runs one seed again, of whichever test printed it.
test-crash: web postgres ## Crash far more often than `make test` does: ROUNDS (1000) kills, power cuts, flipped bits, clients gone at every byte
	export TALLYSTICK_CRASH_ROUNDS=$(or $(ROUNDS),1000); \
	cargo test -p eventlog flip && cargo test -p failing-disk -p sim && cargo test -p tallystick --test it -- crash disconnect

e2e: web ## Run the browser tests against the real binary
	web/e2e/install-chromium.sh
	$(TESTS) --no-run
	export TALLYSTICK=$(abspath $(TARGET))/debug/tallystick; $(PNPM) exec playwright test --project journeys

screenshots: web ## Take pictures of the main pages, into web/screenshots
	web/e2e/install-chromium.sh
	cargo build --release -p tallystick
	export TALLYSTICK=$(abspath $(TARGET))/release/tallystick; $(PNPM) exec playwright test --project screenshots

lighthouse: web ## Audit home, capability and dashboard with Lighthouse
	web/e2e/install-chromium.sh
	cargo build --release -p tallystick
	TALLYSTICK=$(abspath $(TARGET))/release/tallystick node web/e2e/lighthouse.mjs

figures: web ## Measure how fast the pages are; alone on the machine
	web/e2e/install-chromium.sh
	cargo build --release -p tallystick
	export TALLYSTICK=$(abspath $(TARGET))/release/tallystick; $(PNPM) exec playwright test --project figures --workers 1

bench: web postgres ## Measure the gateway and the logs; writes tests/bench/RESULTS.md and LOGS.md
	cargo run --release -p bench
	cargo run --release -p bench logs

lint: web ## Check formatting and lints of the Rust code
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p eventlog -p tallystick --all-targets --features tallystick/kurrentdb-double,eventlog/kurrentdb-server -- -D warnings

schema: web ## Write schema/api.graphql from the code
	cargo run -p xtask -- schema

web: web/dist/index.html ## Build the pages where they changed

web-test: web ## Check the pages' types and run their tests
	$(PNPM) test

clean: ## Remove what was built; the data directory stays
	cargo clean
	rm -rf web/dist web/node_modules

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	$(PNPM) build

web/node_modules/.installed: web/package.json web/pnpm-lock.yaml
	$(PNPM) install --frozen-lockfile
	touch $@
