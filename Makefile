PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# The published times are of a machine whose matrix products are half as fast as AVX-512 makes them.
AVX2 := ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2

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
	$(AVX2) $(BIN)/pytest tests/benchmarks/test_speed.py::test_speed -k cpu --benchmark-only --benchmark-json=.benchmarks/avx2.json
	$(BIN)/python -m tests.benchmarks.page .benchmarks/latest.json .benchmarks/avx2.json docs/benchmarks.md

clean: ## remove what was installed and what tools left; data/ stays
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
