"""Audiences and policy versions: written once, followed by the next, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from console.audit.models import Entry
from console.fatigue import calendar, operations, queries
from console.fatigue.models import Audience, Policy
from console.fatigue.operations import StalePolicy
from console.fatigue.queries import NoPolicy
from console.fatigue.rules import BadPolicy, Limits, Sale
from tests import make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def audience(name: str = "Everyone") -> Audience:
    return operations.add_audience(name, size=1_000, actor=None, now=NOW)


def save(
    to: Audience, *, version: int = 1, now: datetime = NOW, **changes: object
) -> Policy:
    limits = replace(Limits(), **changes)  # type: ignore[arg-type]
    return operations.save(
        to.pk, limits, version=version, reason="Why", actor=None, now=now
    )


def test_an_audience_starts_with_version_one() -> None:
    policy = queries.in_force(audience(), NOW)
    assert (policy.version, policy.limits()) == (1, Limits())


@pytest.mark.parametrize("name", ["Everyone", "EVERYONE", "!!"])
def test_an_audience_needs_a_name_of_its_own(name: str) -> None:
    audience()
    with pytest.raises(BadPolicy) as refused:
        audience(name)
    assert refused.value.field == "name"


def test_save_follows_and_is_not_retroactive() -> None:
    everyone = audience()
    policy = save(everyone, now=NOW + DAY, red=80, half_life_days=Decimal("6.5"))
    assert policy.version == 2
    assert queries.in_force(everyone, NOW + DAY - DAY / 2).version == 1
    assert queries.in_force(everyone, NOW + DAY).red == 80
    with pytest.raises(NoPolicy):
        queries.in_force(everyone, NOW - DAY)


def test_save_audits_only_what_changed() -> None:
    person = make.user("approver")
    limits = Limits(red=80)
    everyone = audience()
    operations.save(
        everyone.pk, limits, version=1, reason="Tired", actor=person, now=NOW
    )
    entry = Entry.objects.get(verb="fatigue.save")
    assert (entry.before, entry.after) == ({"red": 100}, {"red": 80})
    assert (entry.actor_id, entry.reason) == (person.pk, "Tired")


def test_save_refuses_what_somebody_else_overtook() -> None:
    everyone = audience()
    save(everyone, red=80)
    with pytest.raises(StalePolicy, match="Version 2"):
        save(everyone, red=90)
    assert Policy.objects.count() == 2


def test_save_refuses_no_change_and_bad_limits() -> None:
    everyone = audience()
    with pytest.raises(BadPolicy, match="Nothing changed"):
        save(everyone)
    with pytest.raises(BadPolicy, match="no time zone"):
        save(everyone, zone="Mars/Olympus")
    assert not Entry.objects.filter(verb="fatigue.save").exists()


def test_a_clock_that_runs_behind_does_not_reorder_versions() -> None:
    everyone = audience()
    policy = save(everyone, now=NOW - DAY, red=80)
    assert policy.since == NOW


def test_lock_policy_needs_one() -> None:
    bare = Audience.objects.create(name="Bare", slug="bare")
    with pytest.raises(NoPolicy, match="Bare"):
        operations.lock_policy(bare.pk)


@pytest.mark.parametrize(
    "statement", ["update fatigue_policy set red = 200", "delete from fatigue_policy"]
)
def test_the_database_refuses_to_change_a_version(statement: str) -> None:
    audience()
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Policy.objects.get().red == 100


@pytest.mark.parametrize(
    "wrong,text",
    [
        ({"version": 3}, "does not follow"),
        ({"version": 1}, "does not follow"),
        ({"since": NOW - DAY}, "before its predecessor"),
        ({"amber": 120}, "policy_warns_before_it_blocks"),
        ({"half_life_days": 0}, "policy_score_decays"),
        ({"window_days": 0}, "policy_window_has_days"),
        ({"min_depth_percent": 100}, "policy_depth_is_a_share"),
    ],
)
def test_the_database_refuses_impossible_versions(
    wrong: dict[str, object], text: str
) -> None:
    values = {"audience": audience(), "version": 2, "since": NOW, "zone": "UTC"}
    with pytest.raises(IntegrityError, match=text), transaction.atomic():
        Policy.objects.create(**(values | wrong))


def test_the_calendar_asks_every_source_once() -> None:
    sale = Sale("FS-1", "One", NOW, NOW + DAY, 0.3)

    def source(audience_id: int) -> list[Sale]:
        return [sale] if audience_id == 7 else []

    calendar.register(source)
    calendar.register(source)
    try:
        assert calendar.sales(7).count(sale) == 1
        assert sale not in calendar.sales(8)
    finally:
        calendar._sources.remove(source)
