"""What may be said about the last units: true while it is shown, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from console.errors import Refusal
from console.stock import operations as stock
from console.stock import queries, sqlcalls
from console.stock.client import GateClient
from console.stock.models import Allocation, ScarcityText
from console.stock.rules import Item, Want
from console.stock.rules.scarcity import FRESH_S, Silence, silence, text, texts
from tests import make
from tests.calls import http
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.conftest import Door

SECOND = timedelta(seconds=1)


def ask(one: Allocation, at: datetime = NOW) -> tuple[str, int, datetime]:
    """State, units left, and until when a text about them may be shown."""
    with connection.cursor() as cursor:
        told = [one.campaign, one.sku.code, texts(10), FRESH_S, at]
        cursor.execute(sqlcalls.SCARCITY, told)
        ((state, _, units, _, until),) = cursor.fetchall()
    return state, units, until


def shown() -> list[tuple[str, datetime, datetime, int]]:
    rows = ScarcityText.objects.order_by("from_at", "pk")
    return list(rows.values_list("text", "from_at", "until_at", "times"))


def buy(one: Allocation, units: int, *, at: datetime, key: str) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer="b", key=key, now=at)


@pytest.mark.parametrize(
    "state,units,why",
    [
        ("open", 11, Silence.ENOUGH),
        ("open", 10, None),
        ("open", 1, None),
        ("open", 0, Silence.SOLD_OUT),
        ("paused", 3, Silence.NOT_OPEN),
        ("closed", 0, Silence.NOT_OPEN),
    ],
)
def test_something_is_said_of_the_last_units_only(
    state: str, units: int, why: Silence | None
) -> None:
    assert silence(state, units, 10) == why


def test_the_words_are_looked_up_by_what_is_left() -> None:
    assert texts(3)[2] == text(3) == "Only 3 left at this price"
    assert texts(0) == []


@pytest.mark.django_db
def test_three_left_is_said_when_the_ledger_has_three() -> None:
    one = make.allocation(quantity=9, buffer=1)
    make.gate()
    buy(one, 5, at=NOW, key="a")
    assert ask(one) == ("open", 3, NOW + FRESH_S * SECOND)
    assert shown() == [(text(3), NOW, NOW + FRESH_S * SECOND, 1)]
    assert queries.counters("FS-1", now=NOW)[0].left == 3


@pytest.mark.django_db
def test_one_text_is_one_row_until_another_answer_ends_it() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    for second in (0, 4, 8):
        ask(one, NOW + second * SECOND)
    buy(one, 1, at=NOW + 9 * SECOND, key="a")
    ask(one, NOW + 10 * SECOND)
    ask(one, NOW + 69 * SECOND)  # the cart expired this instant, and counts as left
    ask(one, NOW + 80 * SECOND)  # nobody was given it for six seconds
    after = [(words, (at - NOW).seconds, times) for words, at, _, times in shown()]
    assert after == [
        (text(3), 0, 3),
        (text(2), 10, 1),
        (text(3), 69, 1),
        (text(3), 80, 1),
    ]
    assert ScarcityText.objects.filter(current=True).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["many", "paused", "sold out", "over"])
def test_nothing_is_said_or_written_otherwise(how: str) -> None:
    one = make.allocation(quantity=11 if how == "many" else 3)
    make.gate(holds_until=NOW if how == "over" else None)
    if how == "paused":
        stock.pause_gate("FS-1", now=NOW)
    if how == "sold out":
        buy(one, 3, at=NOW, key="a")
    state, units, _ = ask(one)
    assert silence(state, units, 10)
    assert shown() == []


@pytest.mark.django_db
def test_nothing_is_known_of_a_sale_that_never_opened() -> None:
    one = make.allocation(quantity=3)
    with pytest.raises(ValueError, match="not enough values"):
        ask(one)
    assert shown() == []


@pytest.mark.django_db
def test_silence_ends_what_was_said() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    ask(one)
    stock.pause_gate("FS-1", now=NOW + SECOND)
    ask(one, NOW + SECOND)
    assert not ScarcityText.objects.filter(current=True).exists()
    stock.resume_gate("FS-1", now=NOW + 2 * SECOND)
    ask(one, NOW + 2 * SECOND)
    assert [times for *_, times in shown()] == [1, 1]


@pytest.mark.django_db
def test_what_was_said_stays_when_the_lock_is_undone() -> None:
    """A lock that sold nothing is cleared for the next; its texts were shown."""
    one = make.allocation(quantity=3)
    make.gate()
    ask(one)
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", actor=None, now=NOW)
    stock.lock("FS-1", wants=[Want(one.sku_id, 3)], actor=None, now=NOW)
    assert len(shown()) == 1


@pytest.mark.django_db
def test_a_text_never_outlives_the_sale_whose_carts_end_with_it() -> None:
    one = make.allocation(quantity=3)
    make.gate(holds_until=NOW + 2 * SECOND)
    assert ask(one)[2] == NOW + 2 * SECOND


@pytest.mark.django_db(transaction=True)
def test_eight_shops_that_ask_at_once_are_one_row() -> None:
    one = make.allocation(quantity=3)
    make.gate()
    assert in_parallel(8, lambda _: ask(one)[1]) == [3] * 8
    assert [(words, times) for words, _, _, times in shown()] == [(text(3), 8)]


@pytest.fixture
def no_constraint() -> Iterator[None]:
    """The unique index behind the turns, taken away and put back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX scarcity_text_one_current")
        yield
        cursor.execute("DELETE FROM stock_scarcitytext")
        cursor.execute(
            "CREATE UNIQUE INDEX scarcity_text_one_current"
            " ON stock_scarcitytext (campaign, sku_id) WHERE current"
        )


