"""Prices at the end of a sale that a person decides about."""

from __future__ import annotations

import json
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.prices import operations, queries, steps
from console.prices.models import Conflict, PricePoint
from console.prices.operations import AlreadyDecided
from console.prices.rules.reverting import Choice, Why
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.prices.test_steps import (
    _apply,
    _edit,
    _reprice,
    _revert,
    _shown,
    kind,
    shop,
)
from tests.racing import in_parallel
from tests.sandboxed import Sandbox
from tests.ticking import run

__all__ = ["kind", "shop"]

HTMX = {"HX-Request": "true"}


def conflict(**fields: Any) -> Conflict:
    """Somebody set 77 and 120 where we had 60 and 100."""
    number = Conflict.objects.count()
    values = {
        "step_key": "FS-1/prices", "plan": "campaign:FS-1", "connection": "shop",
        "campaign": "FS-1", "sku": f"S-{number}", "currency": "EUR",
        "why": Why.BASE_CHANGED, "before_regular": D(100), "ours": D(60),
        "found_regular": D(120), "found_sale": D(77), "found_campaign": "FS-1",
        "found_at": timezone.now(),
    }  # fmt: skip
    return Conflict.objects.create(**(values | fields))


def _asked(shop: Sandbox, what: str = "other sale") -> Conflict:
    """A real one, from a real sale that was put back."""
    step = _apply()
    _edit(shop, "LAMP", what)
    _revert(step)
    return Conflict.objects.get()


def _decide(one: Conflict, choice: Choice) -> Conflict:
    person = make.user("merchandiser")
    return operations.decide(one.pk, choice=choice, actor=person, now=timezone.now())


def _put_back() -> Step:
    return run(Step.objects.filter(kind="prices.restore").latest("pk"))


@pytest.mark.django_db
@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("what", ["other sale", "hand and base"])
def test_what_is_put_back_is_what_was_there_before(shop: Sandbox, what: str) -> None:
    one = _decide(_asked(shop, what), Choice.RESTORE)
    step = _put_back()
    assert step.state == State.VERIFIED, step.error
    base = D(120) if what == "hand and base" else D(100)
    assert queries.in_force(["LAMP"], timezone.now())["LAMP"].amount == base
    one.refresh_from_db()
    assert one.settled_at is not None
    _reprice(shop, {"LAMP": None}, "FS-1")
    assert _shown(shop)["LAMP"] is None


@pytest.mark.django_db
def test_an_earlier_sale_comes_back(shop: Sandbox) -> None:
    _reprice(shop, {"LAMP": "95.00"}, "EARLIER")
    _decide(_asked(shop), Choice.RESTORE)
    assert _put_back().state == State.VERIFIED
    assert _shown(shop)["LAMP"] == 95
    assert queries.in_force(["LAMP"], timezone.now())["LAMP"].amount == 95


@pytest.mark.django_db
def test_what_is_kept_stays(shop: Sandbox) -> None:
    one = _decide(_asked(shop), Choice.KEEP)
    assert one.settled_at is not None
    assert not Step.objects.filter(kind="prices.restore").exists()
    assert _shown(shop)["LAMP"] == 99
    entry = Entry.objects.get(verb="prices.decide")
    assert (entry.after or {})["choice"] == "keep"


@pytest.mark.django_db
def test_a_price_that_changed_since_is_asked_again(shop: Sandbox) -> None:
    one = _decide(_asked(shop), Choice.RESTORE)
    _reprice(shop, {"LAMP": "88.00"}, "OTHER")
    step = _put_back()
    assert step.state == State.FAILED
    assert "asks €88.00 for LAMP, not €99.00" in step.error
    assert _shown(shop)["LAMP"] == 88
    one.refresh_from_db()
    assert (one.choice, one.found_sale, one.decided_by) == ("", 88, None)
    _decide(one, Choice.RESTORE)
    assert _put_back().state == State.VERIFIED
    assert _shown(shop)["LAMP"] is None


