# Everything a fresh machine needs is Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test check setup setup-dev lock catalogues bench clean

run: setup  ## a working register with sample data, in a browser
	@$(BIN)/greffe demo

test: setup-dev  ## everything that can run on this machine, and what it needs
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: setup-dev  ## the fast loop: lint, imports, types, rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto -m "not browser" tests --ignore=tests/whole -k "rules or periods or calendars"

setup: .venv/.run
setup-dev: .venv/.dev

.venv/.python:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.python requirements/run.lock pyproject.toml hatch_build.py $(wildcard */translations/*/LC_MESSAGES/*.po)
	@echo "Installing into .venv; the first time this takes a minute."
	@[ -e .venv/.dev ] || $(PIP) install --require-hashes -r requirements/run.lock
	@[ ! -e .venv/.dev ] || $(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.python requirements/dev.lock pyproject.toml hatch_build.py $(wildcard */translations/*/LC_MESSAGES/*.po)
	@echo "Installing into .venv, with what the tests need; the first time this takes a minute."
	$(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch .venv/.run $@

catalogues: setup-dev  ## finds new texts and puts them into the catalogues to translate
	$(BIN)/python -m tests.catalogues

LOCK := .venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock:  ## the exact versions and hashes of everything, from pyproject.toml
	[ -x .venv-lock/bin/uv ] || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip --quiet install uv; }
	$(LOCK) --extra build pyproject.toml -o requirements/run.lock
	$(LOCK) --extra build --extra test --extra bench -c requirements/run.lock pyproject.toml -o requirements/dev.lock

clean:
	rm -rf .venv .venv-lock
