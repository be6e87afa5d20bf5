"""Two equal times on the wall clock: the start and the end each say which they mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import bundles, rules
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Change
from console.campaigns.operations.changes import hash_of, terms
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
TWICE = datetime.fromisoformat("2027-10-31T02:30")
ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    "time,twice",
    [("2027-10-31T02:30", True), ("2027-10-31T01:59", False),
     ("2027-10-31T03:00", False), ("2027-03-28T02:30", False)],
)  # fmt: skip
def test_a_time_comes_twice_only_in_the_hour_that_does(time: str, twice: bool) -> None:
    assert rules.comes_twice(datetime.fromisoformat(time), ZONE) is twice


@pytest.mark.parametrize(
    "folds,hours", [((0, 1), 1), ((0, None), None), ((1, 0), None), ((0, 0), None)]
)
def test_a_sale_may_run_from_the_first_of_two_equal_times_to_the_second(
    folds: tuple[int, int | None], hours: int | None
) -> None:
    if hours is None:
        with pytest.raises(rules.EndsBeforeStart):
            rules.resolve(TWICE, TWICE, ZONE, folds=rules.Folds(*folds))
        return
    window = rules.resolve(TWICE, TWICE, ZONE, folds=rules.Folds(*folds))
    assert window.closes_at - window.opens_at == timedelta(hours=hours)


def test_the_form_asks_of_the_end_only_where_both_come_twice(merchant: Client) -> None:
    draft = make.campaign(zone=ZONE)
    there = reverse("campaigns:save", args=[draft.code])
    page = merchant.get(reverse("campaigns:plan", args=[draft.code]))
    start = page.context["form"]
    assert start["closes_fold"].is_hidden
    said = {name: start[name].value() or "" for name in start.fields}
    said |= {"opens_local": "2027-10-31T02:30", "closes_local": "2027-10-31T12:00"}
    asked = merchant.post(there, said).context["form"]
    assert (asked["fold"].is_hidden, asked["closes_fold"].is_hidden) == (False, True)
    said |= {"closes_local": "2027-10-31T02:30", "fold": "0"}
    asked = merchant.post(there, said).context["form"]
    assert not asked["closes_fold"].is_hidden
    assert merchant.post(there, said | {"closes_fold": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.closes_at - draft.opens_at == timedelta(hours=1)
    page = merchant.get(reverse("campaigns:plan", args=[draft.code]))
    assert not page.context["form"]["closes_fold"].is_hidden


def test_a_plan_that_says_nothing_of_its_end_keeps_its_hash() -> None:
    draft = make.campaign()
    before = hash_of(draft)
    assert "closes_fold" not in terms(draft)
    draft.closes_fold = 1
    assert hash_of(draft) != before


def test_an_amendment_moves_an_end_to_the_second_of_two_equal_times() -> None:
    opens = datetime.fromisoformat("2027-10-30T22:30+00:00")
    said = {"opens_local": TWICE.replace(hour=0), "closes_local": TWICE, "fold": 0}
    sale = make.armed(opens_at=opens, zone=ZONE, **said)
    assert (sale.closes_local, sale.closes_fold) == (TWICE, None)
    made = campaigns.propose(
        sale.code, Change((), closes_local=TWICE, fold=1), actor=sale.author,
        now=make.NOW,
    )  # fmt: skip
    campaigns.approve_amendment(
        made.pk, content_hash=made.content_hash, actor=make.user("approver"),
        now=make.NOW,
    )  # fmt: skip
    before = sale.closes_at
    sale.refresh_from_db()
    assert before and sale.closes_at == before + timedelta(hours=1)
    assert sale.closes_fold == 1


def test_a_bundle_that_says_nothing_of_the_end_clears_what_the_draft_said() -> None:
    said = {"opens_local": TWICE, "closes_local": TWICE, "fold": 0, "closes_fold": 1}
    draft = make.campaign(zone=ZONE, **said)
    bundle = bundles.of(draft)
    old = {k: v for k, v in bundle.terms.items() if k != "closes_fold"}
    old |= {"closes_local": "2027-10-31T12:00:00"}
    found = bundles.Opened(replace(bundle, terms=old), signed=True)
    bundles.bring_in(found, actor=draft.author, now=make.NOW)
    draft.refresh_from_db()
    assert (draft.fold, draft.closes_fold) == (0, None)


def test_a_clone_asks_of_its_end_only_where_both_come_twice(merchant: Client) -> None:
    one = make.campaign(
        zone=ZONE, opens_local=TWICE.replace(day=1), closes_local=TWICE.replace(day=1)
        + timedelta(minutes=15),
    )  # fmt: skip
    there = reverse("campaigns:clone", args=[one.code])
    form = merchant.get(there).context["form"]
    assert (form["fold"].is_hidden, form["closes_fold"].is_hidden) == (True, True)
    said = {"day": "2027-10-31", "opens": "02:30"}
    asked = merchant.post(there, said).context["form"]
    assert (asked["fold"].is_hidden, asked["closes_fold"].is_hidden) == (False, False)
    said |= {"fold": "0", "closes_fold": "1"}
    assert merchant.post(there, said).status_code == 302
    copy = Campaign.objects.exclude(pk=one.pk).get()
    assert copy.closes_at - copy.opens_at == timedelta(hours=1, minutes=15)


def test_the_screen_of_two_edits_says_what_a_number_is_of(merchant: Client) -> None:
    draft = make.campaign()
    there = reverse("campaigns:plan", args=[draft.code])
    form = merchant.get(there).context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    said |= {"seen": merchant.get(there).context["seen"], "reach": "40"}
    Campaign.objects.update(reach="0.5", version=draft.version + 1)
    page = merchant.post(reverse("campaigns:save", args=[draft.code]), said)
    assert page.status_code == 409
    assert "<b>50%</b>" in page.text and "<b>40%</b>" in page.text
