"""One of two, two of two: who approves, what counts, and what voids it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import LineTerms, approving, decisions
from console.campaigns.queries import approvals
from console.campaigns.rules import (
    AlreadyApproved,
    AuthorCannotApprove,
    BadExpiry,
    OverrideExpired,
    State,
    Table,
)
from console.stock.models import Allocation
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

HOUR = timedelta(hours=1)


def risky(**terms: Any) -> Campaign:
    """In review, and so deep that two people approve it."""
    made = make.campaign(**terms)
    line = made.lines.get()
    campaigns.edit_line(
        line.pk, values=LineTerms(sale_price=Decimal(45)), version=1,
        actor=made.author, now=NOW,
    )  # fmt: skip
    return campaigns.submit(made.code, actor=made.author, now=NOW)


def approve(one: Campaign, by: User | None = None, **said: Any) -> Campaign:
    by = by or make.user("approver")
    told: dict[str, Any] = {"content_hash": one.content_hash, "now": NOW} | said
    return campaigns.approve(one.code, actor=by, **told)


@pytest.mark.django_db
def test_only_the_last_approval_arms_a_plan() -> None:
    one = risky()
    assert approve(one).state == State.IN_REVIEW
    found = approvals.progress(one)
    assert (found.text, found.missing) == ("1 of 2 approved", 1)
    assert "55.0% off" in found.reasons[0]
    assert not Allocation.objects.exists()
    assert approve(one).state == State.ARMED
    kept = Approval.objects.latest("pk").verdict["risk"]
    assert (kept["needed"], kept["table"]) == (2, 1)


@pytest.mark.django_db
def test_the_same_person_counts_once_and_authors_never() -> None:
    one, lena = risky(), make.user("approver")
    approve(one, lena)
    with pytest.raises(AlreadyApproved):
        approve(one, lena)
    with pytest.raises(AuthorCannotApprove):
        approve(one, one.author)


@pytest.mark.django_db
def test_an_edit_or_a_return_voids_the_approvals_so_far() -> None:
    one, lena = risky(), make.user("approver")
    approve(one, lena)
    campaigns.reject(one.code, reason="Too deep", actor=lena, now=NOW)
    again = campaigns.submit(one.code, actor=one.author, now=NOW)
    assert again.content_hash == one.content_hash
    assert approvals.progress(again).text == "0 of 2 approved"
    assert approve(again, lena).state == State.IN_REVIEW
    campaigns.edit_line(
        one.lines.get().pk, values=LineTerms(units=11), version=2,
        actor=one.author, now=NOW,
    )  # fmt: skip
    third = campaigns.submit(one.code, actor=one.author, now=NOW)
    assert approvals.progress(third).text == "0 of 2 approved"


@pytest.mark.django_db
def test_the_table_of_risks_counts_what_is_in_review() -> None:
    one, boss = make.submitted(lines=2), make.user("admin")
    campaigns.save_table(
        Table(skus_2=1), version=1, reason="Careful", actor=boss, now=NOW
    )
    assert approve(one).state == State.IN_REVIEW
    assert approve(one).state == State.ARMED


@pytest.mark.django_db
def test_the_database_refuses_a_second_approval_of_one_person() -> None:
    one, lena = risky(), make.user("approver")
    approve(one, lena)
    kept = Approval.objects.get()
    kept.pk = None
    with pytest.raises(IntegrityError, match="approval_once"), transaction.atomic():
        kept.save(force_insert=True)


def wanting() -> Campaign:
    """A draft that only an override lets pass."""
    people = make.audience(min_gap_days=7)
    make.armed(of=people)
    return make.campaign(of=people, opens_at=NOW + timedelta(days=2))


def sent(one: Campaign, **said: Any) -> Campaign:
    told = {"override": "Launch day", "actor": one.author, "now": NOW} | said
    return campaigns.submit(one.code, **told)


@pytest.mark.django_db
def test_an_override_holds_until_the_opening_unless_told() -> None:
    one = sent(wanting())
    assert one.override_until == one.opens_at
    assert approvals.progress(one).needed == 2


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-1, 24 * 3])
def test_an_override_ends_in_time(hours: int) -> None:
    until = (NOW + hours * HOUR).replace(tzinfo=None)
    with pytest.raises(BadExpiry):
        sent(wanting(), override_until=until)


@pytest.mark.django_db
def test_an_expired_override_arms_nothing_and_leads_back_to_review() -> None:
    one = sent(wanting(), override_until=(NOW + HOUR).replace(tzinfo=None))
    approve(one)
    assert approve(one, arm=False).state == State.APPROVED
    late = NOW + HOUR
    with pytest.raises(OverrideExpired, match="in review again"):
        campaigns.arm(one.code, actor=make.user("approver"), now=late)
    one.refresh_from_db()
    assert one.state == State.IN_REVIEW
    assert approvals.progress(one).text == "0 of 2 approved"
    with pytest.raises(OverrideExpired):
        approve(one, now=late)


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_the_page_says_how_far_the_approval_is(client: Client) -> None:
    one = risky()
    client.force_login(make.user("approver"))
    there = reverse("campaigns:approve", args=[one.code])
    reply = client.post(there, {"content_hash": one.content_hash}, follow=True)
    assert "1 of 2 approved; it waits for somebody else" in reply.text
    page = client.get(reverse("campaigns:plan", args=[one.code])).text
    assert "1 more approver needed" in page
    assert "A line is 55.0% off, above 50% (2 approvers)" in page


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_arm_it_once() -> None:
    one, people = risky(), [make.user("approver") for _ in range(2)]
    told = in_parallel(2, lambda n: approve(one, people[n]))
    assert sorted(x.state for x in told if isinstance(x, Campaign)) == [
        State.ARMED, State.IN_REVIEW,
    ]  # fmt: skip
    assert Allocation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_locks_both_see_one_of_two(unlocked: None) -> None:
    one, people = risky(), [make.user("approver") for _ in range(2)]
    told = in_parallel(2, lambda n: approve(one, people[n]))
    assert [x.state for x in told if isinstance(x, Campaign)] == [State.IN_REVIEW] * 2


@pytest.mark.django_db(transaction=True)
def test_one_approver_twice_at_once_counts_once() -> None:
    one, lena = risky(), make.user("approver")
    told = in_parallel(2, lambda _: approve(one, lena))
    assert [type(x) for x in told if isinstance(x, Exception)] == [AlreadyApproved]
    assert Approval.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_constraint_one_counts_twice(unlocked: None) -> None:
    one, lena = risky(), make.user("approver")
    with connection.cursor() as cursor:
        cursor.execute("drop index approval_once_per_person_and_round")
    try:
        told = in_parallel(2, lambda _: approve(one, lena))
        assert not [x for x in told if isinstance(x, Exception)]
        assert Approval.objects.count() == 2
    finally:
        Approval.objects.all().delete()
        with connection.schema_editor() as editor:
            for held in Approval._meta.constraints:
                if held.name == "approval_once_per_person_and_round":
                    editor.add_constraint(Approval, held)


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for anybody, and each looks before the other has written."""
    from time import sleep

    def loose(code: str, *_args: Any, **_named: Any) -> Campaign:
        return Campaign.objects.get(code=code)

    def slowly(*args: Any, **named: Any) -> Any:
        told = noted(*args, **named)
        sleep(0.5)
        return told

    noted = approving.note
    monkeypatch.setattr(decisions, "locked", loose)
    monkeypatch.setattr(decisions.fatigue, "lock", lambda _scopes: None)
    monkeypatch.setattr(decisions.approving, "note", slowly)


