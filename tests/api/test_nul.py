"""No text holds a NUL: it is refused by its field, wherever a program may send text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import make
from tests.api.conftest import BASE, Caller, caller
from tests.api.test_description import api

pytestmark = pytest.mark.django_db
TOLD = api.get_openapi_schema()
SCHEMAS = TOLD["components"]["schemas"]
NUL = "a\0b"


def _kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """A shape, or each of those it may be, without references."""
    if "$ref" in schema:
        return _kinds(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return [kind for one in schema["anyOf"] for kind in _kinds(one)]
    return [schema]


def _bad(schema: dict[str, Any]) -> list[tuple[Any, str]]:
    """Values with one NUL each, and the field that has it."""
    found: list[tuple[Any, str]] = []
    for kind in _kinds(schema):
        if kind.get("type") == "string":
            found.append((NUL, ""))
        if kind.get("type") == "array":
            found += [([one], f"0.{field}") for one, field in _bad(kind["items"])]
        for name, one in kind.get("properties", {}).items():
            found += [({name: v}, f"{name}.{field}") for v, field in _bad(one)]
    return found


OPERATIONS = [
    (method.upper(), path.removeprefix(BASE), one)
    for path, methods in TOLD["paths"].items()
    for method, one in methods.items()
]
BODIES = [
    (method, path, body, field.rstrip("."))
    for method, path, one in OPERATIONS
    for kind, content in one.get("requestBody", {}).get("content", {}).items()
    if kind == "application/json"
    for body, field in _bad(content["schema"])
]
ASKED = [
    (method, path, said["name"])
    for method, path, one in OPERATIONS
    for said in one["parameters"]
    if said["in"] == "query"
]
CODES = [(method, path) for method, path, _ in OPERATIONS if "{code}" in path]


@pytest.fixture
def admin() -> Caller:
    return caller("admin")


def _address(path: str, code: str) -> str:
    return re.sub(r"{\w+}", "1", path.replace("{code}", code))


def _refused(reply: Any, field: str, where: str) -> None:
    assert reply.status_code == 422, (where, field, reply.status_code)
    told = reply.json()
    assert (told["code"], told["field"]) == ("nul_in_text", field), where
    assert told["detail"].startswith(f"{field} has a NUL character")


def test_a_nul_in_any_text_of_any_body_is_refused(admin: Caller) -> None:
    code = make.campaign(lines=0).code
    assert len(BODIES) > 100
    for method, path, body, field in BODIES:
        reply = admin.send(method, _address(path, code), body)
        _refused(reply, field, f"{method} {path}")


def test_a_nul_in_any_parameter_is_refused(admin: Caller) -> None:
    code = make.campaign(lines=0).code
    assert {"q", "market", "audience"} <= {name for _, _, name in ASKED}
    for method, path, name in ASKED:
        reply = admin.send(method, f"{_address(path, code)}?{name}=a%00b")
        _refused(reply, name, f"{method} {path}")


def test_a_nul_in_the_code_of_an_address_is_refused(admin: Caller) -> None:
    for method, path in CODES:
        reply = admin.send(method, _address(path, "a%00b"))
        _refused(reply, "code", f"{method} {path}")


def test_a_body_of_many_levels_is_refused_and_breaks_nothing(admin: Caller) -> None:
    deep: Any = "a"
    for _ in range(800):
        deep = [deep]
    reply = admin.post("/freezes", {"name": deep})
    assert (reply.status_code, reply.json()["code"]) == (422, "bad_input")
