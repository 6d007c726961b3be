# Everything a person or CI runs here. The work is done by scripts/; `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where Swift usually lives, for shells that do not have it on PATH.
export PATH := $(PATH):/opt/swift/usr/bin:/usr/local/swift/usr/bin

# Tests are built with coverage flags, so in a folder of their own: `swift build` by hand stays warm.
CHECK_BUILD := --scratch-path .build-check --enable-code-coverage
FORMATTED := $(wildcard Package.swift Sources Tests Examples)
SHELL_SCRIPTS := .ci/run scripts/lib/common.bash scripts/lib/quickstart.bash $(addprefix scripts/,bootstrap servers tools docker-engine test quickstart clean-quickstart)

.PHONY: help quickstart clean-quickstart build release test test-unit lint format check bench soak clean distclean bootstrap

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | \
	    while IFS='|' read -r target text; do printf '  make %-18s %s\n' "$$target" "$$text"; done

quickstart: ## From nothing to a running 3-member replica set on this machine
	@scripts/quickstart

clean-quickstart: ## Stop that set and remove everything it made
	@scripts/clean-quickstart

build: bootstrap ## Debug build of everything
	swift build

release: bootstrap ## Release build of rkctl, with Swift's own libraries inside
	swift build --configuration release --static-swift-stdlib --product rkctl

test: ## Run the whole suite, real servers included, and print coverage
	@scripts/test

test-unit: ## Run the core's tests only: no server, no network
	@scripts/test --unit

lint: bootstrap ## Check formatting and the shell scripts
	swift format lint --strict --parallel --recursive $(FORMATTED)
	@for script in $(SHELL_SCRIPTS); do bash -n "$$script"; done
	@if command -v shellcheck >/dev/null; then shellcheck --external-sources $(SHELL_SCRIPTS); fi

format: bootstrap ## Format all Swift sources in place
	swift format --in-place --parallel --recursive $(FORMATTED)

check: lint ## What CI runs: lint, build with warnings as errors, test
	swift build $(CHECK_BUILD) --build-tests
	@scripts/test

bench: release ## Measure beside mlaunch, mongorun and pymongo (BENCH="--rounds 3" passes options)
	@scripts/servers 6.0.5 4.4.2
	@scripts/tools --bench
	@.tools/bench/bin/python Benchmarks/run.py $(BENCH)

soak: release ## Kill backups, restores and their servers at random moments (SOAK="--rounds 50" passes options)
	@scripts/servers 6.0.5
	@scripts/tools --bench
	@.tools/bench/bin/python Tests/Soak/backup_kills.py $(SOAK)

clean: ## Remove what was built
	rm -rf .build .build-check .bench

distclean: clean-quickstart clean ## Remove also the downloaded servers and Python tools
	rm -rf .servers .tools

bootstrap:
	@scripts/bootstrap