@pytest.mark.django_db
def test_what_is_approved_keeps_the_table_it_was_counted_by() -> None:
    one, boss = make.armed(), make.user("admin")
    campaigns.save_table(
        Table(skus_2=0), version=1, reason="Strict", actor=boss, now=NOW
    )
    found = approvals.shown(one)
    assert found and (found.text, found.table) == ("1 of 1 approved", 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_an_override_is_not_asked_for_without_a_reason(client: Client) -> None:
    one = wanting()
    client.force_login(make.user("merchandiser"))
    reply = client.post(reverse("campaigns:submit", args=[one.code]), {"override": ""})
    assert reply.status_code == 422
    assert reply.context["form"].errors.keys() == {"override"}
    assert Campaign.objects.get(code=one.code).state == "draft"


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_only_the_last_of_two_approvers_is_told_that_it_arms(client: Client) -> None:
    one = sent(wanting())
    first, second = make.user("approver"), make.user("approver", name="second")
    there = reverse("campaigns:plan", args=[one.code])
    client.force_login(first)
    assert "Approve and arm" not in client.get(there).text
    asked = client.get(reverse("campaigns:approve", args=[one.code])).text
    assert "Approve and arm" not in asked
    campaigns.approve(one.code, content_hash=one.content_hash, actor=first, now=NOW)
    client.force_login(second)
    assert "Approve and arm" in client.get(there).text


@pytest.mark.usefixtures("db", "still_clock")
def test_who_has_approved_is_not_offered_to_approve_again(client: Client) -> None:
    one, first = risky(), make.user("approver")
    way = reverse("campaigns:approve", args=[one.code])
    client.force_login(first)
    assert way in client.get(there := reverse("campaigns:plan", args=[one.code])).text
    approve(one, first)
    assert way not in client.get(there).text
    assert "You approved it" in client.get(there).text


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_an_author_is_told_why_approving_is_not_offered(client: Client) -> None:
    author = make.user("admin")
    one = make.submitted(author=author)
    there = reverse("campaigns:plan", args=[one.code])
    way = f'href="{reverse("campaigns:approve", args=[one.code])}"'
    client.force_login(author)
    shown = client.get(there).text
    assert way not in shown
    assert "You worked on this plan, so somebody else approves it." in shown
    client.force_login(make.user("admin"))
    shown = client.get(there).text
    assert way in shown
    assert "You worked on this plan" not in shown


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_a_draft_is_discarded_and_what_was_sent_is_aborted(client: Client) -> None:
    one, other = make.campaign(), make.submitted()
    client.force_login(make.user("admin"))
    draft = client.get(reverse("campaigns:plan", args=[one.code])).text
    sent = client.get(reverse("campaigns:plan", args=[other.code])).text
    offered = [("Discard draft" in page, "Abort" in page) for page in (draft, sent)]
    assert offered == [(True, False), (False, True)]
