"""Fatigue by program: policies, versions, previews, dates, audiences."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from console.fatigue.models import Policy
from console.fatigue.rules import EACH_SKU
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check
from tests.campaigns.test_too_often import REST, policy, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def scope() -> int:
    return make.scope(make.audience("Everyone", min_gap_days=7)).pk


def test_a_policy_is_read_and_followed_by_a_version(
    approver: Caller, scope: int
) -> None:
    path = f"/fatigue/policies/{scope}"
    read = approver.get(path)
    assert check(read)["limits"]["min_gap_days"] == 7
    said = {"min_gap_days": 10, "reason": "They tire"}
    saved = check(approver.post(f"{path}/versions", said, If_Match=read["ETag"]))
    assert (saved["version"], saved["limits"]["min_gap_days"]) == (2, 10)
    assert saved["author"] == "ruth"
    told = check(approver.get(f"{path}/versions"))
    assert [one["version"] for one in told] == [2, 1]
    assert told[0]["changes"] == [{"what": "min gap days", "before": 7, "after": 10}]
    stale = approver.post(f"{path}/versions", said | {"version": 1})
    assert (stale.status_code, check(stale)["code"]) == (409, "stale_policy")
    blind = approver.post(f"{path}/versions", said)
    assert (blind.status_code, check(blind)["code"]) == (428, "version_missing")


def test_a_limit_that_cannot_be_is_named(approver: Caller, scope: int) -> None:
    path = f"/fatigue/policies/{scope}/versions"
    reply = approver.post(path, {"amber": 900, "version": 1, "reason": "x"})
    assert (reply.status_code, check(reply)["code"]) == (422, "bad_policy")
    reply = approver.post(path, {"colour": 1, "version": 1})
    assert check(reply)["field"] == "colour"
    assert Policy.objects.count() == 1


def test_quiet_days_are_entered_as_on_the_page(approver: Caller, scope: int) -> None:
    path = f"/fatigue/policies/{scope}/versions"
    said = {"quiet": "2026-12-24 to 2026-12-26 Christmas", "version": 1, "reason": "x"}
    saved = check(approver.post(path, said))
    assert saved["limits"]["quiet"][0]["name"] == "Christmas"


def test_a_preview_changes_nothing(merchant: Caller, scope: int) -> None:
    path = f"/fatigue/policies/{scope}/preview"
    found = check(merchant.post(path, {"min_gap_days": 30}))
    assert found["difference"] == "Same verdicts as the policy in force"
    assert Policy.objects.count() == 1


def test_a_date_is_judged(merchant: Caller) -> None:
    people = make.audience(min_gap_days=7)
    make.armed(of=people)
    path = f"/fatigue/policies/{make.scope(people).pk}/date"

    def ask(day: int) -> Any:
        when = (
            f"opens_at=2026-12-{day:02}T20:00:00Z&closes_at=2026-12-{day:02}T22:00:00Z"
        )
        return check(merchant.get(f"{path}?{when}"))

    near, far = ask(1), ask(20)
    assert (near["passes"], far["passes"]) == (False, True)
    assert near["reasons"] and near["earliest"] > "2026-12-01T20:00:00Z"


@pytest.mark.parametrize(
    ("opens", "closes", "field"),
    [
        ("2026-12-02T20:00:00Z", "2026-12-02T20:00:00Z", "closes_at"),
        ("0001-01-02T20:00:00Z", "2026-12-02T20:00:00Z", "opens_at"),
        ("2026-12-02T20:00:00Z", "9999-12-30T20:00:00Z", "closes_at"),
    ],
)
def test_a_window_no_sale_could_run_in_is_refused_by_name(
    merchant: Caller, scope: int, opens: str, closes: str, field: str
) -> None:
    path = f"/fatigue/policies/{scope}/date?opens_at={opens}&closes_at={closes}"
    said = check(merchant.get(path))
    assert (said["code"], said["field"]) == ("bad_window", field)


def test_scopes_and_audiences_are_added(approver: Caller) -> None:
    assert check(approver.post("/fatigue/start"))
    made = check(approver.post("/fatigue/audiences", {"name": "VIPs", "size": 40}))
    assert made == {"slug": "vips", "name": "VIPs", "size": 40}
    assert check(approver.get("/fatigue/audiences"))[0]["name"] == "VIPs"
    boots = check(
        approver.post("/fatigue/policies", {"kind": "category", "name": "Boots"})
    )
    assert (boots["version"], boots["label"]) == (1, "Boots")
    again = approver.post("/fatigue/policies", {"kind": "category", "name": "Boots"})
    assert check(again)["code"] == "bad_policy"
    wrong = approver.post("/fatigue/policies", {"kind": "moon"})
    assert check(wrong)["field"] == "kind"
    assert len(check(approver.get("/fatigue/policies"))) >= 4
    assert timezone.now()


def test_products_on_sale_too_often_are_told(merchant: Caller) -> None:
    path = "/calendar/too-often"
    assert check(merchant.get(path))["limited"] is False
    sold("FS-1", "A", days=1)
    sold("FS-2", "A", days=4)
    sold("FS-3", "A", days=6)
    policy(EACH_SKU, REST)
    found = check(merchant.get(f"{path}?most=1"))
    counts = [found[name] for name in ("sales", "products", "count")]
    assert (found["limited"], counts) == (True, [3, 1, 2])
    (one,) = found["items"]
    assert (one["sku"], one["campaign"], one["before"], one["rule"]) == (
        "A",
        "FS-2",
        "FS-1",
        "min_gap",
    )
    refused = merchant.get(f"{path}?most=0")
    assert (refused.status_code, check(refused)["field"]) == (422, "most")
