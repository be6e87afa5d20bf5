"""What a decision must be told, told empty."""

from __future__ import annotations

import pytest

from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.mark.parametrize(
    "verb,field", [("approve", "content_hash"), ("reject", "reason")]
)
def test_what_must_be_said_may_not_be_said_empty(
    approver: Caller, verb: str, field: str
) -> None:
    plan = make.submitted()
    reply = approver.post(f"/campaigns/{plan.code}/{verb}", {field: ""})
    assert reply.status_code in (409, 422), reply.content
    assert check(reply)["code"] in ("content_changed", "reason_missing")
    plan.refresh_from_db()
    assert plan.state == "in_review"
