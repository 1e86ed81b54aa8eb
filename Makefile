# What people and CI run. Every target first installs what it needs into .venv, with nothing but Python, git and make.

PYTHON ?= python3
ARGS ?=
UV_VERSION := 0.13.9

export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

PY := .venv/bin/python
UV := .venv/bin/uv
RUNTIME := .venv/.installed
DEV := .venv/.installed-dev
# No check needs a database or leaves a secret behind.
CHECK_ENV := READ_DOTENV=false SECRET_KEY=check ENCRYPTION_KEYS=check DATABASE_URL=postgres://127.0.0.1:1/none
# One process and one Postgres for each processor. Slow files that come last would leave the others idle: keep the order.
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo run test test-faults test-hostile screenshots lint format bench bench-load evaluate peer migrate openapi fuzz fuzz-api audit

help: ## Show this list
	@echo "make TARGET [ARGS=\"...\"] [PYTHON=python3.12]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

demo: $(RUNTIME) ## Index a repository, search it, keep serving (ARGS="--path ../other", ARGS=--once, ARGS=--github)
	@$(PY) manage.py demo $(ARGS)

run: $(RUNTIME) ## Start web server, workers and scheduler
	@$(PY) manage.py up $(ARGS)

test: $(DEV) ## Run the tests (ARGS="tests/search -k fusion")
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest $(SIDE_BY_SIDE) $(ARGS)

screenshots: $(DEV) ## Make docs/screenshots anew: every page, light and dark, wide and on a phone
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest --quiet tests/browser/screenshots.py $(ARGS)

test-faults: $(DEV) ## Kill, starve and fill real processes at random (ARGS="-k disk"); minutes
	@$(PY) -m pytest --ds=tests.faults.settings -v tests/faults $(ARGS)

test-hostile: $(DEV) ## Sync and show the nasty repositories in full: 100,000 files, lines of 50 MB; minutes
	@HOSTILE_FULL=1 $(PY) -m pytest --timeout 0 -v --durations=0 tests/hostile $(ARGS)

lint: $(DEV) ## Check style, types, imports, templates, migrations and settings
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(CHECK_ENV) $(PY) -m mypy
	$(PY) .venv/bin/lint-imports
	@git ls-files -z -- 'templates/*.html' 'ingestion/sources/*.html' | xargs -0 -r .venv/bin/djade --check --target-version 5.2
	$(CHECK_ENV) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(PY) manage.py check --fail-level WARNING
	$(UV) lock --check

format: $(DEV) ## Rewrite the code in the project's style
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	@git ls-files -z -- 'templates/*.html' 'ingestion/sources/*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2

bench: $(DEV) ## Measure indexing and search (ARGS="--path ../other")
	@$(PY) -m bench $(ARGS)

bench-load: $(DEV) ## Measure many at once, and growth to a million chunks; writes docs/load (ARGS="--top 30000 --out /tmp/load")
	@$(PY) -m bench.load $(ARGS)

evaluate: $(DEV) ## Measure how good search is on real histories (ARGS="--split dev")
	@$(PY) -m bench.evaluating $(ARGS)

# Another framework over our environment, for this one run. It reads data files that must be no links into uv's cache.
peer: $(DEV) ## Ask LlamaIndex on pgvector the queries of make evaluate, too, beside us (ARGS="--split test")
	@$(UV) run --quiet --frozen --link-mode copy --with llama-index-core==0.14.22 \
		--with llama-index-vector-stores-postgres==0.9.0 python -m bench.evaluating --peer $(ARGS)
fuzz: $(DEV) ## Feed bytes that seek new branches to chunker, lightfast.yml, queries, signatures (ARGS="config -max_total_time=600")
	@$(PY) -m tests.fuzz $(ARGS)

fuzz-api: $(DEV) ## Try every operation of the API with much that its schema allows and forbids
	@FUZZ_EXAMPLES=200 $(PY) -m pytest --timeout 0 -s tests/api/test_schema.py $(ARGS)

audit: $(DEV) ## Ask the advisory database about every locked dependency
	@$(UV) export --quiet --frozen --no-emit-project --format requirements-txt > .venv/audit.txt
	@$(PY) -m pip_audit --strict --disable-pip --requirement .venv/audit.txt $(ARGS)

migrate: $(RUNTIME) ## Bring the database to the newest schema
	@$(PY) manage.py migrate $(ARGS)

openapi: $(RUNTIME) ## Write docs/openapi.json
	@$(PY) manage.py export_openapi_schema --api lightfast.api.api --indent 2 --sorted --output docs/openapi.json

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Lightfast needs Python 3.11 or newer, and $(PYTHON) is not that: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

$(RUNTIME): uv.lock pyproject.toml | $(UV)
	$(UV) sync --quiet --frozen --inexact --no-dev --python $(PY)
	@touch $@

$(DEV): uv.lock pyproject.toml | $(UV)
	$(UV) sync --quiet --frozen --inexact --python $(PY)
	@touch $(RUNTIME) $@
