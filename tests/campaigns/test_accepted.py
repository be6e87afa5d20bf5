"""What an approval passed over stays passed over while the plan itself is changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign, Freeze
from console.campaigns.operations import Wish
from console.campaigns.rules import State
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_amendments import approve, propose
from tests.campaigns.test_law import of_items
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HOUR = timedelta(hours=1)


def frozen(start: datetime, end: datetime, name: str = "ERP migration") -> Freeze:
    return campaigns.freeze(
        name, starts_at=start, ends_at=end, actor=make.user("operator"), now=NOW
    )


def overridden(draft: Campaign) -> Campaign:
    """Armed by as many people as it takes, for a reason its author gave."""
    sent = campaigns.submit(
        draft.code, actor=draft.author, now=NOW, override="The ERP team agrees"
    )
    while sent.state == State.IN_REVIEW:
        sent = campaigns.approve(
            sent.code, content_hash=sent.content_hash, actor=make.user("approver"),
            now=NOW,
        )  # fmt: skip
    assert sent.state == State.ARMED
    return sent


def longer(one: Campaign) -> None:
    later = one.closes_local + HOUR
    campaigns.extend(one.code, closes_local=later, actor=make.user("operator"), now=NOW)


def reprice(one: Campaign, amount: int) -> None:
    """Another price of its first product, proposed by one and approved by another."""
    code = one.lines.order_by("pk")[0].sku.code
    one.refresh_from_db()
    assert approve(propose(one, Wish(code, sale_price=Decimal(amount)))).pk


def suspended(one: Campaign) -> str:
    """Why it may not open by now."""
    return campaigns.recheck(one.code, now=NOW).suspended_why


@pytest.fixture
def one() -> Campaign:
    """An armed sale of two products that opens in a freeze, and outlasts it."""
    draft = make.campaign(lines=2)
    assert draft.opens_at
    frozen(draft.opens_at - HOUR, draft.opens_at + HOUR)
    return overridden(draft)


def test_an_extension_keeps_what_the_approval_passed_over(one: Campaign) -> None:
    longer(one)
    assert suspended(one) == ""
    campaigns.warm(one.code, actor=None, now=NOW)
    assert campaigns.ready(one.code, actor=None, now=NOW).state == State.READY


def test_so_does_an_amendment_of_prices_and_one_of_the_end(one: Campaign) -> None:
    reprice(one, 65)
    assert suspended(one) == ""
    one.refresh_from_db()
    approve(propose(one, closes_local=one.closes_local + HOUR))
    longer(Campaign.objects.get(pk=one.pk))
    assert suspended(one) == ""
    campaigns.warm(one.code, actor=None, now=NOW)
    assert campaigns.ready(one.code, actor=None, now=NOW).state == State.READY


def test_a_new_freeze_suspends_though_it_sounds_like_the_old_one(
    one: Campaign,
) -> None:
    assert one.opens_at
    longer(one)
    held = frozen(one.opens_at, one.opens_at + HOUR)
    assert suspended(one) == "Frozen until Sat 28 Nov, 01:00: ERP migration"
    campaigns.lift(held.pk, actor=make.user("operator"), now=NOW)
    assert suspended(one) == ""


def test_an_extension_does_not_accept_a_freeze_that_came_later(one: Campaign) -> None:
    assert one.opens_at
    frozen(one.opens_at, one.opens_at + HOUR / 2, "Stocktaking")
    longer(one)
    reprice(one, 65)
    assert "Stocktaking" in suspended(one)


@pytest.mark.parametrize("side", ["starts_at", "ends_at"])
def test_a_freeze_that_is_widened_suspends(one: Campaign, side: str) -> None:
    by = -HOUR if side == "starts_at" else HOUR / 2
    Freeze.objects.update(**{side: F(side) + by})
    assert "ERP migration" in suspended(one)


def test_taken_back_and_approved_without_it_the_plan_is_suspended() -> None:
    """What an earlier round passed over counts in that round only."""
    draft = make.campaign()
    assert draft.opens_at
    held = frozen(draft.opens_at, draft.opens_at + HOUR)
    first = overridden(draft)
    campaigns.withdraw(first.code, actor=first.author, now=NOW)
    campaigns.lift(held.pk, actor=make.user("operator"), now=NOW)
    sent = campaigns.submit(first.code, actor=first.author, now=NOW)
    again = campaigns.approve(
        sent.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )
    Freeze.objects.update(lifted_at=None)
    assert "ERP migration" in suspended(again)


def test_advice_that_was_passed_over_stays_so_with_other_prices() -> None:
    market("UK", "GB", pack="uk")
    one = overridden(of_items(1, up_to_percent=50))
    assert suspended(one) == ""
    longer(one)
    reprice(one, 60)  # 0 of 25 items reach it by now: the sentence is another
    assert suspended(one) == ""


def cheaper_lists(one: Campaign, to: int = 60) -> None:
    """The shop lists every product of it below its sale price."""
    skus = one.lines.values("sku_id")
    Sku.objects.filter(pk__in=skus).update(regular_price=Decimal(to))


def taken_at_approval(lines: int = 5) -> Campaign:
    """An armed sale whose approver saw that the list prices had fallen."""
    sent = make.submitted(lines=lines)
    cheaper_lists(sent)
    return campaigns.approve(
        sent.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )


def test_list_prices_that_were_accepted_stay_so_however_many_there_are() -> None:
    one = taken_at_approval()
    assert suspended(one) == ""
    longer(one)
    one.refresh_from_db()
    first = one.lines.order_by("sku__code")[0].sku.code
    approve(propose(one, Wish(first, remove=True)))
    assert suspended(one) == ""
    cheaper_lists(one, 55)
    assert suspended(one).endswith("1 more like these")


def test_an_amendment_accepts_the_list_prices_of_what_it_reprices_only() -> None:
    one = make.armed(lines=2)
    cheaper_lists(one)
    reprice(one, 65)
    first, second = one.lines.order_by("pk")
    assert suspended(one) == (
        f"{second.sku.code}: the list price is 60.00, not above the sale price of 70.00"
    )
    assert first.sale_price == 65


def test_a_broken_glass_passes_over_a_freeze_for_good() -> None:
    sent = make.submitted()
    assert sent.opens_at
    frozen(sent.opens_at, sent.opens_at + HOUR)
    boss = make.user("commander")
    one = campaigns.break_glass(
        sent.code, content_hash=sent.content_hash, reason="All ill", typed=sent.code,
        actor=boss, now=NOW,
    )  # fmt: skip
    longer(one)
    assert suspended(one) == ""


def test_a_glass_broken_by_who_had_approved_passes_over_it_too() -> None:
    """Their approval was noted before the freeze came, and is noted once only."""
    boss = make.user("admin")
    draft = make.campaign()
    draft.lines.update(sale_price=45)
    sent = campaigns.submit(draft.code, actor=draft.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "actor": boss, "now": NOW}
    assert campaigns.approve(sent.code, **seen).state == State.IN_REVIEW
    assert sent.opens_at
    frozen(sent.opens_at, sent.opens_at + HOUR)
    one = campaigns.break_glass(
        sent.code, reason="All ill", typed=sent.code, **seen
    )  # fmt: skip
    longer(one)
    assert suspended(one) == ""
    frozen(sent.opens_at, sent.opens_at + HOUR, "Stocktaking")
    assert "Stocktaking" in suspended(one)


@pytest.mark.parametrize("extended", [False, True])
def test_approvals_noted_before_there_were_keys_hold_by_their_sentences(
    extended: bool,
) -> None:
    draft = make.campaign(lines=5)
    assert draft.opens_at
    frozen(draft.opens_at, draft.opens_at + HOUR)
    cheaper_lists(draft)
    one = overridden(draft)
    lists = [f"{line.sku.code}: the list price is 60.00, not above the sale price of "
             "70.00" for line in one.lines.order_by("sku__code")[:3]]  # fmt: skip
    for row in Approval.objects.all():
        row.verdict = {key: value for key, value in row.verdict.items()
                       if key in ("blockers", "warnings")}  # fmt: skip
        row.verdict["accepted"] = [*lists, "2 more like these"]
        row.save()
    if extended:
        longer(one)
    assert suspended(one) == ""
