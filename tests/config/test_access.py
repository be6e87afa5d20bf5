"""Every address states who may open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from config.access import access_table
from console.shell import policy
from tests import make

ROLES = [*policy.Role, "no role", "nobody"]
SIGN_IN = set(policy.Role) - {policy.Role.SERVICE}
# Whoever asks for no page is refused in a line of JSON, sooner than a page is drawn.
BRIEFLY = {"Accept": "application/json"}
SAMPLES = {
    "int": 1,
    "string": "x",
    "slug": "x",
    "path": "x",
    "uuid": UUID(int=1),
    # parts of a regex, by their names
    "form": "csv",
    "act": "topup",
    "turn": "stop",
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


class Arrived:
    """The last of the middlewares: answers 204 in the place of every view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, *_: object) -> HttpResponse:
        return HttpResponse(status=204)


@cache
def _asked() -> list[tuple[str, str, str]]:
    """Every name with its address and what that needs."""
    table = access_table()
    return [(name, at, table[name]) for name, at in sorted(_addresses(get_resolver()))]


def _allowed(role: str, need: str) -> bool:
    held = {role} & SIGN_IN
    if need == policy.LOGIN:
        return bool(held)
    return need == policy.PUBLIC or bool(policy.MATRIX[need] & held)


def _least(need: str) -> set[str]:
    """Of those let in, whoever can do least: nobody else can do less than all these."""
    if need == policy.PUBLIC:
        return {"no role", "nobody"}
    return (
        {policy.Role.VIEWER} if need == policy.LOGIN else policy.MATRIX[need] & SIGN_IN
    )


def _signed_in(client: Client, role: str) -> Client:
    """What breaks is not what is asked here, so nothing is raised."""
    client.raise_request_exception = False
    if role != "nobody":
        person = make.user(*{role} & set(policy.Role))
        person.set_password("to confirm who it is")
        person.save()
        client.force_login(person)
    return client


def _turned_away(reply: Any) -> bool:
    login = reply.status_code == 302 and "/account/login/" in reply["Location"]
    return reply.status_code in {401, 403} or login


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_the_gatekeeper_lets_in_whom_the_matrix_says(
    client: Client, settings: Settings, role: str
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Arrived"]
    who, wrong = _signed_in(client, role), []
    for _, address, need in _asked():
        reply = who.get(address, headers=BRIEFLY)
        got = reply.status_code == 204
        if (got, _turned_away(reply)) != (_allowed(role, need), not got):
            wrong.append(f"{address} ({need})")
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*sorted(SIGN_IN), "no role", "nobody"])
def test_no_page_turns_away_whom_the_gatekeeper_lets_in(
    client: Client, role: str
) -> None:
    who = _signed_in(client, role)
    let_in = [
        address
        for name, address, need in _asked()
        if role in _least(need) and name != "account_logout"
    ]
    assert let_in
    assert [at for at in let_in if _turned_away(who.get(at, headers=BRIEFLY))] == []


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_address_lets_in_whom_the_matrix_says(client: Client, role: str) -> None:
    who = _signed_in(client, role)
    wrong = [
        f"{address} ({need})"
        for name, address, need in _asked()
        if name != "account_logout"
        and _turned_away(who.get(address)) == _allowed(role, need)
    ]
    assert wrong == []
