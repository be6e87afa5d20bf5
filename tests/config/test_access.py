"""Every address states who may open it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from config.access import access_table
from console.shell import policy


def _names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_every_address_is_listed_and_nothing_else_is() -> None:
    assert set(_names(get_resolver())) == set(access_table())


@pytest.mark.parametrize("name,need", sorted(access_table().items()))
def test_every_permission_is_on_the_matrix(name: str, need: str) -> None:
    assert need in {policy.PUBLIC, policy.LOGIN, *policy.MATRIX}, name
