"""Whatever is sent, the answer is an answer: never broken, always as described."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests import make
from tests.api.conftest import BASE, Caller, caller
from tests.api.contract import check
from tests.api.test_description import api
from tests.examples import examples

pytestmark = pytest.mark.django_db
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
TOLD = api.get_openapi_schema()
SCHEMAS = TOLD["components"]["schemas"]


def _fields(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    for one in (schema, *schema.get("anyOf", [])):
        if "$ref" in one:
            return sorted(SCHEMAS[one["$ref"].rpartition("/")[2]]["properties"])
    return []


CALLS = [
    (method.upper(), path.removeprefix(BASE), _fields(one),
     [p["name"] for p in one["parameters"] if p["in"] == "query"])
    for path, methods in TOLD["paths"].items()
    for method, one in methods.items()
    if "multipart/form-data" not in str(one.get("requestBody"))
]  # fmt: skip
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from(["2026-12-01T20:00:00", "2026-12-01", "9" * 40, "-1", "1e400"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(data=st.data())
@examples(60, SLOW)
def test_nonsense_is_refused_as_described(data: Any) -> None:
    admin = caller("admin")
    code = make.campaign(lines=0).code
    method, path, fields, queries = data.draw(st.sampled_from(CALLS))
    path = path.replace("{code}", code)
    number = data.draw(st.sampled_from(["0", "1", "9" * 18]))
    path = re.sub(r"{(\w+)}", number, path)
    asked = {name: data.draw(junk) for name in queries if data.draw(st.booleans())}
    body = {name: data.draw(junk) for name in fields if data.draw(st.booleans())}
    reply = _send(admin, method, path, asked, body)
    assert reply.status_code < 500
    if reply.status_code != 405:
        check(reply)


def _send(
    admin: Caller, method: str, path: str, asked: dict[str, Any], body: dict[str, Any]
) -> Any:
    from urllib.parse import urlencode

    query = urlencode({k: str(v) for k, v in asked.items()}, errors="replace")
    return admin.send(method, f"{path}?{query}", None if method == "GET" else body)
