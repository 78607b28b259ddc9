# Everything needs only make, Python 3.11 or newer, and a package index.
#
#   make demo        load real data and carry out a year of campaigns on it
#   make test        format, lint, types and tests, over what is installed
#   make test-bigquery
#                    the tests that ask GoogleSQL, which defines BigQuery's SQL, in WebAssembly
#   make test-clickhouse
#                    the tests that ask ClickHouse, inside of the process
#   make test-spark  the tests that ask Spark, in local mode; they need Java 17
#   make bench       the benchmarks, each against a peer
#   make soak        a thousand kills and a rush, then the property tests, ROUNDS times, each time with
#                    other examples
#   make clean       take away what these have made

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo "$$name"; break; fi; done)
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# A stamp says that what is installed is newer than every source it was made from; folders are among
# them, since a file that was deleted makes its folder newer.
SOURCES := pyproject.toml README.md LICENSE $(shell find dsl compiler runtime cli docs/codes \
	-not -name '*.pyc' -not -name __pycache__ 2>/dev/null)
TREES := cli runtime compiler dsl tests bench campaigns
ROUNDS ?= 20
DEMO := campaigns/complete_journey

.PHONY: help demo test test-bigquery test-clickhouse test-spark lint types pytest bench soak clean

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/made:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: name it with make PYTHON=…" >&2; exit 2; fi
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Libraries and the project have a stamp each, so that an edited source costs seconds.
$(VENV)/demo-libraries: $(VENV)/made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[demo]'
	@touch $@

$(VENV)/test-libraries: $(VENV)/demo-libraries pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[test]'
	@touch $@

$(VENV)/bench-libraries: $(VENV)/test-libraries pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[bench]'
	@touch $@

$(VENV)/bigquery-libraries: $(VENV)/test-libraries pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[bigquery]'
	@touch $@

$(VENV)/clickhouse-libraries: $(VENV)/test-libraries pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[clickhouse]'
	@touch $@

$(VENV)/spark-libraries: $(VENV)/test-libraries pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check '.[test-spark]'
	@touch $@

$(VENV)/installed: $(VENV)/demo-libraries $(SOURCES)
	@rm -rf build
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	@rm -rf build
	@touch $@

demo: $(VENV)/installed
	$(BIN)/python $(DEMO)/load.py
	$(BIN)/campaigner check $(DEMO)
	$(BIN)/campaigner run $(DEMO) --from 2017-01-01 --to 2017-12-31
	@echo
	@echo "What was granted:     .venv/bin/campaigner ledger $(DEMO) grants"
	@echo "What budgets have:    .venv/bin/campaigner ledger $(DEMO) budgets"
	@echo "Change a number in:   $(DEMO)/*.campaign, then .venv/bin/campaigner check $(DEMO)"

test: lint types pytest

lint: $(VENV)/test-libraries
	$(BIN)/ruff format --check $(TREES)
	$(BIN)/ruff check $(TREES)

# From a folder of its own, so that what is checked is what was installed.
types: $(VENV)/installed $(VENV)/test-libraries
	@mkdir -p $(VENV)/elsewhere
	cd $(VENV)/elsewhere && $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --strict \
		-p campaigner.dsl -p campaigner.compiler -p campaigner.runtime -p campaigner.cli

pytest: $(VENV)/installed $(VENV)/test-libraries
	$(BIN)/pytest -n 2 -q

test-bigquery: $(VENV)/bigquery-libraries $(VENV)/installed
	$(BIN)/pytest -q -m bigquery

test-clickhouse: $(VENV)/clickhouse-libraries $(VENV)/installed
	$(BIN)/pytest -n 2 -q -m clickhouse

test-spark: $(VENV)/spark-libraries $(VENV)/installed
	$(BIN)/pytest -q -m spark

bench: $(VENV)/bench-libraries $(VENV)/installed
	$(BIN)/python $(DEMO)/load.py
	$(BIN)/python -m bench

soak: $(VENV)/installed $(VENV)/test-libraries
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -q tests/runtime/ledger/test_kills.py \
		tests/runtime/ledger/test_kills_postgresql.py tests/runtime/ledger/test_race.py \
		tests/runtime/ledger/test_kills_settling.py
	for round in $$(seq $(ROUNDS)); do seed=$$RANDOM; echo "round $$round, seed $$seed"; \
		HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -q -m "hypothesis and not spark and not clickhouse and not bigquery" --hypothesis-seed=$$seed; done

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf campaigns/*/data campaigns/*/var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
