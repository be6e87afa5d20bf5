"""Every address states who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.access import access_table
from console.shell import policy
from tests import make

SAMPLES = {
    "int": 1,
    "string": "x",
    "slug": "x",
    "path": "x",
    "uuid": UUID(int=1),
    # parts of a regex, by their names
    "form": "csv",
    "act": "topup",
    "code": "FS-1",
}


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


def _addresses(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, str]]:
    """Every name with an address of that shape; what it names need not exist."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name}"
            yield name, reverse(name, kwargs=_values(pattern))


def _values(of: URLPattern) -> dict[str, object]:
    """A value of the right shape for each part; a part of a regex has no kind."""
    kinds = of.pattern.converters
    names = {key: type(kind).__name__ for key, kind in kinds.items()}
    return {
        key: SAMPLES[names.get(key, key).removesuffix("Converter").lower()]
        for key in of.pattern.regex.groupindex
    }


def _turned_away(client: Client, address: str) -> bool:
    reply = client.get(address)
    login = reply.status_code == 302 and "/account/login/" in reply["Location"]
    return reply.status_code in {401, 403} or login


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*policy.Role, "no role", "nobody"])
def test_every_address_lets_in_whom_the_matrix_says(client: Client, role: str) -> None:
    held = {role} & set(policy.Role)
    signs_in = held - {policy.Role.SERVICE}
    if role != "nobody":
        person = make.user(*held)
        person.set_password("to confirm who it is")
        person.save()
        client.force_login(person)
    client.raise_request_exception = False
    table, wrong = access_table(), []
    for name, address in sorted(_addresses(get_resolver())):
        need = table[name]
        allowed = need == policy.PUBLIC or bool(
            signs_in if need == policy.LOGIN else policy.MATRIX[need] & signs_in
        )
        if name != "account_logout" and _turned_away(client, address) == allowed:
            wrong.append(f"{address} ({need})")
    assert wrong == []
