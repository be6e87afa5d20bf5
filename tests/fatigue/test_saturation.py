"""How an audience answers weighs on its next sale: the formula, the sheet, the rows."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from console.fatigue import saturating
from console.fatigue.models import Saturation
from console.fatigue.rules import Kind, Measured, Sale, Scope, strain, strained
from console.fatigue.rules.saturation import LEAST, MOST
from console.fatigue.rules.score import load_of
from console.fatigue.saturating import Told, WrongMeasurements, measure, read
from tests import make
from tests.make import NOW

DAY = timedelta(days=1)
TODAY = NOW.date()


def days(
    *, before: float, after: float, name: str = "unsubscribe", last: date = TODAY
) -> list[Measured]:
    """Sixty days of one rate, and a last week of another."""
    return [
        Measured(last - n * DAY, **{name: after if n < 7 else before})
        for n in range(60)
    ]


def test_nothing_measured_leaves_a_sale_as_heavy_as_it_is() -> None:
    assert strain([], TODAY).factor == 1
    sale = Sale("A", "A", NOW, NOW + DAY, 0.3)
    assert strained(sale, None) == sale


def test_unsubscribes_that_doubled_make_a_sale_a_third_heavier() -> None:
    found = strain(days(before=0.01, after=0.0205), TODAY)
    assert found.factor == pytest.approx(2**0.4)
    assert "unsubscribes doubled since" in found.why
    assert found.why.startswith("\u00d7 1.3: ")
    sale = Sale("A", "A", NOW, NOW + DAY, 0.3)
    heavier = strained(sale, found)
    assert load_of(heavier) == pytest.approx(load_of(sale) * 2**0.4)
    assert f"measured {TODAY.day}" in heavier.strained


def test_more_engagement_makes_it_lighter() -> None:
    found = strain(days(before=0.19, after=0.39, name="engagement"), TODAY)
    assert found.factor == pytest.approx(2**-0.3)
    assert "engagement doubled" in found.why


def test_old_measurements_fade_to_nothing() -> None:
    old = days(before=0.01, after=0.0205, last=TODAY - 60 * DAY)
    assert strain(old, TODAY).factor == pytest.approx(2**0.2)
    gone = days(before=0.01, after=0.0205, last=TODAY - 90 * DAY)
    assert strain(gone, TODAY).factor == 1
    fresh = days(before=0.01, after=0.0205, last=TODAY - 30 * DAY)
    assert strain(fresh, TODAY).factor == pytest.approx(2**0.4)


rates = st.none() | st.floats(0, 1)


@given(
    st.lists(
        st.builds(
            Measured,
            st.dates(date(2026, 1, 1), date(2026, 12, 31)),
            rates,
            rates,
            rates,
        ),
        max_size=30,
        unique_by=lambda one: one.day,
    ),
    st.dates(date(2026, 1, 1), date(2027, 6, 1)),
    st.randoms(),
)
def test_the_factor_is_bounded_and_the_order_of_rows_does_not_matter(
    rows: list[Measured], on: date, dice: object
) -> None:
    found = strain(rows, on)
    assert LEAST <= found.factor <= MOST
    mixed = list(rows)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert strain(mixed, on) == found


@pytest.mark.django_db
def test_a_sheet_names_each_wrong_row() -> None:
    make.audience("Members")
    text = (
        "audience,day,unsubscribe,complaint\nmembers,2026-01-01,0.5%,\n"
        "nobody,2026-01-01,1,\nMembers,01/02/2026,1,\nmembers,2026-01-03,101,\n"
        "members,2026-01-04,,\nmembers,2199-01-01,1,\n"
    )
    with pytest.raises(WrongMeasurements) as refused:
        read(text, today=TODAY)
    rows = refused.value.detail["rows"]
    assert [row.split(":")[0] for row in rows] == [f"Row {n}" for n in range(3, 8)]
    good = read(text.splitlines()[0] + "\n" + text.splitlines()[1], today=TODAY)
    assert good[0].measured == Measured(date(2026, 1, 1), 0.005, None, None)


@pytest.mark.django_db
def test_a_sheet_without_its_columns_is_refused() -> None:
    with pytest.raises(WrongMeasurements, match="first line"):
        read("who,when\n1,2\n", today=TODAY)


@pytest.mark.django_db
def test_a_sheet_that_is_no_csv_says_so() -> None:
    cell = "x" * (csv.field_size_limit() + 1)
    with pytest.raises(WrongMeasurements, match="cannot be read as CSV"):
        read(f"audience,day,complaint\n{cell},2026-01-01,1\n", today=TODAY)


@pytest.mark.django_db
def test_the_same_sheet_twice_adds_nothing_and_a_correction_counts_from_then() -> None:
    people = make.audience("Members")
    scope = Scope(Kind.AUDIENCE, people.slug)
    rows = [Told(people.pk, m) for m in days(before=0.01, after=0.0205)]
    assert measure(rows, source="a.csv", actor=None, now=NOW) == 60
    assert measure(rows, source="a.csv", actor=None, now=NOW) == 0
    corrected = [Told(people.pk, m) for m in days(before=0.01, after=0.01)]
    later = NOW + timedelta(hours=1)
    assert measure(corrected, source="b.csv", actor=None, now=later) == 7
    then = saturating.strains([scope], NOW)[scope]
    assert then.factor == pytest.approx(2**0.4)
    assert saturating.strains([scope], later)[scope].factor == pytest.approx(1)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update {} set unsubscribe = 0", "delete from {}"])
def test_the_database_refuses_to_change_a_measurement(verb: str) -> None:
    people = make.audience("Members")
    row = [Told(people.pk, Measured(TODAY, 0.1))]
    measure(row, source="", actor=None, now=NOW)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format("fatigue_saturation"))
    assert Saturation.objects.count() == 1


def test_instants_are_utc() -> None:
    assert datetime(2026, 1, 1, tzinfo=UTC).date() == date(2026, 1, 1)
