"""Repeats: one key, one act, one answer; also for those that come at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from console.audit.models import Entry
from console.campaigns.models import Campaign
from console.shell.models import Answer
from console.shell.rest import once
from tests import make
from tests.api.conftest import Caller, caller
from tests.racing import in_parallel


def plan(people: Any = None) -> dict[str, Any]:
    people = people or make.audience()
    said = {"name": "Boots", "audience": people.slug, "zone": "UTC"}
    return said | {"expected_orders_peak": 60, "hold_ttl_s": 600}


def begin(who: Caller, body: dict[str, Any], key: str = "k1") -> Any:
    body = body | {"owner": who.owner.username}
    return who.post("/campaigns", body, Idempotency_Key=key)


@pytest.mark.django_db
def test_the_same_key_gives_the_same_answer(merchant: Caller) -> None:
    body = plan()
    first, second = begin(merchant, body), begin(merchant, body)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert Campaign.objects.count() == 1
    assert Entry.objects.filter(verb="campaign.create").count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("no_broker")
def test_an_upload_is_carried_out_once(merchant: Caller) -> None:
    code = make.campaign().code
    sheet = b"sku,sale_price,units,buffer\nA,70,10,0\n"
    headers = {"Authorization": f"Bearer {merchant.secret}", "Idempotency-Key": "k"}
    path = f"/api/v1/campaigns/{code}/imports"
    told = [
        Client().post(
            path, {"file": SimpleUploadedFile("l.csv", sheet)}, headers=headers
        )
        for _ in range(2)
    ]
    assert told[0].content == told[1].content
    assert told[1]["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused(merchant: Caller) -> None:
    body = plan()
    begin(merchant, body)
    reply = begin(merchant, body | {"name": "Coats"})
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert Campaign.objects.count() == 1


@pytest.mark.django_db
def test_keys_of_two_callers_never_meet(merchant: Caller) -> None:
    body = plan()
    begin(merchant, body)
    begin(caller("merchandiser"), body)
    assert Campaign.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_is_an_answer_too(merchant: Caller) -> None:
    first = merchant.post("/campaigns/none/submit", {}, Idempotency_Key="k")
    again = merchant.post("/campaigns/none/submit", {}, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (404, 404)
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_who_may_not_may_try_again(merchant: Caller) -> None:
    merchant.post("/fatigue/start", {}, Idempotency_Key="k")
    assert not Answer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(merchant: Caller, key: str) -> None:
    reply = begin(merchant, plan(), key)
    assert reply.json()["code"] == "idempotency_key_malformed"


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(merchant: Caller) -> None:
    begin(merchant, plan())
    now = timezone.now()
    assert once.forget(before=now - timedelta(hours=24)) == 0
    assert once.forget(before=now + timedelta(seconds=1)) == 1


def _all_at_once(count: int = 4) -> list[Any]:
    who, body = caller("merchandiser"), plan()
    return in_parallel(count, lambda _: begin(who, body))


@pytest.mark.django_db(transaction=True)
def test_of_repeats_at_once_one_acts_and_all_hear_its_answer() -> None:
    told = _all_at_once()
    assert [one.status_code for one in told] == [201] * 4
    assert len({one.content for one in told}) == 1
    assert Campaign.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_each_repeat_acts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(once, "once", lambda _request, _key, act: act())
    _all_at_once()
    assert Campaign.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_neither_work_nor_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer is kept in the transaction of the work: both are there, or neither."""

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    who, body = caller("merchandiser"), plan()
    with monkeypatch.context() as patched:
        patched.setattr(once, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            begin(who, body)
    assert not Campaign.objects.exists()
    assert begin(who, body).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_repeat_that_waits_too_long_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from threading import Event

    who, body = caller("merchandiser"), plan()
    monkeypatch.setattr(once, "PATIENCE_S", 1)
    busy, tell, keep = Event(), Event(), once._keep

    def slowly(*given: Any) -> None:
        busy.set()
        tell.wait(20)
        keep(*given)

    monkeypatch.setattr(once, "_keep", slowly)

    def one(number: int) -> Any:
        if number:
            busy.wait(10)
        try:
            return begin(who, body)
        finally:
            if number:
                tell.set()

    first, second = in_parallel(2, one)
    assert first.status_code == 201
    told = second.json()["code"]
    assert (second.status_code, told) == (409, "idempotency_in_progress")
