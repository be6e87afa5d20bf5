"""A count that is too large for one person waits until another agrees."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from pytest_django import Settings

from console.audit.models import Entry
from console.errors import Refusal
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Level, Movement, PendingCount
from console.stock.operations import LevelSize, imports
from console.stock.operations.ledger import Why, post
from console.stock.operations.levels import moves
from console.stock.rules.counting import too_large
from console.stock.tasks import run_import
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.pendingkit import count, on_hand, waits
from tests.stock.sheetkit import counts, sentences, sheet, tried

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.ADJUST_ALONE_UNITS = 50
    settings.ADJUST_ALONE_VALUE = 1_000


@pytest.fixture
def level() -> Level:
    return make.level(make.sku("SHELL"), units=100)


@pytest.fixture
def mara() -> User:
    return make.user("operator", name="mara")


def code_of(act: object) -> str:
    with pytest.raises(Refusal) as refused, transaction.atomic():
        act()  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    "changes,cost,wanted",
    [
        ([50, 0, 0], None, False),
        ([51, 0, 0], None, True),
        ([0, 0, -51], None, True),
        ([20, 0, 0], Decimal(50), False),
        ([21, 0, 0], Decimal(50), True),
        ([], None, False),
    ],
)
def test_units_or_what_they_cost_ask_for_a_second_person(
    changes: list[int], cost: Decimal | None, wanted: bool
) -> None:
    said = too_large(changes, cost=cost, most_units=50, most_value=1_000)
    assert said is wanted


def test_a_small_count_is_written_alone(level: Level, mara: User) -> None:
    assert isinstance(count(level, 150, mara), Level)
    assert on_hand(level) == 150 and not PendingCount.objects.exists()


def test_a_program_counts_alone(level: Level) -> None:
    assert isinstance(count(level, 5_000, None), Level)


def test_a_large_count_changes_nothing_until_somebody_else_approves(
    level: Level, mara: User
) -> None:
    entries, made = Movement.objects.count(), waits(level, mara)
    assert (on_hand(level), Movement.objects.count()) == (100, entries)
    assert Entry.objects.filter(verb="stock.propose_count", actor_id=mara.pk).exists()
    assert code_of(lambda: stock.approve_count(made.pk, actor=mara, now=LATER)) == (
        "other_eyes"
    )
    stock.approve_count(made.pk, actor=make.user("operator"), now=LATER)
    assert on_hand(level) == 500
    last = Movement.objects.order_by("-pk")[0]
    assert (last.source, last.target, last.units) == ("outside", "free", 400)
    assert last.reason == "count: shelf 3, counted by mara when it said 100"
    assert queries.violations() == []
    assert Entry.objects.filter(verb="stock.approve_count").count() == 1


def test_what_units_cost_counts_too(level: Level, mara: User) -> None:
    type(level.sku).objects.update(cost=Decimal(100))
    assert isinstance(count(level, 111, mara), PendingCount)


def test_it_is_decided_once(level: Level, mara: User) -> None:
    made, other = waits(level, mara), make.user("operator")
    stock.refuse_count(made.pk, actor=other, now=LATER)
    for act in (stock.approve_count, stock.refuse_count):
        assert code_of(lambda act=act: act(made.pk, actor=other, now=LATER)) == (
            "already_decided"
        )
    assert on_hand(level) == 100
    stock.refuse_count(waits(level, mara).pk, actor=mara, now=LATER)


def test_a_level_that_changed_meanwhile_refuses_it(level: Level, mara: User) -> None:
    made, other = waits(level, mara), make.user("operator")
    count(level, 101, other)
    with pytest.raises(Refusal) as refused, transaction.atomic():
        stock.approve_count(made.pk, actor=other, now=LATER)
    assert refused.value.code == "stale_edit"
    assert refused.value.detail["on_hand"] == 101
    assert refused.value.detail["before"]["on_hand"] == 100
    assert "on hand was 100 and is now 101." in refused.value.message
    assert on_hand(level) == 101


@pytest.mark.parametrize("agrees", [True, False])
def test_the_trail_of_a_decision_says_what_the_level_said_when_it_was_counted(
    level: Level, mara: User, agrees: bool
) -> None:
    made = waits(level, mara)
    act = stock.approve_count if agrees else stock.refuse_count
    if not agrees:
        count(level, 101, mara)
    act(made.pk, actor=make.user("operator"), now=LATER)
    verb = "stock.approve_count" if agrees else "stock.refuse_count"
    told = Entry.objects.get(verb=verb)
    assert told.before == {"on_hand": 100, "committed": 0, "buffer": 0}
    assert told.after == {"on_hand": 500, "committed": 0, "buffer": 0}


def test_of_a_count_whose_level_was_not_kept_nothing_is_told_before(
    level: Level, mara: User
) -> None:
    made = waits(level, mara)
    PendingCount.objects.update(was_on_hand=None, was_committed=None, was_buffer=None)
    stock.approve_count(made.pk, actor=make.user("operator"), now=LATER)
    assert Entry.objects.get(verb="stock.approve_count").before is None
    last = Movement.objects.order_by("-pk")[0]
    assert last.reason == "count: shelf 3, counted by mara"


def test_one_count_waits_at_a_time(level: Level, mara: User) -> None:
    waits(level, mara)
    assert code_of(lambda: count(level, 600, mara)) == "already_pending"
    assert isinstance(count(level, 99, mara), Level)


def test_of_a_sheet_only_small_counts_and_new_levels_are_written(
    level: Level, mara: User
) -> None:
    make.level(make.sku("CAP"), units=10)
    make.level(make.sku("RING", cost=Decimal(50)), units=10)
    make.sku("NEW")
    told = {"SHELL": 900, "CAP": 11, "NEW": 7_000, "RING": 31}
    body = sheet(*(f"{code},Main,{units},0,0" for code, units in told.items()))
    look = tried(body, by=mara)
    assert (counts(look), look.pending) == ((1, 1, 0, 0), 2)
    imports.confirm(look.pk, mode="all", actor=mara)
    run_import(look.pk)
    look.refresh_from_db()
    assert (look.state, counts(look), look.pending) == ("done", (1, 1, 0, 0), 2)
    assert on_hand(level) == 100
    made = PendingCount.objects.get(level=level)
    assert (made.on_hand, made.was_on_hand, made.by) == (900, 100, mara)
    again = tried(body, by=mara)
    assert "waits for a second person" in sentences(again)[2]
    stock.approve_count(made.pk, actor=make.user("operator"), now=LATER)
    assert on_hand(level) == 900 and queries.violations() == []


def test_who_is_limited_to_other_categories_decides_nothing(
    level: Level, mara: User
) -> None:
    made = waits(level, mara)
    type(level.sku).objects.update(category="Boots")
    tents = limited("operator", categories=["Tents"])
    for act in (stock.approve_count, stock.refuse_count):
        with pytest.raises(OutOfScope), transaction.atomic():
            act(made.pk, actor=tents, now=LATER)


@pytest.mark.parametrize(
    "values,name",
    [
        ({"approved": True}, "pending_count_decided_at_once"),
        ({"on_hand": -1}, "pending_count_is_not_negative"),
        ({"was_buffer": None}, "pending_count_knows_all_of_before_or_none"),
        ({"was_on_hand": -1}, "pending_count_knows_all_of_before_or_none"),
    ],
)
def test_the_database_refuses(
    level: Level, mara: User, values: dict[str, object], name: str
) -> None:
    waits(level, mara)
    with pytest.raises(IntegrityError, match=name):
        PendingCount.objects.update(**values)


def test_the_database_asks_for_four_eyes_and_one_count(
    level: Level, mara: User
) -> None:
    made = waits(level, mara)
    own = {"approved": True, "decided_by": mara, "decided_at": NOW}
    with (
        pytest.raises(IntegrityError, match="pending_count_has_four_eyes"),
        transaction.atomic(),
    ):
        PendingCount.objects.update(**own)
    made.pk = None
    with pytest.raises(IntegrityError, match="pending_count_one_open_a_level"):
        made.save()


@pytest.mark.django_db(transaction=True)
def test_of_four_approvals_at_once_one_writes() -> None:
    level = make.level(make.sku("SHELL"), units=100)
    made = waits(level, make.user("operator"))
    people = [make.user("operator") for _ in range(4)]
    got = in_parallel(
        4, lambda n: stock.approve_count(made.pk, actor=people[n], now=LATER)
    )
    assert sum(isinstance(one, Level) for one in got) == 1
    assert sum(isinstance(one, stock.AlreadyDecided) for one in got) == 3
    assert on_hand(level) == 500 and queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_careless_approvals_write_twice() -> None:
    level = make.level(make.sku("SHELL"), units=100)
    waits(level, make.user("operator"))
    met = Barrier(2)

    def careless(_: int) -> None:
        one = PendingCount.objects.select_related("level").get(approved=None)
        met.wait(10)
        size = LevelSize(one.on_hand, one.committed, one.buffer)
        post(moves(one.level, size), Why(None, NOW))
        Level.objects.update(on_hand=one.on_hand)

    assert in_parallel(2, careless) == [None, None]
    assert queries.violations() != []
