PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test bench clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## install, then run everything on the corpus that comes with the project
	$(BIN)/kedro run

test: $(INSTALLED) ## install, then linters, import contracts, types and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/pytest --benchmark-skip --numprocesses auto --maxprocesses 8

bench: $(INSTALLED) ## install, then measure speeds and write them into docs/benchmarks.md
	mkdir -p .benchmarks
	$(BIN)/pytest tests/benchmarks --benchmark-only --benchmark-json=.benchmarks/latest.json
	$(BIN)/python -m tests.benchmarks.page .benchmarks/latest.json docs/benchmarks.md

clean: ## remove what was installed and what tools left; data/ stays
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
