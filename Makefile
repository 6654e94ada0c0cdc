# make run   the bot (a sandbox in the browser, until .env names your groups)
# make test  every check: lint, types, tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint types lock bench
run: .venv/run.done
	$(BIN)/python bot.py

test: lint types
	$(BIN)/python -m pytest

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.done
	$(BIN)/pyright

.venv/run.done: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/dev.done: requirements-dev.lock .venv/run.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# The lock files name versions and hashes, no hosts; run is a part of dev. Needs uv.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url
lock:
	$(LOCK) --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock pyproject.toml -o requirements.lock
