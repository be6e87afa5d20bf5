"""Audiences and policy versions: written once, followed by the next, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from console.audit.models import Entry
from console.fatigue import calendar, operations, queries, rules
from console.fatigue.models import Audience, Policy, Scope
from console.fatigue.operations import StalePolicy
from console.fatigue.queries import NoPolicy
from console.fatigue.rules import BadPolicy, Kind, Limits, Sale
from console.people.models import Scope as People
from console.people.rules import OutOfScope
from tests import make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def in_force(of: Audience, at: datetime) -> Policy:
    return queries.in_force(make.scope(of).value, at)


def audience(name: str = "Everyone") -> Audience:
    return operations.add_audience(name, size=1_000, actor=None, now=NOW)


def save(
    to: Audience, *, version: int = 1, now: datetime = NOW, **changes: object
) -> Policy:
    limits = replace(Limits(), **changes)  # type: ignore[arg-type]
    return operations.save(
        make.scope(to).pk, limits, version=version, reason="Why", actor=None, now=now
    )


def test_an_audience_starts_with_version_one() -> None:
    policy = in_force(audience(), NOW)
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
    assert in_force(everyone, NOW + DAY - DAY / 2).version == 1
    assert in_force(everyone, NOW + DAY).red == 80
    with pytest.raises(NoPolicy):
        in_force(everyone, NOW - DAY)


def test_save_audits_only_what_changed() -> None:
    person = make.user("approver")
    limits = Limits(red=80)
    everyone = audience()
    operations.save(
        make.scope(everyone).pk,
        limits,
        version=1,
        reason="Tired",
        actor=person,
        now=NOW,
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
    bare = Scope.objects.create(kind="category", name="Bare", label="Bare")
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
        ({"share_days": 0}, "policy_window_has_days"),
        ({"max_share_percent": 101}, "policy_share_is_a_share"),
        ({"min_depth_percent": 100}, "policy_depth_is_a_share"),
    ],
)
def test_the_database_refuses_impossible_versions(
    wrong: dict[str, object], text: str
) -> None:
    values = {
        "scope": make.scope(audience()),
        "version": 2,
        "since": NOW,
        "zone": "UTC",
    }
    with pytest.raises(IntegrityError, match=text), transaction.atomic():
        Policy.objects.create(**(values | wrong))


def test_the_calendar_asks_every_source_once() -> None:
    sale = Sale("FS-1", "One", NOW, NOW + DAY, 0.3)
    boots = rules.Scope(Kind.CATEGORY, "Boots")
    source = calendar.Source(
        planned=lambda scope, now: [calendar.Plan(sale, [], settled=False)],
        sales=lambda scope: [sale] if scope == boots else [],
    )
    calendar.register(source)
    calendar.register(source)
    try:
        assert calendar.sales(boots).count(sale) == 1
        assert sale not in calendar.sales(rules.EVERYTHING)
        assert [plan.sale for plan in calendar.planned(boots, NOW)] == [sale]
    finally:
        calendar._sources.remove(source)


def protect(scope: rules.Scope, **changes: object) -> Policy:
    limits = replace(Limits(), **changes)  # type: ignore[arg-type]
    return operations.add_policy(scope, limits, reason="Why", actor=None, now=NOW)


def test_a_category_without_a_policy_of_its_own_has_that_of_each() -> None:
    protect(rules.Scope(Kind.CATEGORY, rules.EACH), red=80)
    protect(rules.Scope(Kind.CATEGORY, "Boots"), red=70)
    boots, hats = (rules.Scope(Kind.CATEGORY, name) for name in ("Boots", "Hats"))
    held = queries.applicable([boots, hats, rules.EVERYTHING], NOW)
    assert {scope: policy.red for scope, policy in held.items()} == {
        boots: 70,
        hats: 80,
    }


def test_a_scope_is_protected_once() -> None:
    protect(rules.EVERYTHING)
    with pytest.raises(BadPolicy, match="has a policy already"):
        protect(rules.EVERYTHING)
    assert Entry.objects.filter(verb="fatigue.add_policy").count() == 1


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (rules.Scope(Kind.EVERYTHING, "all"), "has no name"),
        (rules.Scope(Kind.BRAND, " "), "Say which Brand"),
    ],
)
def test_a_scope_that_cannot_be_is_refused(scope: rules.Scope, said: str) -> None:
    with pytest.raises(rules.UnknownScope, match=said):
        protect(scope)


def test_the_database_refuses_a_scope_without_a_name() -> None:
    with (
        pytest.raises(IntegrityError, match="scope_of_everything_has_no_name"),
        transaction.atomic(),
    ):
        Scope.objects.create(kind="sku", name="", label="SKU")


def test_starting_protects_everybody_everything_and_each_sku() -> None:
    operations.start(zone="Europe/Berlin", actor=None, now=NOW)
    operations.start(zone="Europe/Berlin", actor=None, now=NOW)
    held = {str(scope.value): scope.label for scope in queries.scopes()}
    assert held == {
        "audience:everyone": "Everyone",
        "everything": "Everything",
        "sku:*": "Each SKU",
    }
    each = queries.in_force(rules.EACH_SKU, NOW).limits()
    assert (each.min_gap_days, each.max_sales, each.max_share_percent) == (14, 2, 20)


def test_quiet_days_are_kept_with_the_version() -> None:
    everyone = audience()
    days = (rules.Quiet("Christmas", date(2026, 12, 24), date(2026, 12, 26)),)
    save(everyone, quiet=days)
    assert in_force(everyone, NOW).limits().quiet == days
    newest = queries.versions(make.scope(everyone))[0]
    assert newest.changes == [("quiet", "none", "Christmas")]


def test_a_scope_is_read_from_its_text() -> None:
    for text in ("everything", "sku:*", "category:Camp: and sleep"):
        assert str(rules.scope_of(text)) == text
    with pytest.raises(rules.UnknownScope, match="planet"):
        rules.scope_of("planet:Mars")


def test_who_is_limited_to_a_category_changes_policies_of_that_one_only() -> None:
    person = make.user("approver")
    People.objects.create(user=person, categories=["Boots"])
    boots = rules.Scope(Kind.CATEGORY, "Boots")
    said = {"reason": "Why", "actor": person, "now": NOW}
    held = operations.add_policy(boots, Limits(), **said)
    operations.save(held.scope_id, Limits(red=80), version=1, **said)
    for other in (rules.Scope(Kind.CATEGORY, "Tents"), rules.EACH_SKU):
        with pytest.raises(OutOfScope, match="limited to Boots"):
            operations.add_policy(other, Limits(), **said)
    assert not Scope.objects.exclude(pk=held.scope_id).exists()
