# The two commands are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UP_ARGS ?=

.PHONY: help run test check smoke soak screens rooms bench pins

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/ready  ## install, start everything, print the address
	@exec $(BIN)/python manage.py up $(UP_ARGS)

test: .venv/ready-dev  ## install what the tests need and run them all
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

soak: .venv/ready-dev  ## the long forms of the tests, and of every property
	$(BIN)/python -m pytest -m 'soak or hypothesis' --hypothesis-profile soak

smoke: .venv/ready  ## play one short sale through the whole stack; prints one line of JSON
	@$(BIN)/python manage.py smoke

check: .venv/ready-dev  ## lint, types, layers, templates, migrations, deploy check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/python manage.py makemigrations --check --dry-run 2>/dev/null
	PUBLIC_URL=https://console.example.com SECRET_KEY=$$(head -c 48 /dev/urandom | base64) \
		$(BIN)/python -W ignore manage.py check --deploy --fail-level WARNING

# Installs a list of pins and tells how far it is; everything pip says is in the log.
define install
@echo "Installing $$(grep -c == $(1)) packages of $(1) (about half a minute)"
@set -o pipefail; $(BIN)/python -m pip install --progress-bar off \
	--disable-pip-version-check --require-hashes -r $(1) 2>&1 | tee .venv/pip.log | awk \
	'/^(Collecting|Processing|Ignoring)/ && ++n % 20 == 0 { print "  " n; fflush() } \
	/^Installing collected/ { print "  " n ", unpacking"; fflush() }' || \
	{ grep ERROR .venv/pip.log; echo "pip failed; the rest is in .venv/pip.log"; exit 1; }
endef

BENCHES := pages planning runbook stock uplift

bench: $(BENCHES:%=bench-%)  ## every bench, one JSON line a figure

bench-%: .venv/ready-dev
	@$(BIN)/python -m bench.$*

bench-stock: .venv/ready-dev
	@$(MAKE) -s --no-print-directory .venv-peers/ready || \
		echo "django-oscar could not be installed; its figures are left out." >&2
	@$(BIN)/python -m bench.stock

screens: .venv/ready-dev  ## write docs/screens/*.png from a running demo
	@$(BIN)/python -m tests.screens

rooms: .venv/ready-dev  ## write docs/rooms.md from the files' own docstrings
	@$(BIN)/python -m tests.rooms

pins:  ## pin every dependency with its hash (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes bench/peers/requirements.in -o bench/peers/requirements.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=…"; exit 1; }
	@echo "Creating .venv"
	@$(PYTHON) -m venv .venv || \
		{ echo "Python's venv module is missing: install python3-venv"; rm -rf .venv; exit 1; }

# The peer of `make bench-stock`; nothing of ours is installed beside it.
.venv-peers/ready: bench/peers/requirements.txt
	@echo "Installing $$(grep -c == $<) packages of $<, to measure beside them"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r $<
	@touch $@

.venv/ready: requirements.txt | .venv/bin/python
	$(call install,requirements.txt)
	@touch $@

.venv/ready-dev: requirements-dev.txt | .venv/bin/python
	$(call install,requirements-dev.txt)
	@touch $@ .venv/ready
