# make run     start the bot (a sandbox in the browser, while there is no .env)
# make test    every check: lint, types, tests
# make chaos   every delivery against every failure and kill -9, then random faults for CHAOS_MINUTES (an hour)
# make bench   measure everything that docs/benchmarks.md shows, and write it anew (under ten minutes)
# make pictures  draw the pictures in docs/ anew, the sandbox in Chromium included
# make docs    write docs/commands.md anew
# make lock    pin the dependencies anew (needs uv)
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run test lint types chaos bench pictures docs lock
run: .venv/run.done
	$(if $(wildcard .env)$(TALK_GROUPS),,SANDBOX=true TALK_FIRST_NUMBER=4 )$(BIN)/python bot.py

test: lint types
	$(BIN)/python -m pytest

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.done
	$(BIN)/pyright

chaos: .venv/dev.done
	CHAOS=1 $(BIN)/python -m pytest -n 0 -s tests/process/test_matrix.py tests/chat/test_chaos.py

bench: .venv/dev.done
	$(BIN)/python -m bench

pictures: .venv/dev.done
	$(BIN)/python -m tests.talk.worst_cases docs/pictures
	$(BIN)/python -m tests.process.sandbox_pictures docs

docs: .venv/dev.done
	$(BIN)/python -m tests.command_table docs/commands.md

.venv/run.done: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, for example: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP) -r requirements.lock
	touch $@

.venv/dev.done: requirements-dev.lock .venv/run.done
	$(PIP) -r requirements-dev.lock
	touch $@

# The lock files name versions and hashes, no hosts; what runs is a part of what tests.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url
lock:
	$(LOCK) --group dev --extra postgres pyproject.toml -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock pyproject.toml -o requirements.lock
	$(LOCK) -c requirements-dev.lock --extra postgres pyproject.toml -o requirements-postgres.lock