@pytest.mark.django_db
def test_a_step_that_runs_twice_changes_nothing(shop: Sandbox) -> None:
    one = _decide(_asked(shop), Choice.RESTORE)
    step, rows = _put_back(), PricePoint.objects.count()
    assert steps.restore(step).note == "Put back"
    one.refresh_from_db()
    assert one.choice == Choice.RESTORE
    assert PricePoint.objects.count() == rows


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_one_is_told_that_it_is_decided() -> None:
    told = _both_decide()
    assert [type(one) for one in told if isinstance(one, Exception)] == [AlreadyDecided]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_row_lock_both_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = type(Conflict.objects.all())
    monkeypatch.setattr(everything, "select_for_update", lambda self, **_: self)
    told = [_both_decide() for _ in range(10)]
    assert any(not isinstance(one, Exception) for pair in told for one in pair)
    assert 0 in [sum(isinstance(o, Exception) for o in pair) for pair in told]


def _both_decide() -> list[Any]:
    one, now = conflict(), timezone.now()
    pick = [Choice.KEEP, Choice.KEEP]
    return in_parallel(
        2, lambda n: operations.decide(one.pk, choice=pick[n], actor=None, now=now)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("wrong,name", [
    ({"choice": "burn", "decided_at": timezone.now()}, "conflict_choice_is_known"),
    ({"choice": "keep"}, "conflict_decision_has_a_time"),
    ({"settled_at": timezone.now()}, "conflict_is_settled_once_decided"),
])  # fmt: skip
def test_the_database_refuses_impossible_decisions(wrong: Any, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        conflict(**wrong)


@pytest.mark.django_db
def test_the_database_asks_once() -> None:
    conflict(sku="A")
    with pytest.raises(IntegrityError, match="asked_once"), transaction.atomic():
        conflict(sku="A")


# Pages


def _as(client: Client, *roles: str) -> Client:
    client.force_login(make.user(*roles))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_little_for_many_as_for_one(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    decider = make.user("merchandiser")
    for _ in range(rows):
        conflict()
    conflict(choice="keep", decided_at=timezone.now(), decided_by=decider)
    _as(client, "merchandiser")
    with django_assert_num_queries(6):
        page = client.get(reverse("prices:conflicts"))
    assert page.text.count("Put back €120.00") == rows
    assert f"{rows} open" in page.text


@pytest.mark.django_db
def test_the_page_may_be_of_one_sale(client: Client) -> None:
    conflict(campaign="FS-9", sku="NINE")
    conflict(sku="ONE")
    there = {"campaign": "FS-9"}
    page = _as(client, "viewer").get(reverse("prices:conflicts"), there, headers=HTMX)
    assert "NINE" in page.text
    assert "ONE" not in page.text
    assert "Put back" not in page.text


@pytest.mark.django_db
def test_the_empty_page_teaches(client: Client) -> None:
    page = _as(client, "viewer").get(reverse("prices:conflicts"))
    assert "Nothing to decide" in page.text


@pytest.mark.django_db
def test_a_decision_shows_what_it_changes_first(client: Client) -> None:
    one = conflict(found_campaign="OTHER", why=Why.OTHER_SALE)
    _as(client, "merchandiser")
    there = reverse("prices:restore", args=[one.pk])
    assert "<dialog" in client.get(there, headers=HTMX).text
    page = client.get(there).text
    assert "<del>€77.00</del>" in page and "<ins>€120.00</ins>" in page
    assert "OTHER" in page
    reply = client.post(there, headers=HTMX)
    told = json.loads(reply["HX-Trigger"])
    assert told["toast"]["text"] == "S-0 goes back to €120.00"
    assert "conflicts-changed" in told
    assert "Is being put back" in client.get(reverse("prices:conflicts")).text


@pytest.mark.django_db
def test_keeping_is_one_decision(client: Client) -> None:
    one = conflict()
    _as(client, "merchandiser")
    there = reverse("prices:keep", args=[one.pk])
    assert "go on paying" in client.get(there).text
    assert client.post(there).status_code == 302
    again = client.post(there, headers=HTMX)
    assert again.status_code == 409


@pytest.mark.django_db
def test_a_viewer_decides_nothing(client: Client) -> None:
    one = conflict()
    _as(client, "viewer")
    assert client.post(reverse("prices:keep", args=[one.pk])).status_code == 403
