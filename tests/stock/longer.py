"""Tests that `make soak` runs in a longer form beside the one of `make test`."""

from __future__ import annotations

import pytest


def short_and_long(name: str, short: object, long: object) -> pytest.MarkDecorator:
    """Run a test with one value each time, and with another when it soaks."""
    return pytest.mark.parametrize(
        name,
        [
            pytest.param(short, id="short"),
            pytest.param(long, id="long", marks=pytest.mark.soak),
        ],
    )
