# What people do with this repository. `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BROWSER := $(VENV)/.browser

ENGINE ?= docker
VERSION = $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)

PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url \
	--no-emit-find-links --strip-extras --no-header

.DEFAULT_GOAL := help
# What one process has compiled, the next need not compile again: tests start many.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo venv check test test-postgres test-cluster test-browser test-blockkit test-faults test-image \
	fuzz tools pictures docs bench image audit requirements clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP)  ## the whole bot in your browser, with a local Slack and a local cluster
	$(BIN)/python -m bot demo $(ARGS)

venv: $(STAMP)  ## make .venv, with the pinned requirements and the bot itself

$(STAMP): requirements-dev.txt pyproject.toml
	@echo "Setting up $(VENV): about a minute, once."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(BROWSER): requirements-browser.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-browser.txt
	@touch $@

check: $(STAMP)  ## lint, formatting, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP)  ## all tests that need nothing but Python; the scenarios run on the local cluster
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not cluster and not browser and not blockkit and not faults \
	and not postgres and not image"

test-postgres: $(STAMP)  ## the record, and the whole bot with it, in PostgreSQL (Debian: apt-get install postgresql)
	$(BIN)/python -m pytest tests/store tests/flows tests/doctor -m postgres
	ROLLOUT_BOT_TEST_STORE=postgres $(BIN)/python -m pytest -m "not cluster" \
		tests/scenarios/test_restarts.py tests/scenarios/test_races.py

test-cluster: $(STAMP)  ## the scenarios on both clusters, and both compared; builds the real one, once
	$(BIN)/python -m pytest tests/cluster tests/scenarios tests/wire

test-browser: $(BROWSER)  ## the sandbox in headless Chromium; pictures go to $BROWSER_ARTEFACTS
	$(BIN)/python -m pytest tests/browser

test-blockkit: $(STAMP)  ## the judge of Block Kit beside the official types (needs Node.js and npm)
	$(BIN)/python -m pytest tests/blockkit

test-faults: $(STAMP)  ## the bot in processes of its own, under fire: FAULT_SEED=1, NIGHTLY=1 for more
	$(BIN)/python -m pytest -n 3 --dist worksteal tests/faults $(ARGS)

test-image: $(STAMP)  ## the image without a container engine: built, looked through, started (needs Linux)
	$(BIN)/python -m pytest tests/image tests/commandline/test_completion_elsewhere.py

fuzz: $(STAMP)  ## payloads, watch lines, configuration, all made wrong (FUZZ_CASES=100000 FUZZ_SEED=1)
	FUZZ_CASES=$${FUZZ_CASES:-100000} $(BIN)/python -m pytest -n 2 tests/fuzz tests/balancing \
	tests/clusterroom/test_cluster_decoding.py tests/slack/test_slack_splitting.py

tools: $(STAMP)  ## build the API server, the controller, … into .tools (needs Go)
	$(BIN)/python -m tests.cluster.bed.tools

pictures: $(BROWSER)  ## take the pictures of the README and the verbs anew (ARGS=verbs)
	$(BIN)/python -m tests.browser.pictures $(ARGS)

docs: $(STAMP)  ## write what docs/ has from the code
	$(BIN)/python -m tests.docs.written

bench: $(STAMP)  ## run all benchmarks
	@failed=0; for file in bench/*.py; do echo "$$file"; $(BIN)/python $$file || failed=1; done; exit $$failed

image:  ## build the container image (needs a container engine: ENGINE=podman)
	$(ENGINE) build -t rollout-bot:$(VERSION) -t rollout-bot \
	--build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) .

audit:  ## known vulnerabilities of what the image brings (asks a database on the internet)
	test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
	$(VENV)/audit/bin/python -m pip install --quiet pip-audit; }
	$(VENV)/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

requirements: $(STAMP)  ## pin the requirements again, as pyproject.toml wants them
	$(PIP_COMPILE) -o requirements.txt pyproject.toml
	$(PIP_COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(PIP_COMPILE) --extra browser -c requirements-dev.txt -o requirements-browser.txt pyproject.toml
	$(PIP_COMPILE) --only-build-deps --build-deps-for wheel -c requirements-dev.txt -o requirements-build.txt \
	pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m tests.image.licences

clean:  ## remove everything that was made here
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
