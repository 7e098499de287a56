# Two commands on a fresh clone: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.up-to-date
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --allow-unsafe \
	--generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help env run test check bench containers-test lock secrets

help: ## Say what there is
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

env: $(STAMP) ## Make .venv from the lock; nothing happens when it is up to date

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Handslag needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock names …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: env ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/handslag up

test: env ## All tests; ARGS="-k word" chooses
	$(BIN)/python -m pytest $(ARGS)

test-%: env ## One part: make test-domain, test-runtime, test-stories …
	@test -e tests/$* -o -e tests/test_$*.py || { echo "There is no tests/$* and no tests/test_$*.py."; exit 1; }
	$(BIN)/python -m pytest $(wildcard tests/$* tests/test_$*.py) $(ARGS)

check: env ## Lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: env ## Measure accepts against a raw Temporal update
	$(BIN)/python -m bench $(ARGS)

containers-test: env ## The stories on containers, where a Docker engine answers
	@if docker info >/dev/null 2>&1; then $(BIN)/python -m pytest tests/containers $(ARGS); \
	else echo "No Docker engine answers: the container tests are left out."; fi

lock: env ## Resolve anew; both locks hold versions and hashes, and no address
	$(LOCK) --all-extras --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-production.lock pyproject.toml
	@! grep -n '://' requirements.lock requirements-production.lock

secrets: env ## Passwords and keys for docker-compose.yml, in .handslag/production
	@$(BIN)/python deploy/make_secrets.py
