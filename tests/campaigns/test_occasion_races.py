"""Occasions from two sides at once: no name twice on a day, none gone that is named."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from console.audit.operations import operation
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Occasion
from console.campaigns.operations import drafts
from console.campaigns.operations.occasions import OccasionInUse, OccasionTaken
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
