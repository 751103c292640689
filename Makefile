# What people do with this repository. `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url \
	--no-emit-find-links --strip-extras --no-header

.DEFAULT_GOAL := help
.PHONY: help venv check test test-cluster tools bench requirements clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(STAMP)  ## make .venv, with the pinned requirements and the bot itself

$(STAMP): requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

check: $(STAMP)  ## lint, formatting, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP)  ## all tests but those on the real cluster
	$(BIN)/python -m pytest -m "not cluster"

test-cluster: $(STAMP)  ## tests on the real API server and controller; builds them first, once
	$(BIN)/python -m pytest tests/cluster

tools: $(STAMP)  ## build the API server, the controller, … into .tools (needs Go)
	$(BIN)/python -m tests.cluster.bed.tools

bench: $(STAMP)  ## run all benchmarks
	@set -e; for file in bench/*.py; do echo "$$file"; $(BIN)/python $$file; done

requirements: $(STAMP)  ## pin the requirements again, as pyproject.toml wants them
	$(PIP_COMPILE) -o requirements.txt pyproject.toml
	$(PIP_COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:  ## remove everything that was made here
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
