"""Announcements: part of the plan, of its approval, and of what the judges hear."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.forms.announcing import ToldChangeForm
from console.campaigns.models import Announcement, Campaign, Footprint
from console.campaigns.operations.changes import hash_of
from console.campaigns.queries import readiness
from console.campaigns.rules import (
    Anchor,
    BadAnnouncement,
    ContentChanged,
    Medium,
    NotAllowedYet,
    Told,
    WrongState,
    check_told,
    messages,
    read_when,
)
from console.fatigue.contacts.reading import day_number
from console.fatigue.models import Audience, Sending
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY_BEFORE = Told(Medium.EMAIL, Anchor.START, -24 * 60)
OPENS = NOW + 60 * HOUR


@pytest.mark.parametrize(
    ("text", "anchor", "minutes", "spelled"),
    [
        ("T-24h", Anchor.START, -1440, "T-24h"),
        ("t - 1d", Anchor.START, -1440, "T-24h"),
        ("T0", Anchor.START, 0, "T0"),
        ("start", Anchor.START, 0, "T0"),
        ("T+30m", Anchor.START, 30, "T+30m"),
        ("T\u221290min", Anchor.START, -90, "T-90m"),
        ("end-2h", Anchor.END, -120, "end-2h"),
    ],
)
def test_an_offset_reads_as_people_write_it(
    text: str, anchor: Anchor, minutes: int, spelled: str
) -> None:
    assert read_when(text) == (anchor, minutes)
    assert Told(Medium.SMS, anchor, minutes).when == spelled
    assert read_when(spelled) == (anchor, minutes)


@pytest.mark.parametrize("text", ["", "24h", "T-", "T-31d", "T*2h", "T-24w"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(BadAnnouncement):
        read_when(text)


def test_what_is_spelled_reads_the_same() -> None:
    told = Told(Medium.PUSH, Anchor.END, -120, Decimal("0.250"))
    assert Told.read(told.spelled()) == told


@pytest.mark.parametrize(
    "text", ["sms end 1 1", "sms start 0 0", "sms start 0 1.5", "sms start 99999 1"]
)
def test_what_no_plan_could_keep_is_not_read(text: str) -> None:
    with pytest.raises((BadAnnouncement, ValueError)):
        Told.read(text)


def test_nobody_is_told_after_the_end() -> None:
    with pytest.raises(BadAnnouncement):
        check_told(Told(Medium.SMS, Anchor.END, 1))
    late = Told(Medium.SMS, Anchor.START, 180)
    assert messages([late], OPENS, OPENS + 2 * HOUR) == ()
    last = Told(Medium.SMS, Anchor.END, -60)
    assert messages([last], OPENS, OPENS + 9 * HOUR, over_at=OPENS + HOUR) == ()


def people(**limits: int) -> Audience:
    return make.audience("Everyone", **({"email_gap_h": 16, "red": 0, "amber": 0}
                                        | limits))  # fmt: skip


def told(one: Campaign, *what: Told) -> Campaign:
    for each in what:
        campaigns.announce(one.code, each, actor=one.author, now=NOW)
    return Campaign.objects.get(pk=one.pk)


def approved(one: Campaign) -> Campaign:
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    return campaigns.approve(
        sent.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )


def moved(one: Campaign, opens: datetime) -> readiness.Verdict:
    lasts = timedelta(hours=2)
    local = opens.replace(tzinfo=None)
    Campaign.objects.filter(pk=one.pk).update(
        opens_at=opens,
        closes_at=opens + lasts,
        opens_local=local,
        closes_local=local + lasts,
    )
    return readiness.verdict(Campaign.objects.get(pk=one.pk), now=NOW)


def test_ten_hours_after_anothers_email_is_blocked_until_sixteen() -> None:
    everyone = people()
    approved(told(make.campaign(of=everyone, opens_at=OPENS), DAY_BEFORE))
    second = told(make.campaign(of=everyone, opens_at=OPENS + 10 * HOUR), DAY_BEFORE)
    verdict = readiness.verdict(second, now=NOW)
    said = [check.text for check in verdict.blockers]
    assert said == [
        "Everyone: Its e-mail and one of FS-0001 lie 10.0 h apart; "
        "16 h must lie between, rolling hours"
    ]
    earliest = verdict.earliest
    assert earliest == OPENS + 16 * HOUR
    assert not moved(second, earliest).blockers
    assert moved(second, earliest - HOUR).blockers
    with pytest.raises(NotAllowedYet):
        campaigns.submit(second.code, actor=second.author, now=NOW)


def test_another_channel_or_another_audience_does_not_count() -> None:
    everyone = people()
    approved(told(make.campaign(of=everyone, opens_at=OPENS), DAY_BEFORE))
    push = Told(Medium.PUSH, Anchor.START, -24 * 60)
    later = told(make.campaign(of=everyone, opens_at=OPENS + 10 * HOUR), push)
    assert not readiness.verdict(later, now=NOW).blockers
    others = make.audience("Others", email_gap_h=16)
    apart = told(make.campaign(of=others, opens_at=OPENS + 10 * HOUR), DAY_BEFORE)
    assert not readiness.verdict(apart, now=NOW).blockers


def test_messages_of_approved_sales_share_the_cap_of_a_window() -> None:
    everyone = people(email_gap_h=0, max_messages=2, message_days=7)
    last = Told(Medium.SMS, Anchor.END, -60)
    first = make.campaign(of=everyone, opens_at=OPENS)
    approved(told(first, DAY_BEFORE, last))
    second = told(make.campaign(of=everyone, opens_at=OPENS + 48 * HOUR), DAY_BEFORE)
    verdict = readiness.verdict(second, now=NOW)
    fatigue = next(s for s in verdict.sections if s.key == "fatigue")
    assert next(c.text for c in fatigue.checks if c.tone == "bad").startswith(
        "Everyone: 3 messages in 7 days"
    )
    earliest = verdict.earliest
    assert earliest and not moved(second, earliest).blockers
    assert moved(second, earliest - HOUR).blockers


def test_a_footprint_keeps_what_people_will_be_told() -> None:
    one = approved(told(make.campaign(opens_at=OPENS), DAY_BEFORE))
    assert Footprint.objects.get(campaign=one).told == ["email start -1440 1"]


def test_an_announcement_is_part_of_what_is_approved() -> None:
    one = make.campaign(opens_at=OPENS)
    bare = hash_of(one)
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    assert sent.content_hash == bare
    row = campaigns.announce(one.code, DAY_BEFORE, actor=one.author, now=NOW)
    now_draft = Campaign.objects.get(pk=one.pk)
    assert (now_draft.state, now_draft.content_hash) == ("draft", "")
    again = campaigns.submit(one.code, actor=one.author, now=NOW)
    assert again.content_hash != bare
    Announcement.objects.filter(pk=row.pk).update(minutes=-60)
    with pytest.raises(ContentChanged):
        campaigns.approve(
            one.code,
            content_hash=again.content_hash,
            actor=make.user("approver"),
            now=NOW,
        )


def test_a_running_sale_takes_no_new_announcement() -> None:
    one = approved(make.campaign(opens_at=OPENS))
    campaigns.warm(one.code, actor=None, now=NOW)
    with pytest.raises(WrongState):
        campaigns.announce(one.code, DAY_BEFORE, actor=one.author, now=NOW)


def test_the_same_announcement_comes_once() -> None:
    one = told(make.campaign(opens_at=OPENS), DAY_BEFORE)
    with pytest.raises(BadAnnouncement):
        told(one, Told(Medium.EMAIL, Anchor.START, -24 * 60, Decimal("0.5")))
    with pytest.raises(IntegrityError, match="announcement_once_at_a_time"):
        Announcement.objects.create(
            campaign=one, medium="email", anchor="start", minutes=-1440
        )


def test_a_copy_tells_people_the_same() -> None:
    one = told(make.campaign(opens_at=OPENS), DAY_BEFORE)
    copy = campaigns.duplicate(one.code, actor=one.author, now=NOW)
    assert [row.told for row in copy.announcements.all()] == [DAY_BEFORE]


def test_the_plan_page_adds_changes_and_removes(merchant: Client) -> None:
    one = make.campaign(opens_at=NOW + 9000 * HOUR)
    htmx = {"HX-Request": "true"}
    there = reverse("campaigns:announce", args=[one.code])
    body = {"medium": "email", "when": "T-24h", "share": "50"}
    page = merchant.post(there, body, headers=htmx)
    assert page.status_code == 200
    assert page["HX-Trigger"]
    row = one.announcements.get()
    assert row.told == Told(Medium.EMAIL, Anchor.START, -1440, Decimal("0.5"))
    change = reverse("campaigns:change_told", args=[one.code, row.pk])
    body["version"] = ToldChangeForm.values_of(row)["version"]
    bad = merchant.post(change, body | {"when": "noon"}, headers=htmx)
    assert bad.status_code == 422
    assert b"Write when as T-24h" in bad.content
    merchant.post(change, body | {"when": "end-2h", "medium": "sms"}, headers=htmx)
    assert one.announcements.get().told.when == "end-2h"
    page = merchant.get(reverse("campaigns:plan", args=[one.code]))
    assert b"end-2h" in page.content
    merchant.post(reverse("campaigns:unannounce", args=[one.code, row.pk]))
    assert not one.announcements.exists()


def test_a_plan_with_an_announcement_after_its_end_is_blocked() -> None:
    late = Told(Medium.EMAIL, Anchor.START, 5 * 60)
    one = told(make.campaign(opens_at=OPENS), late)
    said = [check.text for check in readiness.verdict(one, now=NOW).blockers]
    assert said == ["E-mail at T+5h would come after the end"]


def test_a_closed_sale_enters_the_contact_history() -> None:
    everyone = people()
    last = Told(Medium.SMS, Anchor.END, -30, Decimal("0.5"))
    one = approved(told(make.campaign(of=everyone, opens_at=OPENS), DAY_BEFORE, last))
    for step in (campaigns.warm, campaigns.ready, campaigns.open):
        step(one.code, actor=None, now=OPENS)
    campaigns.end(one.code, actor=None, now=OPENS + HOUR)
    for _ in range(2):
        campaigns.close(one.code, actor=None, now=OPENS + 2 * HOUR)
    rows = Sending.objects.values_list("campaign", "channel", "day", "share")
    assert list(rows) == [
        (one.code, "email", day_number((OPENS - 24 * HOUR).date()), Decimal(1))
    ]


def test_a_plan_nobody_may_change_asks_for_nothing(client: Client) -> None:
    sale = make.armed()
    client.force_login(make.user("viewer"))
    page = client.get(reverse("campaigns:plan", args=[sale.code])).text
    assert "No announcement is planned with this sale." in page
    assert "Add when people hear" not in page
    assert 'class="opt"' not in page


def test_one_removed_after_a_refused_save_is_not_there(
    client: Client, campaign: Campaign
) -> None:
    """Removed after the save was refused, before the newer values were read."""
    told = Told(Medium.EMAIL, Anchor.START, -1440)
    pk = campaigns.announce(campaign.code, told, actor=campaign.author, now=NOW).pk
    change = reverse("campaigns:change_told", args=[campaign.code, pk])
    row = {"medium": "email", "when": "T-6h", "share": "50", "version": "1"}
    client.force_login(make.user("merchandiser"))
    assert "screen" in client.post(change, row).context

    def removing(execute: Any, sql: str, *rest: Any) -> Any:
        newer = 'FROM "campaigns_announcement" INNER JOIN "campaigns_campaign"'
        if newer in sql:
            Announcement.objects.all()._raw_delete("default")
        return execute(sql, *rest)

    with connection.execute_wrapper(removing):
        assert client.post(change, row).status_code == 404
    assert not Announcement.objects.exists()
