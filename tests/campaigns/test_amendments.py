"""Proposing and deciding about amendments: four eyes, one base, nothing half done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Approval, Campaign, Line
from console.campaigns.operations import Change, Wish
from console.campaigns.rules import (
    AmendmentDecided,
    AuthorCannotApprove,
    BadLine,
    ContentChanged,
    CountdownPromised,
    NotAllowedYet,
    NothingToAmend,
    ReasonMissing,
    SalePriceAboveList,
    WrongState,
)
from console.runbook.models import Step
from console.stock.models import Allocation
from console.stock.rules import NotEnoughStock
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale() -> Campaign:
    """An armed sale of A and B, with C beside it."""
    made = make.campaign(lines=0)
    for code in ("A", "B"):
        make.line(made, author=made.author, code=code)
    make.level(make.sku("C"))
    made = campaigns.submit(made.code, actor=made.author, now=NOW)
    return campaigns.approve(
        made.code, content_hash=made.content_hash, actor=make.user("approver"), now=NOW
    )


def propose(sale: Campaign, *lines: Wish, **change: Any) -> Amendment:
    return campaigns.propose(
        sale.code, Change(lines, **change), actor=sale.author, now=NOW
    )


def approve(made: Amendment, **changes: Any) -> Amendment:
    said = {"content_hash": made.content_hash, "now": NOW} | changes
    said.setdefault("actor", make.user("approver"))
    return campaigns.approve_amendment(made.pk, **said)


CHEAPER = Wish("A", sale_price=Decimal(60))


def test_an_approved_amendment_is_what_the_sale_says(sale: Campaign) -> None:
    before = sale.content_hash
    made = propose(
        sale,
        CHEAPER,
        Wish("B", remove=True),
        Wish("C", sale_price=Decimal(50), units=5),
        closes_local=sale.closes_local + timedelta(hours=1),
    )
    assert Line.objects.count() == 2, "proposing changes nothing"
    assert sale.lines.get(sku__code="A").sale_price == 70
    made = approve(made)
    assert made.state == "applied"
    rows = sale.lines.values_list("sku__code", "sale_price", "units")
    assert set(rows) == {("A", Decimal(60), 10), ("C", Decimal(50), 5)}
    sale.refresh_from_db()
    assert sale.content_hash != before
    assert sale.closes_at - sale.opens_at == timedelta(hours=3)
    assert Step.objects.get(kind="campaigns.end").due_at == sale.closes_at
    locked = Allocation.objects.filter(returned_at=None)
    assert set(locked.values_list("sku__code", "quantity")) == {("A", 10), ("C", 5)}
    kinds = list(Approval.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["approve", "amend"]
    assert Entry.objects.order_by("-position")[0].verb == "campaign.amend"
    campaigns.warm(sale.code, actor=None, now=NOW)


def test_the_trail_says_change_where_the_end_stays(sale: Campaign) -> None:
    approve(propose(sale, CHEAPER))
    assert Approval.objects.order_by("-pk")[0].kind == "change"


def test_who_proposed_it_does_not_approve_it(sale: Campaign) -> None:
    made = propose(sale, CHEAPER)
    with pytest.raises(AuthorCannotApprove):
        approve(made, actor=sale.author)


def test_another_hash_is_refused(sale: Campaign) -> None:
    with pytest.raises(ContentChanged):
        approve(propose(sale, CHEAPER), content_hash="0" * 64)


def test_a_change_of_the_sale_voids_it(sale: Campaign) -> None:
    made = propose(sale, CHEAPER)
    later = sale.closes_local + timedelta(hours=1)
    campaigns.extend(sale.code, closes_local=later, actor=sale.author, now=NOW)
    with pytest.raises(ContentChanged):
        approve(made)
    assert sale.lines.get(sku__code="A").sale_price == 70


def test_an_applied_amendment_voids_those_beside_it(sale: Campaign) -> None:
    first, second = propose(sale, CHEAPER), propose(sale, Wish("B", units=20))
    approve(first)
    second.refresh_from_db()
    assert (second.state, second.answer != "") == ("withdrawn", True)
    with pytest.raises(AmendmentDecided):
        approve(second)


@pytest.mark.parametrize(
    "lines,refusal",
    [
        ((), NothingToAmend),
        ((Wish("A", sale_price=Decimal(70)),), NothingToAmend),
        ((Wish("A", remove=True), Wish("B", remove=True)), NothingToAmend),
        ((Wish("D", units=3),), BadLine),
        ((Wish("C", sale_price=Decimal(5)),), BadLine),
        ((Wish("A", sale_price=Decimal(100)),), SalePriceAboveList),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(
    sale: Campaign, lines: tuple[Wish, ...], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        propose(sale, *lines)
    assert not Amendment.objects.exists()


def test_the_list_price_of_a_line_stays_and_that_of_a_new_one_is_said(
    sale: Campaign,
) -> None:
    dear, same = Wish("A", regular_price=Decimal(400)), Decimal(100)
    with pytest.raises(BadLine, match=r"^A: its list price stays while") as refused:
        propose(sale, dear)
    assert refused.value.field == "regular_price"
    assert refused.value.detail == {"sku": "A"}
    kept = Wish("A", sale_price=Decimal(60), regular_price=same)
    new = Wish("C", sale_price=Decimal(50), units=5, regular_price=Decimal(90))
    approve(propose(sale, kept, new))
    rows = sale.lines.values_list("sku__code", "regular_price")
    assert set(rows) == {("A", same), ("B", same), ("C", Decimal(90))}


def test_only_an_armed_or_running_sale_is_amended() -> None:
    draft = make.campaign()
    with pytest.raises(WrongState):
        propose(draft, CHEAPER)


def test_a_price_that_newly_breaks_a_guard_is_shown_and_refused(sale: Campaign) -> None:
    made = propose(sale, Wish("A", sale_price=Decimal(8)))
    assert made.verdict[0][0] == "bad"
    with pytest.raises(NotAllowedYet):
        approve(made)
    assert sale.lines.get(sku__code="A").sale_price == 70


def test_a_longer_end_that_breaks_the_policy_is_refused() -> None:
    people = make.audience(min_gap_days=1, gap_counts="rolling")
    first = make.armed(of=people, opens_at=NOW + timedelta(hours=4), hours=2)
    make.armed(of=people, opens_at=NOW + timedelta(hours=31), hours=2)
    made = propose(first, closes_local=first.closes_local + timedelta(hours=3))
    assert made.verdict
    with pytest.raises(NotAllowedYet):
        approve(made)


def test_more_units_than_there_are_change_nothing(sale: Campaign) -> None:
    made = propose(sale, Wish("A", units=500))
    assert any("short" in text for _, text in made.verdict)
    with pytest.raises(NotAllowedYet):
        approve(made)
    with pytest.raises(NotEnoughStock), transaction.atomic():
        campaigns.amendments.amended.alter_stock(
            sale, made.changes, actor=sale.author, now=NOW
        )
    assert Allocation.objects.get(sku__code="A").quantity == 10


def test_a_shown_countdown_stands_until_somebody_accepts(sale: Campaign) -> None:
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(sale.code, actor=None, now=NOW)
    later = sale.closes_local + timedelta(hours=1)
    with pytest.raises(CountdownPromised) as refused:
        propose(sale, closes_local=later)
    assert refused.value.field == "countdown"
    assert approve(propose(sale, closes_local=later, countdown=True)).state == "applied"


def test_turning_down_needs_a_reason_and_taking_back_does_not(sale: Campaign) -> None:
    made, lena = propose(sale, CHEAPER), make.user("approver")
    with pytest.raises(ReasonMissing):
        campaigns.reject_amendment(made.pk, reason=" ", actor=lena, now=NOW)
    campaigns.reject_amendment(made.pk, reason="Too deep", actor=lena, now=NOW)
    with pytest.raises(AmendmentDecided):
        campaigns.withdraw_amendment(made.pk, actor=sale.author, now=NOW)
    other = propose(sale, CHEAPER)
    campaigns.withdraw_amendment(other.pk, actor=sale.author, now=NOW)
    states = list(Amendment.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["rejected", "withdrawn"]


@pytest.mark.parametrize(
    "constraint,values",
    [
        ("amendment_state_is_known", {"state": "odd"}),
        ("amendment_refused_with_a_reason", {"state": "rejected", "answer": ""}),
        ("amendment_decided_by_somebody", {"state": "applied", "decided_by": None}),
        ("amendment_has_four_eyes", {"decided_by": "proposer"}),
        ("amendment_number_once", {"number": 2}),
        ("amendment_one_for_each_base", {"base_version": 2}),
    ],
)
def test_the_database_refuses(
    sale: Campaign, constraint: str, values: dict[str, Any]
) -> None:
    made = approve(propose(sale, CHEAPER))
    approve(propose(sale, Wish("A", sale_price=Decimal(65))))
    Amendment.objects.filter(number=2).update(base_version=2)
    if values.get("decided_by") == "proposer":
        values = {"decided_by": made.proposed_by}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Amendment.objects.filter(pk=made.pk).update(**values)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_approver_gives_no_more_off_by_an_amendment_than_by_a_plan(
    sale: Campaign,
) -> None:
    deep = propose(sale, Wish("A", sale_price=Decimal(25)))
    with pytest.raises(NotAllowedYet, match="75% off A is more than your role"):
        approve(deep)
    assert Line.objects.get(campaign=sale, sku__code="A").sale_price == 70


def test_an_amendment_adds_no_risk_that_takes_more_people_than_stand_behind_it(
    sale: Campaign,
) -> None:
    deep = propose(sale, Wish("A", sale_price=Decimal(24)))
    with pytest.raises(NotAllowedYet, match="takes 3 approvers, and 2 would stand"):
        approve(deep, actor=make.user("admin"))
    two = propose(sale, Wish("A", sale_price=Decimal(45)))
    assert approve(two, actor=make.user("admin")).state == "applied"


def test_an_end_in_the_hour_shown_twice_says_which(sale: Campaign) -> None:
    made = propose(sale, closes_local=sale.closes_local + timedelta(hours=1), fold=1)
    approve(made)
    assert Campaign.objects.get(pk=sale.pk).closes_fold == 1
