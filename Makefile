# Two commands matter: `make demo` and `make test`. Everything they need, `make setup` installs.
PYTHON ?= python3
PY := .venv/bin/python
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: drill setup demo demo-reset test check bench shots doctor messages lock clean

setup: .venv/.complete

.venv/.complete: requirements-dev.lock config/setup.py
	$(PYTHON) config/setup.py
	@touch $@

demo: setup
	$(PY) manage.py demo

demo-reset: setup
	$(PY) manage.py demo --reset

doctor: setup
	$(PY) manage.py doctor

test: setup
	$(PY) -m config.suite

check: setup
	$(PY) -m ruff check --quiet .
	$(PY) -m ruff format --check --quiet .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py programmes lint
	$(PY) manage.py programmes prove
	$(PY) manage.py programmes pages --check
	$(PY) manage.py messages --check
	$(PY) manage.py migrations
	$(PY) manage.py asvs --check

bench: setup
	$(PY) -m bench.acts
	$(PY) -m bench.batches
	$(PY) -m bench.certificates
	$(PY) -m bench.deadlines
	$(PY) -m bench.issuing
	$(PY) -m bench.ledger
	$(PY) -m bench.outbox
	$(PY) -m bench.rules
	$(PY) -m bench.wall

# Breaks things on purpose in installations of their own; takes some minutes.
drill: setup
	$(PY) manage.py drill crash
	$(PY) manage.py drill restore
	$(PY) manage.py drill storm --cases 10000 --kills 50
	$(PY) manage.py drill hang
	$(PY) manage.py drill broker
	$(PY) manage.py drill mail
	$(PY) manage.py drill diskfull
	$(PY) manage.py drill nobeat
	$(PY) -m config.drills.onpostgres pgcrash
	$(PY) -m config.drills.onpostgres hang
	$(PY) -m config.drills.onpostgres storm --cases 10000 --kills 50

shots: setup
	$(PY) -m bench.shots

messages: setup
	$(PY) manage.py messages

lock:
	.venv/bin/uv pip compile --quiet --generate-hashes --extra production pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --generate-hashes --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv var shots .mypy_cache .ruff_cache .import_linter_cache .hypothesis
