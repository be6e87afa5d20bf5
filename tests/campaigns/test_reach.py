"""How many may be told of a plan: in its verdict and beside each announcement."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.queries.readiness.audience import short
from console.campaigns.rules import Anchor, Medium, Told
from console.fatigue.contacts import merging
from console.fatigue.models import Audience
from tests import make
from tests.make import NOW

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
AT_ONCE = Told(Medium.EMAIL, Anchor.START, 0)


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(merging, "ring", lambda: None)


def told(people: Audience) -> Campaign:
    one = make.campaign(of=people, opens_at=NOW + 2 * DAY)
    campaigns.announce(one.code, AT_ONCE, actor=one.author, now=NOW)
    return one


def brought(people: Audience, *ago: int) -> None:
    """Ten customers, of whom the first were told so many days ago."""
    lines = [f"c{n},{people.slug},," for n in range(10)]
    lines += [
        f"c{n},{people.slug},email,{NOW.date() - days * DAY}"
        for n, days in enumerate(ago)
    ]
    text = "\n".join(["customer,audience,channel,day", *lines])
    file = merging.receive(
        SimpleUploadedFile("c.csv", text.encode()), actor=None, now=NOW
    )
    while merging.merge(file.pk, now=NOW):
        pass


def heard(one: Campaign) -> readiness.Section | None:
    verdict = readiness.verdict(Campaign.objects.get(pk=one.pk), now=NOW)
    return next((s for s in verdict.sections if s.key == "audience"), None)


def test_nobody_told_asks_nothing() -> None:
    assert heard(make.campaign(opens_at=NOW + DAY)) is None


def test_an_unknown_history_is_said_to_be_unknown() -> None:
    section = heard(told(make.audience("Members")))
    assert section
    assert section.word == "Unknown"
    assert "unknown" in section.checks[0].text
    assert section.checks[0].tone == "warn"


def test_the_verdict_says_how_many_may_be_told() -> None:
    people = make.audience("Members", max_messages=1, message_days=7)
    brought(people, 1, 1)
    section = heard(told(people))
    assert section
    assert section.checks[0].tone == "ok"
    assert section.checks[0].text.startswith("E-mail at T0: 8 of 10 may be told")
    assert section.checks[0].value == "80%"


def test_too_few_warn_and_name_the_first_day_with_half() -> None:
    people = make.audience("Members", max_messages=1, message_days=7)
    brought(people, *[1] * 8)
    section = heard(told(people))
    assert section
    first = NOW.date() + 6 * DAY
    assert section.checks[0].tone == "warn"
    assert f"half of them from {first.day} {first:%b}" in section.checks[0].text


def test_the_plan_page_says_it_beside_each_announcement(client: Client) -> None:
    client.force_login(make.user("merchandiser"))
    people = make.audience("Members", max_messages=1, message_days=7)
    one = told(people)
    url = reverse("campaigns:told", args=[one.code])
    assert "Unknown" in client.get(url, headers=HTMX).text
    brought(people, 1, 1)
    assert "8 of 10" in client.get(url, headers=HTMX).text


def test_many_are_told_in_short() -> None:
    assert [short(n) for n in (640, 12_400, 8_200_000, 10_000_000)] == [
        "640",
        "12.4 k",
        "8.2 M",
        "10 M",
    ]
