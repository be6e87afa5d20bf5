"""Occasions from two sides at once: no name twice on a day, none gone that is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from console.audit.models import Entry
from console.audit.operations import operation
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Occasion
from console.campaigns.operations import drafts, occasions
from console.campaigns.operations.occasions import (
    OccasionGone,
    OccasionInUse,
    OccasionTaken,
)
from console.campaigns.rules import State
from tests import make
from tests.campaigns.scopekit import terms_of
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)

FRIDAY = date(2026, 11, 27)


def add(actor: User) -> Occasion:
    return campaigns.add_occasion("Black Friday", on=FRIDAY, actor=actor, now=NOW)


def test_of_two_that_add_the_same_one_is_told_that_it_is_there() -> None:
    aino = make.user("merchandiser")
    for _ in range(3):
        told = in_parallel(4, lambda _: add(aino))
        lost = [one for one in told if isinstance(one, Exception)]
        assert [type(one) for one in lost] == [OccasionTaken] * 3
        Occasion.objects.get().delete()


@pytest.fixture
def no_constraint() -> Iterator[None]:
    """The constraint of one name on a day, taken away and put back."""
    table = "ALTER TABLE campaigns_occasion"
    with connection.cursor() as cursor:
        cursor.execute(f"{table} DROP CONSTRAINT occasion_once_on_a_day")
        yield
        cursor.execute("DELETE FROM campaigns_occasion")
        cursor.execute(
            f'{table} ADD CONSTRAINT occasion_once_on_a_day UNIQUE (name, "on")'
        )


@pytest.mark.usefixtures("no_constraint")
def test_control_without_the_constraint_there_are_several() -> None:
    aino = make.user("merchandiser")
    in_parallel(4, lambda _: add(aino))
    assert Occasion.objects.count() == 4


def chosen_while_removed() -> tuple[Any, Any]:
    """What a plan gets that names an occasion, and what who removes it then gets."""
    one = make.campaign()
    friday = add(one.author)

    def choose() -> Campaign:
        with operation():
            terms = terms_of(one, occasion_id=friday.pk)
            asked = {"version": one.version, "actor": one.author, "now": NOW}
            found = campaigns.edit(one.code, terms=terms, **asked)
            time.sleep(0.6)
        return found

    def remove() -> None:
        time.sleep(0.3)
        campaigns.drop_occasion(friday.pk, actor=one.author, now=NOW)

    chose, removed = in_parallel(2, lambda n: (choose, remove)[n]())
    return chose, removed


def test_what_a_plan_is_about_to_name_is_not_removed() -> None:
    chose, removed = chosen_while_removed()
    assert isinstance(chose, Campaign)
    assert isinstance(removed, OccasionInUse)
    assert Campaign.objects.get().occasion == Occasion.objects.get()


def test_control_without_the_hold_the_plan_cannot_be_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever removes it does not see the plan, which the database then refuses."""
    monkeypatch.setattr(drafts, "hold", lambda _occasion_id: None)
    chose, removed = chosen_while_removed()
    assert isinstance(chose, IntegrityError)
    assert removed is None


def beside_a_removal(act: Callable[[int, User], Any]) -> tuple[Any, Any]:
    """What who removes an occasion gets, and what who acts on it meanwhile."""
    aino = make.user("merchandiser")
    friday = add(aino)

    def remove() -> None:
        with operation():
            campaigns.drop_occasion(friday.pk, actor=aino, now=NOW)
            time.sleep(0.6)

    def second() -> Any:
        time.sleep(0.3)
        return act(friday.pk, aino)

    removed, told = in_parallel(2, lambda n: (remove, second)[n]())
    return removed, told


def drop(pk: int, actor: User) -> None:
    campaigns.drop_occasion(pk, actor=actor, now=NOW)


def rename(pk: int, actor: User) -> Occasion:
    return campaigns.rename_occasion(pk, "Black Week", on=FRIDAY, actor=actor, now=NOW)


@pytest.mark.parametrize("act", [drop, rename])
def test_who_comes_second_is_told_that_it_was_removed(
    act: Callable[[int, User], Any],
) -> None:
    removed, told = beside_a_removal(act)
    assert removed is None
    assert isinstance(told, OccasionGone)
    assert told.message == "That occasion was removed. Reload the list."


def test_control_without_the_lock_two_remove_the_same_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(occasions, "_locked", lambda pk: Occasion.objects.get(pk=pk))
    assert beside_a_removal(drop) == (None, None)
    assert Entry.objects.filter(verb="campaign.drop_occasion").count() == 2


def submitted_while_renamed() -> tuple[Any, Any]:
    """The name a plan is submitted with that came meanwhile, and what renaming got."""
    one = make.campaign()
    friday = add(one.author)

    def submit() -> str:
        with operation():
            terms = terms_of(one, occasion_id=friday.pk)
            asked = {"version": one.version, "actor": one.author, "now": NOW}
            campaigns.edit(one.code, terms=terms, **asked)
            time.sleep(0.6)
        time.sleep(0.4)
        campaigns.submit(one.code, actor=one.author, now=NOW)
        return Occasion.objects.get().name

    def other_name() -> Occasion:
        time.sleep(0.3)
        with operation():
            made = rename(friday.pk, one.author)
            time.sleep(1.2)
        return made

    name, renamed = in_parallel(2, lambda n: (submit, other_name)[n]())
    return name, renamed


def test_a_plan_that_came_meanwhile_is_submitted_with_the_other_name() -> None:
    """Or the rename is refused, where it was submitted before."""
    name, renamed = submitted_while_renamed()
    assert isinstance(name, str)
    assert isinstance(renamed, OccasionInUse) or name == renamed.name


def test_control_without_keeping_drafts_a_submitted_plan_is_renamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(occasions, "_keep_drafts", lambda _named: None)
    name, renamed = submitted_while_renamed()
    assert (name, renamed.name) == ("Black Friday", "Black Week")


def held_beside(state: State, other: State) -> Any:
    """What renaming gets while somebody holds a sale of one state that names it."""
    held, beside = make.campaign(), make.campaign()
    friday = add(held.author)
    for one, its in ((held, state), (beside, other)):
        Campaign.objects.filter(pk=one.pk).update(occasion=friday, state=its)

    def hold() -> None:
        with transaction.atomic():
            Campaign.objects.select_for_update().get(pk=held.pk)
            time.sleep(1.5)

    def act() -> Any:
        time.sleep(0.3)
        start = time.monotonic()
        try:
            rename(friday.pk, held.author)
        except OccasionInUse:
            return time.monotonic() - start
        return None

    return in_parallel(2, lambda n: (hold, act)[n]())[1]


def test_a_rename_that_is_refused_waits_for_nobody() -> None:
    assert held_beside(State.DRAFT, State.IN_REVIEW) < 1
    Campaign.objects.update(occasion=None)
    Occasion.objects.all().delete()
    assert held_beside(State.CLOSED, State.DRAFT) < 1
