"""Taking back the last change of a plan's lines: exactly, once, and not over others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Undo, UndoRow
from console.campaigns.operations import LineTerms, Terms
from console.campaigns.operations.amended import said as said_of
from console.campaigns.operations.amended import write_lines
from console.campaigns.operations.beside import Beside
from console.campaigns.operations.bundles import bring_in
from console.campaigns.operations.undoing import LinesMovedOn, UndoGone
from console.campaigns.rules import BadLine, LineChange, WrongState
from console.campaigns.rules.bundles import Row
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import Method
from tests import make
from tests.campaigns.sheetkit import applied, sheet
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
HALF = Pricing(Method.PERCENT_OFF_REGULAR, Decimal(50), Charm.NINES)


@pytest.fixture
def plan() -> Campaign:
    """A draft of A, B and C."""
    made = make.campaign(lines=0)
    for code in "ABC":
        make.line(made, author=made.author, code=code)
    return made


def said(plan: Campaign) -> list[Any]:
    names = (
        "sku__code",
        "sale_price",
        "units",
        "buffer",
        "price_confirmed",
        "position",
    )
    return list(plan.lines.order_by("position").values_list(*names))


def first(plan: Campaign) -> int:
    return plan.lines.get(sku__code="A").pk


CHANGES: dict[str, Callable[[Campaign], Any]] = {
    "set price": lambda plan: campaigns.set_price(
        plan.code, HALF, line_ids=None, actor=plan.author, now=NOW
    ),
    "set depth": lambda plan: campaigns.set_percent(
        plan.code,
        "depth",
        line_ids=[first(plan)],
        percent=Decimal(40),
        actor=plan.author,
        now=NOW,
    ),
    "remove": lambda plan: campaigns.remove_lines(
        plan.code, line_ids=[first(plan)], actor=plan.author, now=NOW
    ),
    "edit": lambda plan: campaigns.edit_line(
        first(plan), values=LineTerms(units=33), version=1, actor=plan.author, now=NOW
    ),
    "import": lambda plan: applied(plan, sheet("A,55,12,1", "B,70,10,0", "D,40,5,0")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_taken_back_exactly_and_once(plan: Campaign, name: str) -> None:
    make.level(make.sku("D"))
    before = said(plan)
    CHANGES[name](plan)
    assert said(plan) != before
    kept = Undo.objects.get()
    campaigns.undo(plan.code, kept.pk, actor=plan.author, now=NOW)
    assert said(plan) == before
    with pytest.raises(UndoGone):
        campaigns.undo(plan.code, kept.pk, actor=plan.author, now=NOW)
    assert not UndoRow.objects.exists()


@pytest.mark.parametrize("name", ["set price", "import"])
def test_it_is_refused_where_a_line_moved_on(plan: Campaign, name: str) -> None:
    make.level(make.sku("D"))
    CHANGES[name](plan)
    kept = Undo.objects.get()
    plan.lines.filter(sku__code="A").update(version=99)
    before = said(plan)
    with pytest.raises(LinesMovedOn) as refused:
        campaigns.undo(plan.code, kept.pk, actor=plan.author, now=NOW)
    assert "A was changed" in refused.value.message
    assert said(plan) == before


def test_it_is_refused_where_a_new_line_is_not_as_it_was_made(plan: Campaign) -> None:
    make.level(make.sku("D"))
    CHANGES["import"](plan)
    kept = Undo.objects.get()
    new = plan.lines.filter(sku__code="D")
    new.update(version=2)
    with pytest.raises(LinesMovedOn, match="D was changed"):
        campaigns.undo(plan.code, kept.pk, actor=plan.author, now=NOW)
    new.delete()
    with pytest.raises(LinesMovedOn, match="A new line was changed"):
        campaigns.undo(plan.code, kept.pk, actor=plan.author, now=NOW)


def add(plan: Campaign) -> None:
    campaigns.add_line(
        plan.code,
        sku_code=make.sku("E").code,
        values=LineTerms(sale_price=Decimal(60), units=5),
        actor=plan.author,
        now=NOW,
    )


def amend(plan: Campaign) -> None:
    after = said_of(plan.lines.select_related("sku").get(sku__code="B"))
    write_lines(plan, [LineChange("B", after, replace(after, units=7))])


def same_as_bundle(plan: Campaign) -> None:
    terms = {name: getattr(plan, name) for name in Terms.__dataclass_fields__}
    bring_in(
        plan.code,
        terms=Terms(**terms),
        rows=[Row("B", "100.00", "60.00", 5, 0)],
        beside=Beside(),
        signed=True,
        actor=plan.author,
        now=NOW,
    )


@pytest.mark.parametrize("act", [add, amend, same_as_bundle])
def test_what_changes_lines_and_is_not_kept_ends_the_undo_of_what_was_before(
    plan: Campaign, act: Callable[[Campaign], None]
) -> None:
    CHANGES["edit"](plan)
    kept = Undo.objects.get().pk
    act(plan)
    before = said(plan)
    assert not Undo.objects.exists()
    with pytest.raises(UndoGone):
        campaigns.undo(plan.code, kept, actor=plan.author, now=NOW)
    assert said(plan) == before


def test_only_the_last_change_can_be_taken_back(plan: Campaign) -> None:
    CHANGES["edit"](plan)
    first_one = Undo.objects.get().pk
    CHANGES["set depth"](plan)
    with pytest.raises(UndoGone):
        campaigns.undo(plan.code, first_one, actor=plan.author, now=NOW)


def test_a_running_sale_is_not_undone(plan: Campaign) -> None:
    CHANGES["edit"](plan)
    kept = Undo.objects.get().pk
    Campaign.objects.update(state="live")
    with pytest.raises(WrongState):
        campaigns.undo(plan.code, kept, actor=plan.author, now=NOW)


def test_a_price_that_cannot_be_changes_none(plan: Campaign) -> None:
    plan.lines.filter(sku__code="C").update(regular_price=Decimal("60"), sale_price=50)
    before = said(plan)
    fixed = Pricing(Method.FIXED, Decimal(65))
    with pytest.raises(BadLine) as refused:
        campaigns.set_price(plan.code, fixed, line_ids=None, actor=plan.author, now=NOW)
    assert refused.value.message.startswith("C: ")
    assert said(plan) == before
