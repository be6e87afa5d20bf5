"""Nothing is armed without somebody to call; the people page, and what was decided."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.forms.desk import PeopleForm
from console.campaigns.models import Campaign, Decision
from console.campaigns.operations import decisions
from console.campaigns.queries import readiness
from console.campaigns.rules import NotAllowedYet, ReasonMissing
from console.campaigns.rules.reaching import (
    BadContact,
    Contact,
    NobodyToReach,
    check_war_room,
)
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
MARA = Contact("Mara", "Head of shop", "+49 30 1")


@pytest.mark.parametrize(
    "lack,words",
    [
        ({"on_call": None}, "Nobody is on call"),
        ({"contacts": []}, "at least one contact"),
    ],
)
def test_a_plan_without_people_is_blocked_and_not_armed(
    lack: dict[str, Any], words: str
) -> None:
    made = make.campaign()
    Campaign.objects.filter(pk=made.pk).update(**lack)
    made.refresh_from_db()
    blockers = [check.text for check in readiness.verdict(made, now=NOW).blockers]
    assert any(words in text for text in blockers)
    with pytest.raises(NotAllowedYet):
        campaigns.submit(made.code, actor=made.author, now=NOW)


@pytest.mark.parametrize("lack", [{"on_call": None}, {"contacts": []}])
def test_arming_refuses_what_lost_its_people_after_the_approval(
    lack: dict[str, Any],
) -> None:
    made = make.submitted()
    made = campaigns.approve(
        made.code,
        content_hash=made.content_hash,
        actor=make.user("approver"),
        now=NOW,
        arm=False,
    )
    Campaign.objects.filter(pk=made.pk).update(**lack)
    made.refresh_from_db()
    with pytest.raises(NobodyToReach) as refused:
        decisions.arm_now(made, actor=made.author, now=NOW)
    assert refused.value.message.count(".") == 1


def test_an_armed_sale_keeps_somebody_and_may_change_whom() -> None:
    sale = make.armed()
    with pytest.raises(NobodyToReach):
        campaigns.set_contacts(sale.code, [], actor=sale.author, now=NOW)
    campaigns.set_contacts(sale.code, [MARA], actor=sale.author, now=NOW)
    sale.refresh_from_db()
    assert (sale.contacts, sale.state) == ([MARA.spelled()], "armed")
    campaigns.warm(sale.code, actor=None, now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example.com/x",
        "javascript:alert(1)",
        "https://",
        "https://u:p@example.com/",
        "https://a b.example.com/",
        "data:text/html,x",
        "https://[",
    ],
)
def test_a_war_room_is_an_https_address(url: str) -> None:
    with pytest.raises(BadContact):
        check_war_room(url)
    made = make.campaign()
    if not url.startswith("https://"):
        named = pytest.raises(IntegrityError, match="campaign_war_room_is_https")
        with named, transaction.atomic():
            Campaign.objects.filter(pk=made.pk).update(war_room=url)


def posted(
    made: Campaign, *people: tuple[str, str, str], war_room: str = ""
) -> dict[str, Any]:
    version = PeopleForm.values_of(made)["version"]
    data: dict[str, Any] = {"war_room": war_room, "version": version}
    data |= {"form-TOTAL_FORMS": len(people), "form-INITIAL_FORMS": 0}
    for n, (name, role, reach) in enumerate(people):
        data |= {f"form-{n}-name": name, f"form-{n}-role": role}
        data[f"form-{n}-reach"] = reach
    return data


def test_the_page_saves_people_in_their_order(merchant: Client) -> None:
    made = make.campaign()
    there = reverse("campaigns:people", args=[made.code])
    room = "https://meet.example.com/x"
    people = (("Mara", "Head", "+49"), ("", "", ""), ("Tom", "", "#sale"))
    merchant.post(f"{there}save/", posted(made, *people, war_room=room))
    made.refresh_from_db()
    assert [one["name"] for one in made.contacts] == ["Mara", "Tom"]
    page = merchant.get(there).content.decode()
    assert f'href="{room}" target="_blank" rel="noopener noreferrer nofollow"' in page
    bad = posted(made, ("Tom", "", ""), war_room="http://x")
    reply = merchant.post(f"{there}save/", bad)
    assert reply.status_code == 422
    assert "https://" in str(reply.context["room"].errors)


def test_decisions_are_written_down_and_stay(client: Client) -> None:
    sale = make.armed()
    client.force_login(make.user("viewer"))
    there = reverse("campaigns:people", args=[sale.code])
    client.post(f"{there}decide/", {"text": "We do not extend <b>tonight</b>"})
    page = client.get(there).content.decode()
    assert "We do not extend &lt;b&gt;tonight" in page
    assert "Approved" in page
    with pytest.raises(ReasonMissing):
        campaigns.decide(sale.code, text=" ", actor=sale.author, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(campaign=sale, text="", by=sale.author, at=NOW)


def test_copies_keep_their_people() -> None:
    made = make.campaign()
    copy = campaigns.duplicate(made.code, actor=made.author, now=NOW)
    assert copy.contacts == make.CONTACTS
