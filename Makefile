# make run: the product with its demo company. make test: everything the tests need, then the tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test proof check lint coverage setup-test

run: .venv/run
	$(BIN)/python -m crm setup
	$(BIN)/python -m crm serve

test: setup-test check
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The same with every role, page and side, and 500 mutated files: hours rather than minutes.
proof: setup-test check
	CRM_PROOF=1 CRM_FUZZ=500 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What of the product the tests run through, best file last; the browser's server is a process of its own and does not count.
coverage: setup-test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

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
.venv/run: requirements.txt constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/dev: requirements.txt requirements-postgres.txt requirements-dev.txt requirements-oracle.txt constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps -r requirements-oracle.txt
	touch $@ .venv/run
