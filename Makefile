.PHONY: check test

check:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/lint-imports && .venv/bin/mypy

test:
	.venv/bin/python -m pytest
