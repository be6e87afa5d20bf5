"""While a fence is up others write no stock of the sale; it is booked after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from console.campaigns.importing import make_skus
from console.campaigns.sheets import Row
from console.errors import Refusal
from console.people.rules import OutOfScope
from console.shell.health import Awake
from console.stock import health, queries
from console.stock import operations as stock
from console.stock.models import Feed, FeedMovement, Fence, Level, SaleGate, Sku
from console.stock.operations import LevelSize
from console.stock.operations.amending import Altered
from console.stock.rules import Reason
from console.stock.rules.fences import Fenced
from tests import make
from tests.campaigns.scopekit import limited
from tests.stock.feedkit import NOW, feed, on_hand, say, states, told
from tests.stock.sheetkit import sentences, sheet, tried

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}
END = NOW + timedelta(hours=1)


@pytest.fixture
def till() -> Feed:
    """A hundred mugs, of which FS-1 sells forty behind a fence, and a till."""
    mug = make.sku("MUG", category="Mugs")
    make.level(mug, units=100, at=make.location("Main"))
    stock.lock("FS-1", wants=[make.Want(mug.pk, 40, 0)], **WHO)
    stock.raise_fence("FS-1", **WHO)
    return feed()


def end() -> None:
    stock.return_units("FS-1", actor=None, now=END)


def test_what_sets_stock_or_makes_more_of_it_is_parked_and_booked_once_after(
    till: Feed,
) -> None:
    answers = say(
        till,
        told("r", "returned", 1),
        told("c", "counted", 90, age_s=30),
        told("g", "received", 5),
    )
    assert [(x.result, x.state) for x in answers] == [("accepted", "parked")] * 3
    assert on_hand() == 100
    assert stock.book_due(now=NOW + timedelta(hours=1)) == 0
    end()
    assert stock.book_due(now=END) == 3
    assert stock.book_due(now=END) == 0
    assert on_hand() == 96
    assert set(states().values()) == {"applied"}
    assert queries.violations() == []


def test_units_that_others_sold_are_gone_fence_or_not(till: Feed) -> None:
    say(till, told("s", "sold", 3), told("t", "sent", 2))
    assert (on_hand(), states()) == (95, {"s": "applied", "t": "applied"})
    (short,) = say(till, told("much", "sold", 56))
    assert short.state == "short"
    assert queries.units_gone("FS-1") == 56
    end()
    found = queries.fence_of("FS-1")
    assert found is not None and found.open
    assert (found.differing, found.replayed) == (1, 0)
    assert [one.external_id for one in found.shown] == ["much"]
    assert queries.units_gone("FS-1") == 0
    stock.book_due(now=END + timedelta(minutes=2))
    assert on_hand() == 39


def test_a_parked_count_is_of_its_instant_whatever_was_sold_since(till: Feed) -> None:
    say(till, told("c", "counted", 90, age_s=60))
    say(till, told("s", "sold", 3, age_s=10))
    end()
    stock.book_due(now=END)
    assert on_hand() == 87


def test_other_skus_are_not_fenced(till: Feed) -> None:
    make.level(make.sku("CUP"), units=5, at=make.location("Main"))
    say(till, told("a", "counted", 9, sku="CUP"))
    assert on_hand("CUP") == 9


def test_a_person_counts_past_a_fence_only_if_they_may_stop_a_sale(till: Feed) -> None:
    def count(by: User | None) -> None:
        level = Level.objects.get()
        stock.adjust(
            level.pk, size=LevelSize(99, 0, 0), version=level.version,
            reason="count: shelf 3", actor=by, now=NOW,
        )  # fmt: skip

    for nobody in (make.user("merchandiser"), None):
        with pytest.raises(Refusal, match="FS-1 sells MUG") as refused:
            count(nobody)
        assert refused.value.code == "fenced"
    level = Level.objects.get()
    stock.adjust(
        level.pk, size=LevelSize(100, 0, 7), version=level.version, reason="",
        actor=make.user("merchandiser"), now=NOW,
    )  # fmt: skip
    count(make.user("operator"))
    assert on_hand() == 99


def receive(units: int, *, at: str = "Main", by: User | None = None) -> Level:
    """Goods of the mug that a program books."""
    mug, place = Sku.objects.get(code="MUG"), make.location(at)
    return stock.receive(
        mug.pk, place.pk, units=units, reason=Reason.RECEIPT, actor=by, now=NOW
    )


@pytest.mark.parametrize("units", [5, -5])
@pytest.mark.parametrize("role", ["merchandiser", None])
def test_goods_a_program_books_are_refused_unless_who_did_may_stop_a_sale(
    till: Feed, role: str | None, units: int
) -> None:
    with pytest.raises(Fenced, match="FS-1 sells MUG"):
        receive(units, by=make.user(role) if role else None)
    assert on_hand() == 100
    receive(units, by=make.user("operator"))
    assert on_hand() == 100 + units
    end()
    receive(-units)
    assert on_hand() == 100


def test_goods_at_a_place_that_is_new_are_refused_and_make_no_level(till: Feed) -> None:
    with pytest.raises(Fenced):
        receive(9, at="Shop")
    assert Level.objects.get().location.name == "Main"
    end()
    assert receive(9, at="Shop").on_hand == 9


def test_a_product_that_a_sheet_makes_is_booked_while_a_fence_is_up(till: Feed) -> None:
    said = {"name": "Cup", "variant": "", "category": "", "brand": "", "image": ""}
    product = said | {"price": "9.00", "units": "7"}
    rows = [Row(2, {"sku": "CUP"}, {}, product=product)]
    make_skus(rows, "EUR", make.user("merchandiser"), NOW, dry=False)
    assert on_hand("CUP") == 7


def test_a_row_of_a_sheet_is_refused_at_once_and_names_the_fence(till: Feed) -> None:
    make.level(make.sku("CUP"), units=5, at=make.location("Main"))
    job = tried(sheet("MUG,Main,90,0,0", "CUP,Main,6,0,0"))
    assert sentences(job) == {2: "MUG is fenced for a sale: count it after."}
    same = tried(sheet("MUG,Main,100,0,3"), name="same.csv")
    assert same.failed == 0


def test_a_fence_is_raised_and_dropped_once_however_often(till: Feed) -> None:
    first = stock.raise_fence("FS-1", **WHO)
    assert Fence.objects.get() == first
    assert stock.drop_fence("FS-1", **WHO) == first
    assert stock.drop_fence("FS-1", **WHO) is None
    assert stock.raise_fence("FS-1", **WHO) != first
    end()
    with pytest.raises(Refusal, match="no stock"):
        stock.raise_fence("FS-1", **WHO)


def test_of_two_sales_the_second_fence_parks_what_the_first_lets_go(till: Feed) -> None:
    mug = Level.objects.get().sku_id
    stock.lock("FS-2", wants=[make.Want(mug, 10, 0)], **WHO)
    second = stock.raise_fence("FS-2", **WHO)
    say(till, told("c", "counted", 90))
    stock.drop_fence("FS-1", **WHO)
    stock.book_due(now=END)
    row = FeedMovement.objects.get()
    assert (row.state, row.fence) == ("parked", second)
    stock.drop_fence("FS-2", **WHO)
    stock.book_due(now=END)
    assert on_hand() == 90


def test_what_differs_is_listed_until_somebody_acknowledges_it(till: Feed) -> None:
    say(till, told("c", "counted", 90, age_s=30))
    found = queries.fence_of("FS-1")
    assert found is not None and (found.up, found.parked, found.open) == (
        True,
        1,
        False,
    )
    clerk = make.user("operator")
    with pytest.raises(Refusal, match="Nothing is left"):
        stock.acknowledge_fence("FS-1", actor=clerk, now=NOW)
    end()
    stock.book_due(now=END)
    found = queries.fence_of("FS-1")
    assert found is not None and found.open
    assert [(x.expected, x.units) for x in found.shown] == [(100, 90)]
    (check,) = health.fences_down(END)
    assert (check.state, check.note) == (
        Awake.LATE, "FS-1: counts differed, nobody looked",
    )  # fmt: skip
    make.campaign(code="FS-1", lines=0, category="Mugs")
    with pytest.raises(OutOfScope):
        other = limited("operator", categories=["Boots"])
        stock.acknowledge_fence("FS-1", actor=other, now=END)
    stock.acknowledge_fence("FS-1", actor=clerk, now=END)
    assert health.fences_down(END) == []


def test_what_an_earlier_fence_left_is_listed_and_acknowledged_too(till: Feed) -> None:
    """Dropped by hand, raised again: the doctor tells of it until somebody looked."""
    say(till, told("c", "counted", 90, age_s=30))
    stock.drop_fence("FS-1", **WHO)
    stock.book_due(now=END)
    stock.raise_fence("FS-1", **WHO)
    found = queries.fence_of("FS-1")
    assert found is not None and (found.up, found.open, found.ready) == (True,) * 3
    assert [x.external_id for x in found.shown] == ["c"]
    end()
    clerk = make.user("operator")
    stock.acknowledge_fence("FS-1", actor=clerk, now=END)
    assert set(Fence.objects.values_list("acknowledged_by", flat=True)) == {clerk.pk}
    assert health.fences_down(END) == []


def test_what_differs_is_acknowledged_though_the_fence_is_up_again(till: Feed) -> None:
    say(till, told("c", "counted", 90, age_s=30))
    stock.drop_fence("FS-1", **WHO)
    stock.book_due(now=END)
    up = stock.raise_fence("FS-1", **WHO)
    say(till, told("d", "counted", 90, age_s=20))
    stock.acknowledge_fence("FS-1", actor=make.user("operator"), now=END)
    assert health.fences_down(END) == []
    up.refresh_from_db()
    assert up.acknowledged_at is None


def test_a_count_that_agrees_needs_nobody(till: Feed) -> None:
    say(till, told("c", "counted", 100, age_s=30))
    end()
    stock.book_due(now=END)
    found = queries.fence_of("FS-1")
    assert found is not None and not found.open
    assert health.fences_down(END) == []


def test_a_fence_that_outlives_its_sale_is_found(till: Feed) -> None:
    make.gate()
    SaleGate.objects.update(state="closed", closed_at=NOW)
    assert health.fences_down(NOW + timedelta(minutes=59)) == []
    (check,) = health.fences_down(NOW + timedelta(minutes=61))
    assert check.note == "FS-1: up though its sale is over"


def test_what_is_of_a_sku_that_leaves_the_sale_is_booked_while_the_fence_is_up(
    till: Feed,
) -> None:
    """Not after what came later, and what is of other SKUs of the sale stays parked."""
    cup = make.level(make.sku("CUP"), units=50, at=make.location("Main")).sku_id
    stock.alter("FS-1", Altered(wants=[make.Want(cup, 10, 0)]), **WHO)
    say(till, told("c", "counted", 90, age_s=30), told("d", "received", 1, sku="CUP"))
    assert set(states().values()) == {"parked"}
    mug = Level.objects.get(sku__code="MUG").sku_id
    stock.alter("FS-1", Altered(dropped=[mug]), **WHO)
    assert stock.book_due(now=NOW) == 1
    assert states() == {"c": "applied", "d": "parked"}
    assert (on_hand(), on_hand("CUP")) == (90, 50)
    assert stock.book_due(now=NOW) == 0
    end()
    assert stock.book_due(now=END) == 1
    assert on_hand("CUP") == 51
