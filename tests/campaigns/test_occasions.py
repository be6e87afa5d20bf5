"""What justifies a sale: added, renamed, removed, and how a plan comes by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Occasion, Template
from console.campaigns.operations.occasions import OccasionInUse, OccasionTaken
from console.campaigns.queries import readiness
from console.campaigns.queries.versions import occasion as said_of
from console.campaigns.rules import Incomplete, StaleEdit, State, YearOutOfRange
from console.campaigns.rules.versions import fingerprint
from console.fatigue import operations as fatigue
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
FRIDAY = date(2026, 11, 27)


def added(name: str = "Black Friday", on: date = FRIDAY) -> Occasion:
    aino = make.user("merchandiser")
    return campaigns.add_occasion(name, on=on, actor=aino, now=NOW)


def renamed(one: Occasion, name: str, on: date = FRIDAY, **more: int) -> Occasion:
    return campaigns.rename_occasion(
        one.pk, name, on=on, actor=make.user("merchandiser"), now=NOW, **more
    )


def dropped(one: Occasion) -> None:
    campaigns.drop_occasion(one.pk, actor=make.user("merchandiser"), now=NOW)


def named(one: Occasion, state: State = State.DRAFT) -> Campaign:
    held = make.campaign()
    Campaign.objects.filter(pk=held.pk).update(occasion=one, state=state)
    return held


def trail() -> list[tuple[str, object, object]]:
    found = Entry.objects.filter(verb__contains="occasion").order_by("pk")
    return [(one.verb, one.before, one.after) for one in found]


def test_each_change_is_in_the_trail_with_what_was_and_what_is() -> None:
    one = added("  Black Friday ")
    renamed(one, "Black Week")
    renamed(one, "Black Week")
    dropped(one)
    friday = {"name": "Black Friday", "on": "2026-11-27"}
    week = {"name": "Black Week", "on": "2026-11-27"}
    assert trail() == [
        ("campaign.occasion", None, friday),
        ("campaign.rename_occasion", friday, week),
        ("campaign.drop_occasion", week, None),
    ]
    assert not Occasion.objects.exists()


def test_one_name_is_once_on_a_day() -> None:
    one, other = added(), added("Launch")
    with pytest.raises(OccasionTaken, match="There is Black Friday, Fri 27 Nov") as no:
        added()
    assert (no.value.field, no.value.status) == ("name", 409)
    with pytest.raises(OccasionTaken, match="There is Black Friday, Fri 27 Nov"):
        renamed(other, "Black Friday")
    added(on=FRIDAY + DAY)
    assert Occasion.objects.filter(name=one.name).count() == 2
    assert len(trail()) == 3


def test_the_database_keeps_one_name_once_on_a_day() -> None:
    added()
    with (
        pytest.raises(IntegrityError, match="occasion_once_on_a_day"),
        transaction.atomic(),
    ):
        Occasion.objects.create(name="Black Friday", on=FRIDAY)


def test_an_occasion_without_a_name_or_beyond_every_calendar_is_refused() -> None:
    with pytest.raises(Incomplete, match="Name the occasion") as nameless:
        added(" ")
    assert nameless.value.field == "name"
    with pytest.raises(YearOutOfRange, match="for the day") as late:
        added(on=date(9999, 1, 1))
    assert late.value.field == "on"
    with pytest.raises(YearOutOfRange):
        renamed(added(), "Early", date(1, 1, 1))


def test_what_a_sale_names_is_not_removed() -> None:
    one = added()
    first = named(one, State.CLOSED)
    with pytest.raises(OccasionInUse, match=f"justifies {first.code}. Choose") as used:
        dropped(one)
    assert (used.value.code, used.value.status) == ("occasion_in_use", 409)
    named(one), named(one)
    with pytest.raises(OccasionInUse, match=f"{first.code} and 2 other sales"):
        dropped(one)
    assert Occasion.objects.exists()


def test_a_draft_follows_another_name_and_what_was_submitted_keeps_its_own() -> None:
    one = added()
    draft = named(one)
    renamed(one, "Black Week", FRIDAY - DAY)
    draft.refresh_from_db()
    assert str(draft.occasion) == "Black Week, Thu 26 Nov 2026"
    sent = named(one, State.IN_REVIEW)
    with pytest.raises(OccasionInUse, match=f"submitted names it: {sent.code}. Add"):
        renamed(one, "Other")
    assert renamed(one, "Black Week", FRIDAY - DAY) == one


def test_a_rename_of_what_somebody_changed_since_is_refused() -> None:
    one = added()
    seen = fingerprint(said_of(one))
    renamed(one, "Black Week", version=seen)
    with pytest.raises(StaleEdit):
        renamed(one, "Dark Friday", version=seen)


def test_a_template_leaves_out_an_occasion_that_is_gone() -> None:
    one = added()
    sale = named(one)
    campaigns.save_template(
        sale.code, name="Friday", with_lines=False, actor=sale.author, now=NOW
    )
    Campaign.objects.update(occasion=None)
    dropped(one)
    kept = campaigns.use_template(
        Template.objects.get().pk, day=FRIDAY + 9 * DAY, actor=sale.author, now=NOW
    )
    assert kept.occasion is None


def test_a_new_shop_adds_the_occasion_that_its_limits_ask_for(client: Client) -> None:
    fatigue.start(zone="UTC", actor=None, now=NOW)
    one = make.campaign()
    client.force_login(one.author)
    plan, there = reverse("campaigns:plan", args=[one.code]), "/calendar/occasions/"
    page = client.get(plan).text
    assert "Every sale needs an occasion" in page
    assert f'There is none yet. <a href="{there}">Add one</a>' in page
    assert f'<a class="v" href="{there}">Occasions</a>' in page
    assert "No occasions yet" in client.get(there).text
    client.post(f"{there}new/", {"name": "Launch", "on": "2026-11-30"})
    made = Occasion.objects.get()
    page = client.get(plan).text
    assert f'<option value="{made.pk}">Launch, Mon 30 Nov 2026</option>' in page
    assert "There is none yet" not in page
    Campaign.objects.update(occasion=made)
    one.refresh_from_db()
    found = [check.text for check in readiness.verdict(one, now=NOW).blockers]
    assert not [text for text in found if "occasion" in text]


def test_a_field_says_what_is_wrong_with_it(merchant: Client) -> None:
    added()
    url = reverse("campaigns:add_occasion")
    for said, words in (
        ({"name": "", "on": "2026-11-27"}, "Name is missing. Fill it in."),
        ({"name": "Launch", "on": "soon"}, "Day is no date. Choose one."),
        ({"name": "Launch", "on": "0001-01-01"}, "Choose a year between 1971"),
        ({"name": "Black Friday", "on": "2026-11-27"}, "There is Black Friday"),
    ):
        reply = merchant.post(url, said, headers=HTMX)
        assert (reply.status_code, words in reply.text) == (422, True), words
        assert merchant.post(url, said).status_code == 422
    assert Occasion.objects.count() == 1


def test_the_page_renames_and_removes_what_may_be(merchant: Client) -> None:
    free, drafted, fixed = added("Free"), added("Drafted"), added("Fixed")
    named(drafted), named(fixed, State.CLOSED)
    page = merchant.get(reverse("campaigns:occasions")).text
    for one, may in ((free, (1, 1)), (drafted, (1, 0)), (fixed, (0, 0))):
        ways = ("rename_occasion", "drop_occasion")
        links = [f'href="{reverse(f"campaigns:{w}", args=[one.pk])}"' for w in ways]
        assert tuple(page.count(link) for link in links) == may, one.name
    drop = reverse("campaigns:drop_occasion", args=[free.pk])
    assert "Remove Free?" in merchant.get(drop).text
    assert Occasion.objects.filter(pk=free.pk).exists()
    merchant.post(drop, headers=HTMX)
    assert not Occasion.objects.filter(pk=free.pk).exists()
    refused = merchant.post(reverse("campaigns:drop_occasion", args=[fixed.pk]))
    assert (refused.status_code, "Fixed justifies" in refused.text) == (409, True)


def test_two_renames_are_shown_side_by_side(merchant: Client) -> None:
    one = added()
    url = reverse("campaigns:rename_occasion", args=[one.pk])
    seen = fingerprint(said_of(one))
    renamed(one, "Black Week")
    said = {"name": "Dark Friday", "on": "2026-11-27", "version": seen}
    reply = merchant.post(url, said)
    assert (reply.status_code, "Two edits of Black Week" in reply.text) == (409, True)
    said |= {"version": fingerprint(said_of(Occasion.objects.get()))}
    merchant.post(url, said)
    assert Occasion.objects.get().name == "Dark Friday"


def test_days_that_are_over_are_folded_away(merchant: Client) -> None:
    added("Past", FRIDAY - DAY), added("Today"), added("Next", FRIDAY + DAY)
    page = merchant.get(reverse("campaigns:occasions")).text
    shown, _, folded = page.partition("<details")
    assert "Today" in shown
    assert shown.index(">Today<") < shown.index(">Next<")
    assert ">Past<" not in shown.partition('id="occasions"')[2]
    assert 'th scope="row">Past<' in folded


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        named(added(f"Launch {n}"))
    client.force_login(make.user("viewer"))
    client.get(reverse("campaigns:occasions"))
    with django_assert_num_queries(4):
        page = client.get(reverse("campaigns:occasions")).text
    assert page.count("Launch ") == count
    assert "Rename" not in page


def test_a_program_adds_renames_and_removes(merchant: Client) -> None:
    base = "/api/v1/occasions"
    kind = {"content_type": "application/json"}
    said = {"name": "Black Friday", "on": "2026-11-27"}
    made = merchant.post(base, said, **kind)
    assert (made.status_code, made.json()["key"]) == (201, "2026-11-27 Black Friday")
    again = merchant.post(base, said, **kind).json()
    assert (again["code"], again["field"]) == ("occasion_taken", "name")
    far = merchant.post(base, said | {"on": "9999-01-01"}, **kind).json()
    assert (far["code"], far["field"]) == ("year_out_of_range", "on")
    one = f"{base}/{made.json()['id']}"
    week = {"name": "Black Week", "on": "2026-11-23"}
    assert merchant.put(one, week, **kind).status_code == 428
    old = {"version": made.json()["version"]}
    done = merchant.put(one, week | old, **kind).json()
    assert merchant.put(one, said | old, **kind).json()["code"] == "stale_edit"
    assert merchant.get(base).json() == [done]
    held = named(Occasion.objects.get())
    used = merchant.delete(one)
    assert (used.status_code, used.json()["values"]) == (
        409,
        {"campaigns": [held.code]},
    )
    Campaign.objects.update(occasion=None)
    assert merchant.delete(one).status_code in (200, 204)
    assert merchant.delete(one).status_code == 404
