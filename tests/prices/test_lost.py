"""Lost claims, against every claim recomputed one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from console.prices.rules.lost import Loss, losses
from console.prices.rules.planned import Planned
from tests.prices.test_lookahead import (
    BLACK,
    NOW,
    STEADY,
    Row,
    _claims,
    ahead,
    columns,
    histories,
    sale,
    sales,
)
from tests.prices.test_rules import ZONE


def lost(rows: Iterable[Row], *planned: Planned) -> list[Loss]:
    known = columns(rows, planned)
    ways = dict.fromkeys((way for one in planned for way in one.channels), known)
    return losses(ways, planned, zone=ZONE, now=NOW)


def test_the_sale_that_takes_is_named_with_what_it_takes() -> None:
    early = sale("FS-1", "11-10", "11-12", {"A": 70}, "Singles Day")
    (loss,) = lost(STEADY, early, BLACK)
    assert loss.text == "Black Friday claim falls 40% → 14%, after Singles Day"
    assert loss.short == "claim 40% → 14%"
    assert [loss.fall] == ahead(STEADY, early, BLACK)


def test_all_takers_count_together_and_each_is_named() -> None:
    cheap = sale("FS-1", "11-10", "11-12", {"A": 65})
    dear = sale("FS-2", "11-14", "11-15", {"A": 90})
    both = lost(STEADY, cheap, dear, BLACK)
    assert [(one.fall.code, one.by) for one in both] == [
        ("FS-2", ("FS-1",)),
        ("BF", ("FS-1", "FS-2")),
    ]
    assert (both[1].fall.before, both[1].fall.after) == (40, 7)


def test_a_sale_whose_price_takes_nothing_is_not_named() -> None:
    early = sale("FS-1", "11-10", "11-12", {"A": 70})
    full = sale("FS-2", "11-14", "11-15", {"A": 100})
    (loss,) = [one for one in lost(STEADY, early, full, BLACK) if one.fall.code == "BF"]
    assert loss.by == ("FS-1",)


def test_what_a_live_sale_takes_is_taken_already() -> None:
    live = sale("FS-1", "10-15", "11-12", {"A": 70})
    assert lost(STEADY, live, BLACK) == []


def test_where_the_headline_holds_the_skus_are_counted() -> None:
    early = sale("FS-1", "11-10", "11-12", {"A": 70})
    rows = [*STEADY, ("B", STEADY[0][1], STEADY[0][2], None)]
    black = sale("BF", "11-27", "11-30", {"A": 60, "B": 90}, "Black Friday")
    (loss,) = lost(rows, early, black)
    assert loss.short == "claims of 1 of 2 SKUs fall"


def test_who_takes_of_more_products_is_named_first() -> None:
    rows = [*STEADY, ("B", STEADY[0][1], STEADY[0][2], None)]
    one = sale("FS-1", "11-10", "11-12", {"A": 70})
    both = sale("FS-2", "11-14", "11-15", {"A": 80, "B": 80})
    black = sale("BF", "11-27", "11-30", {"A": 60, "B": 60}, "Black Friday")
    found = {loss.fall.code: loss for loss in lost(rows, one, both, black)}
    assert found["BF"].by == ("FS-2", "FS-1")


def test_a_sale_of_another_channel_takes_nothing() -> None:
    app = replace(sale("FS-1", "11-10", "11-12", {"A": 70}), channels=("app",))
    assert lost(STEADY, app, BLACK) == []
    both = replace(app, channels=("app", "web"))
    assert [one.by for one in lost(STEADY, both, BLACK)] == [("FS-1",)]


@given(histories, st.tuples(*(sales(f"S{n}") for n in range(3))))
def test_it_equals_the_recomputation_of_every_claim(
    rows: list[Row], planned: tuple[Planned, ...]
) -> None:
    live = [one for one in planned if one.opens_at <= NOW]
    coming = [one for one in planned if one.opens_at > NOW]
    yet = {one.code for one in coming}
    rows = [row for row in rows if row[3] not in yet]
    found = {loss.fall.code: loss for loss in lost(rows, *planned)}
    for one in coming:
        was = {sku: _claims(rows, live, one, sku) for sku in one.prices}
        will = {sku: _claims(rows, planned, one, sku) for sku in one.prices}
        taken = {sku: was[sku] - will[sku] for sku in was}
        if max(taken.values()) <= 0:
            assert one.code not in found
            continue
        loss = found.pop(one.code)
        assert loss.fall.skus == sum(gap > 0 for gap in taken.values())
        assert (loss.fall.before, loss.fall.after) == tuple(
            sorted(claims.values())[(len(was) - 1) // 2] for claims in (was, will)
        )
        alone = {
            other.name
            for other in coming
            if any(_claims(rows, [*live, other], one, sku) < was[sku] for sku in was)
        }
        assert set(loss.by) == alone
    assert not found
