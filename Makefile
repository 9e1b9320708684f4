# Tillpaid. `make run` and `make test` set up everything they need; a second run starts at once.

SHELL := /bin/sh
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
RUN_READY := .venv/.ready-to-run
DEV_READY := .venv/.ready-to-develop
STATIC := service/static/vendor/.fetched
HTML := tests/html/node_modules/.fetched
WITH_POSTGRES = postgres="$$(infra/setup/ensure_postgres.sh)" && TILLPAID_POSTGRES="$$postgres"
WITH_BROWSER = chromium="$$(infra/setup/ensure_browser.sh)" && TILLPAID_CHROMIUM="$$chromium"

# What to hand on, for example: make run ARGS="--port 9000", make test ARGS="-k zip"
ARGS ?=
# Where money, states, jobs, uploads and the log are: these run on SQLite and on PostgreSQL in every `make test`.
BOTH := tests/service/jobs,tests/service/payments,tests/service/releases,tests/service/audit,tests/service/uploads

.PHONY: help run demo test test-postgres check format translations bench screenshots lighthouse faults fuzz statemachine-long lock clean
.DEFAULT_GOAL := help

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{ printf "%-26s %s\n", $$1, $$2 }'

run: $(RUN_READY) $(STATIC)  ## Set up, then serve on http://127.0.0.1:8000; the first run prints a sign-in link
	.venv/bin/tillpaid serve $(ARGS)

demo: $(RUN_READY) $(STATIC)  ## Serve a sample studio with a delivery in each state, apart from your data
	.venv/bin/tillpaid --data-dir data/demo demo
	.venv/bin/tillpaid serve --data-dir data/demo $(ARGS)

test: $(DEV_READY) $(STATIC) $(HTML)  ## Run every test, the browser's too
	infra/setup/ensure_nginx.sh
	infra/setup/ensure_ffmpeg.sh
	$(WITH_POSTGRES) && export TILLPAID_POSTGRES && $(WITH_BROWSER) $(PY) -m pytest -n auto --both=$(BOTH) $(ARGS)

test-postgres: $(DEV_READY) $(STATIC)  ## Run every test that has a database, on PostgreSQL
	infra/setup/ensure_ffmpeg.sh
	$(WITH_POSTGRES) $(PY) -m pytest -n auto --databases=postgresql tests/service tests/leaks $(ARGS)

check: $(DEV_READY) $(STATIC)  ## Lint, types, import contracts, house rules
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q --noconftest tests/rules

format: $(DEV_READY)  ## Put the code into its one format
	.venv/bin/ruff check --fix-only
	.venv/bin/ruff format

translations: $(RUN_READY)  ## Bring the catalogues up to the words in the code
	$(PY) infra/setup/write_catalogue.py

bench: $(DEV_READY) $(STATIC)  ## Measure against the peers, side by side in one run
	$(PY) tests/bench/run.py $(ARGS)

screenshots: $(DEV_READY) $(STATIC)  ## Walk the journeys and keep a picture of each screen in out/screenshots; says how to accept a new look
	infra/setup/ensure_ffmpeg.sh
	@echo 'To keep a look that is meant to be new: TILLPAID_LOOKS=write make test ARGS="-k looks"'
	$(WITH_BROWSER) TILLPAID_SCREENSHOTS=out/screenshots $(PY) -m pytest tests/journeys $(ARGS)

lighthouse: $(DEV_READY) $(STATIC)  ## Measure the pages of a delivery with 300 pictures in Lighthouse (minutes)
	infra/setup/ensure_npm.sh
	npm --prefix tests/lighthouse ci --ignore-scripts --no-audit --no-fund --silent
	$(WITH_BROWSER) $(PY) -m tests.lighthouse.run

faults: $(DEV_READY) $(STATIC)  ## Kill and starve it a thousand times (minutes)
	$(WITH_BROWSER) TILLPAID_FAULT_ROUNDS=1000 TILLPAID_UPLOAD_FILES=200 TILLPAID_UPLOAD_KILLS=10 \
		$(PY) -m pytest --timeout=0 -s tests/faults tests/storage tests/service/vault $(ARGS)

fuzz: $(DEV_READY)  ## Decode 25,000 malformed files behind the sandbox's walls (a quarter of an hour)
	infra/setup/ensure_ffmpeg.sh
	$(PY) -m tests.fuzz.hostile_run $(ARGS)

statemachine-long: $(DEV_READY)  ## A million random steps through deliver, pay, reverse, release, redeem (hours)
	TILLPAID_MACHINE_STEPS=1000000 $(PY) -m pytest --timeout=0 -s tests/leaks/test_state_machine.py $(ARGS)

# The locks name versions and hashes, never where to fetch them. The second holds to the first.
LOCK := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host pyproject.toml

lock: $(DEV_READY)  ## Fetch the newest allowed versions into the lock files
	$(LOCK) --upgrade --output-file=requirements.lock
	$(LOCK) --upgrade --extra=dev --constraint=requirements.lock --allow-unsafe --output-file=requirements-dev.lock
	npm install --package-lock-only --ignore-scripts
	$(PY) -m pytest -q --noconftest tests/rules/test_locks.py

clean:  ## Remove all that was fetched or built here; data/ stays
	rm -rf .venv node_modules service/static/vendor watermark/fonts build dist out *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How the set-up is done -------------------------------------------------------------------------------------

$(RUN_READY): requirements.lock infra/setup/ensure_python.sh infra/setup/link_checkout.py
	infra/setup/ensure_python.sh
	$(PIP) -r requirements.lock
	$(PY) infra/setup/link_checkout.py
	touch $@

$(DEV_READY): requirements-dev.lock $(RUN_READY)
	$(PIP) -r requirements-dev.lock
	touch $@

$(HTML): tests/html/package-lock.json
	infra/setup/ensure_npm.sh
	npm --prefix tests/html ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

$(STATIC): package-lock.json infra/setup/fetch_static.py | $(RUN_READY)
	infra/setup/ensure_npm.sh
	npm ci --ignore-scripts --no-audit --no-fund --silent
	$(PY) infra/setup/fetch_static.py
	touch $@
