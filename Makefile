# Everything that a developer runs. On a fresh machine `make demo` and `make test` need Python >= 3.11, make and git, nothing else.
# The environment is .venv, installed from requirements.lock (every package by its hash); it is made again when the lock changes.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test faults soak check bench fmt docs lock clean ready

BIN := .venv/bin
# The name of the stamp holds what the environment depends on, so that a run that changes nothing installs nothing.
STAMP = .venv/ready-$(shell cat requirements.lock pyproject.toml | cksum | tr -d ' ')
COMPILE := compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --quiet

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{printf "  make %-7s %s\n", $$1, $$2}'

demo: ready ## Run the whole story once, with a simulated Calendly: no account, no Redis, no database needed
	@$(BIN)/python flows/demo.py

test: ready ## Run all tests; ARGS="-k name -x" goes to pytest
	@$(BIN)/pytest $(ARGS)

faults: ready ## Run the whole fault suite, long tests too: kills, pauses and cuts, and looks whether every promise held
	@$(BIN)/pytest -m '' tests/faults tests/upgrade $(ARGS)

soak: ready ## Half an hour of webhooks and random faults, then the verdict; ARGS="--minutes 5 --seed 7 --database postgres"
	@$(BIN)/python -m tests.faults.soak $(ARGS)

check: ready ## Look for mistakes without running: style, types, import contracts, documentation in step
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy .ci/docs.py docker/healthcheck.py
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python .ci/docs.py --check
	$(BIN)/python -m tests.flows.corpus.planted

bench: ready ## Measure throughput, latency and idle memory on this machine; writes tests/bench/results.json
	@$(BIN)/python -m tests.bench

fmt: ready ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: ready ## Fill the generated parts of the documentation
	$(BIN)/python .ci/docs.py

# The two locks of docker/ are parts of requirements.lock; a test holds that.
lock: ready ## Write the lock files anew from pyproject.toml (needs the package index)
	@trap 'rm -rf .venv/lock' EXIT; \
	$(BIN)/python -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv && uv=.venv/lock/bin/uv && \
	$$uv pip $(COMPILE) $(UPGRADE) --all-extras pyproject.toml -o requirements.lock && \
	$$uv pip $(COMPILE) --upgrade --extra postgres -c requirements.lock pyproject.toml -o docker/requirements.lock && \
	echo hatchling | $$uv pip $(COMPILE) --upgrade -c requirements.lock - -o docker/build.lock

clean: ## Delete the environment, caches and what the demo left; your data in .hookline stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready: $(STAMP)

$(STAMP):
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then $(MAKE) --no-print-directory .venv; fi
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f .venv/ready-*; touch $@

.PHONY: .venv
.venv:
	@python=; for name in python3.13 python3.12 python3.11 python3; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Hookline needs Python 3.11 or later, and none of python3.13, python3.12, python3.11, python3 is." >&2; exit 1; fi; \
	echo "Making .venv with $$($$python --version), installing what is locked ..."; \
	if ! $$python -m venv --clear .venv || ! $(BIN)/python -m pip --version >/dev/null; then rm -rf .venv; \
	  echo "Python cannot make an environment. On Debian and Ubuntu install python3-venv (apt-get install python3-venv)." >&2; exit 1; fi
