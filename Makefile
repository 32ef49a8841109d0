# make run: the product with its demo company. make test: everything the tests need, then the tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test check lint setup-test

run: .venv/run
	$(BIN)/python -m crm setup
	$(BIN)/python -m crm serve

test: setup-test check
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy crm

lint: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup-test: .venv/dev
	scripts/test-machine

# Installed again only when the list of requirements changes.
.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/dev: requirements.txt requirements-postgres.txt requirements-dev.txt requirements-oracle.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps -r requirements-oracle.txt
	touch $@ .venv/run