def careless(one: Allocation) -> None:
    """Look for the current text, then write: without taking turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stock_scarcitytext WHERE current")
        ((known,),) = cursor.fetchall()
        cursor.execute("SELECT pg_sleep(0.05)")
    if not known:
        ScarcityText.objects.create(
            campaign="FS-1", sku=one.sku, units=3, text=text(3),
            from_at=NOW, until_at=NOW, times=1, current=True,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_constraint")
def test_control_without_turns_one_text_is_written_several_times() -> None:
    one = make.allocation(quantity=3)
    in_parallel(8, lambda _: careless(one))
    assert ScarcityText.objects.filter(current=True).count() > 1


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_what_careless_code_would_write() -> None:
    one = make.allocation(quantity=3)
    got = in_parallel(8, lambda _: careless(one))
    assert any(isinstance(x, IntegrityError) for x in got)
    assert ScarcityText.objects.filter(current=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_asks_never_waits_for_a_checkout_nor_it_for_them() -> None:
    """The allocation is locked by a batch in flight; the question is answered."""
    one = make.allocation(quantity=3)
    make.gate()

    def either(number: int) -> object:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            if number:
                cursor.execute("SELECT pg_sleep(0.2)")
                return ask(one)[1]
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM stock_allocation FOR NO KEY UPDATE")
            cursor.execute("SELECT pg_sleep(0.6)")
            cursor.execute("COMMIT")
            return "held"

    assert in_parallel(2, either) == ["held", 3]


def test_a_shop_asks_through_the_client(door: Door, settings) -> None:
    one = make.allocation(quantity=3, campaign="FS-S")
    make.gate("FS-S")
    with GateClient(door.url, door.token) as gate:
        told = gate.scarcity("FS-S", one.sku.code)
        assert (told.text, told.left) == (text(3), 3)
        assert told.valid_until
        for asked, code in (("FS-X", "unknown_campaign"), ("FS-S", "unknown_sku")):
            with pytest.raises(Refusal) as refused:
                gate.scarcity(asked, "NO-SUCH")
            assert refused.value.code == code
    assert [(row.units, row.times) for row in queries.shown("FS-S")] == [(3, 1)]


@pytest.mark.parametrize(
    "query,field", [("", "campaign"), ("campaign=FS-1", "sku"), ("sku=A", "campaign")]
)
def test_a_question_about_nothing_names_what_is_missing(
    door: Door, query: str, field: str
) -> None:
    told = http.get(
        f"{door.url}/api/gate/v1/scarcity?{query}",
        headers={"Authorization": f"Bearer {door.token}"},
    )
    assert (told.status_code, told.json()["field"]) == (422, field)
