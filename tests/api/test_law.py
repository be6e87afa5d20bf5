"""What programs say of prices and markets for the law, and what they are answered."""

from __future__ import annotations

from typing import Any

import pytest

from console.prices.rules.packs import pack
from tests.api.conftest import Caller
from tests.api.contract import check
from tests.api.test_story import begun, goods

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
UK = {
    "name": "Britain",
    "zone": "Europe/London",
    "currency": "EUR",
    "countries": ["GB"],
    "pack": "uk",
}
GERMANY = UK | {"name": "Germany", "countries": ["DE"], "pack": "eu"}


def claims(found: Any) -> list[Any]:
    return next(part for part in found["sections"] if part["key"] == "claims")["checks"]


def test_a_program_says_whom_a_price_is_for_and_reads_what_must_be_told(
    merchant: Caller,
) -> None:
    plan = begun(merchant, price_kind="personal")
    assert (plan["price_kind"], plan["up_to_percent"]) == ("personal", None)
    goods("A")
    path = f"/campaigns/{plan['code']}"
    line = {"sku": "A", "sale_price": "70.00", "units": 10}
    check(merchant.post(f"{path}/lines", line))
    (found,) = claims(check(merchant.get(f"{path}/verdict")))
    assert "eu.scope" in found["text"] and found["tone"] == "warn"
    assert found["cites"] == pack("eu").rule("scope").text


def test_a_program_names_an_up_to_that_too_few_items_reach(
    merchant: Caller, approver: Caller
) -> None:
    check(approver.put("/markets/UK", UK))
    plan = begun(merchant, up_to_percent=50)
    goods("A")
    path = f"/campaigns/{plan['code']}"
    line = {"sku": "A", "sale_price": "70.00", "units": 10}
    check(merchant.post(f"{path}/lines", line))
    found = claims(check(merchant.get(f"{path}/verdict")))
    (bad,) = [one for one in found if one["tone"] == "bad"]
    assert "uk.up_to" in bad["text"] and "0 of 1 items reach 50%" in bad["text"]
    assert bad["overridable"] and bad["cites"] == pack("uk").rule("up_to").text
    tried = check(merchant.post(f"{path}/verdict", {"up_to_percent": 30}))
    assert not [one for one in claims(tried) if one["tone"] == "bad"]


@pytest.mark.parametrize("terms,field", [
    ({"price_kind": "secret"}, "price_kind"),
    ({"up_to_percent": 100}, "up_to_percent"),
    ({"up_to_percent": 0}, "up_to_percent"),
])  # fmt: skip
def test_what_cannot_be_said_is_refused_at_its_field(
    merchant: Caller, terms: dict[str, Any], field: str
) -> None:
    plan = begun(merchant)
    said = terms | {"version": plan["version"]}
    answer = merchant.patch(f"/campaigns/{plan['code']}", said)
    assert check(answer)["field"] == field
    assert answer.status_code == 422


def test_a_program_adopts_the_options_of_a_member_state(approver: Caller) -> None:
    adopted = GERMANY | {"options": ["perishable", "new_arrival"]}
    made = check(approver.put("/markets/DE", adopted))
    assert made["options"] == ["new_arrival", "perishable"]
    seen = GERMANY | {"version": made["version"]}
    wrong = approver.put("/markets/DE", seen | {"options": ["countdown"]})
    assert (wrong.status_code, check(wrong)["field"]) == (422, "options")
    assert check(approver.get("/markets"))[0]["options"] == made["options"]
    assert check(approver.put("/markets/DE", seen))["options"] == []
