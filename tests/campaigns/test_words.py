"""What pages say: names before codes, per cent, minutes, and words on buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import terms
from console.campaigns.forms.fields import WallClockField
from console.campaigns.models import Campaign, Market
from console.campaigns.queries.calendar import calendar
from console.campaigns.queries.readiness import verdict
from console.campaigns.terms import BadTerm
from console.shell import formats
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.mark.parametrize("state,said", [("draft", True), ("aborted", False)])
def test_only_a_plan_that_may_still_open_hears_that_its_start_is_past(
    state: str, said: bool
) -> None:
    plan = make.campaign()
    Campaign.objects.filter(pk=plan.pk).update(state=state)
    plan.refresh_from_db()
    found = verdict(plan, now=plan.opens_at + timedelta(days=1)).blockers
    assert any("in the past" in check.text for check in found) is said


@pytest.mark.parametrize(
    "second,shown,step",
    [(0, '"2026-11-27T20:00"', False), (7, '"2026-11-27T20:00:07"', True)],
)
def test_a_time_shows_seconds_only_where_it_has_some(
    second: int, shown: str, step: bool
) -> None:
    widget = WallClockField().widget
    drawn = widget.render("at", datetime.fromisoformat(f"2026-11-27T20:00:{second:02}"))
    assert (shown in drawn, 'step="1"' in drawn) == (True, step)
    again = widget.render("at", f"2026-11-27T20:00:{second:02}")
    assert (shown in again, 'step="1"' in again) == (True, step)


def test_the_calendar_says_in_words_where_to_subscribe_and_freeze(
    merchant: Client,
) -> None:
    make.campaign()
    page = merchant.get(reverse("campaigns:calendar")).text
    assert "</svg>Subscribe</a>" in page
    assert "</svg>Freezes</a>" in page


def test_the_field_of_the_sale_to_wait_for_has_a_label(merchant: Client) -> None:
    page = merchant.get(reverse("campaigns:changes", args=[make.campaign().code])).text
    assert '<label for="wait-on">Campaign to wait for</label>' in page


@pytest.mark.parametrize(
    "value,said", [(21.0, "21 days"), (6.5, "6.5 days"), (1, "1 day"), (None, "–")]
)
def test_days_are_told_without_an_empty_tenth(value: float | None, said: str) -> None:
    assert formats.days(value) == said


def test_the_list_of_campaigns_leads_to_the_templates(merchant: Client) -> None:
    page = merchant.get(reverse("campaigns:list")).text
    assert f'href="{reverse("campaigns:templates")}"' in page


def test_a_market_names_its_law_before_the_code_of_it(merchant: Client) -> None:
    Market.objects.create(
        code="FI", name="Suomi", zone="Europe/Helsinki", currency="EUR", pack="eu-fi"
    )
    page = merchant.get(reverse("campaigns:markets")).text
    assert 'Finland <span class="id">eu-fi</span>' in page


def test_a_share_is_per_cent_for_people_and_a_share_for_programs(
    merchant: Client,
) -> None:
    draft = make.campaign(reach=Decimal("0.25"))
    page = merchant.get(reverse("campaigns:plan", args=[draft.code]))
    form = page.context["form"]
    assert form["reach"].value() == "25"
    said = {name: form[name].value() or "" for name in form.fields}
    there = reverse("campaigns:save", args=[draft.code])
    assert merchant.post(there, said | {"reach": "12.5"}).status_code == 302
    draft.refresh_from_db()
    assert draft.reach == Decimal("0.125")
    assert terms.told(draft)["reach"] == "0.125"
    assert terms.filled({"reach": "0.5"}, over=draft).terms.reach == Decimal("0.5")
    for wrong in ("50", "0", "-1", "NaN", "0.0005", "half", [], {}):
        with pytest.raises(BadTerm, match="above 0 and at most 1"):
            terms.filled({"reach": wrong}, over=draft)


def test_a_year_draws_a_name_only_where_four_letters_fit(merchant: Client) -> None:
    people = make.audience()
    for day in (1, 4, 7):
        make.campaign(of=people, opens_at=NOW + timedelta(days=day))
    lanes = calendar("year", NOW.date(), zone="UTC", now=NOW).lanes
    named = [bar.named for bar in next(one for one in lanes if one.events).events]
    assert False in named
    page = merchant.get(reverse("campaigns:calendar"), {"zoom": "year"}).text
    assert '<span class="ev__t ev__t--off"><b>Alpine Shell Doorbuster</b>' in page
    assert 'title="Alpine Shell Doorbuster. Drag to move, or press M"' in page
