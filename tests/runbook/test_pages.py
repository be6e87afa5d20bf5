"""The run sheet as people and programs read it, and what they may press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.runbook import operations
from console.runbook.models import Step
from console.runbook.rules import State
from console.runbook.sheet import Effect, effects
from tests import make
from tests.runbook.kinds import broken, flaky, world

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PLAN = "campaign:FS-1"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make.user("operator"))
    return client


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make.user("viewer"))
    return client


def run_due() -> None:
    now = timezone.now()
    for claim in operations.claim_due(now=now):
        operations.run(claim, now=now)


def a_sale() -> None:
    """A sale that opens in an hour: done, waiting, failed, backing off, planned."""
    now = timezone.now()
    opens = now + timedelta(hours=1)

    def at(minutes: int) -> dict[str, object]:
        due = opens + timedelta(minutes=minutes)
        return {"due_at": due, "now": now, "t_offset_s": minutes * 60}

    make.step("floor", phase="scale", title="Raise web", **at(-90))
    run_due()
    world.failing = [broken()]
    make.step("shards", phase="scale", title="Add shards", policy="degrade", **at(-80))
    run_due()
    world.failing = [flaky()]
    make.step("warm", phase="warm", title="Warm pages", **at(-70))
    run_due()
    make.step("ready", "test.note", phase="warm", after=["warm"], **at(-5))
    make.step("open", "test.note", phase="open", after=["ready"], **at(0))
    make.step("end", "test.note", phase="end", after=["open"], **at(120))


def test_the_page_shows_phases_states_differences_and_now(viewer: Client) -> None:
    a_sale()
    html = viewer.get(reverse("runbook:sheet", args=[PLAN])).content.decode()
    for words in ("Scale up", "Raise web", "Verified", "Failed", "no such group"):
        assert words in html
    for words in ("Waits for Warm pages", "next at", "The plan goes on without it"):
        assert words in html
    assert "T−90m" in html
    assert html.index("now-line") < html.index("T−5m")
    assert "<del>0</del>" in html and "<ins>5</ins>" in html
    assert "Opens in" in html and "tl-mark" in html


def test_the_plan_says_what_it_changes_and_what_is_in_effect() -> None:
    prices = {"A": "1.00", "B": "2.00", "C": "3.00"}
    wanted = {"connection": "shop", "prices": prices, "dial": 5, "soft": True}
    make.step("a", wanted=wanted)
    make.step("b", due_at=timezone.now() + timedelta(days=30))
    before = {one.label: one for one in effects(Step.objects.all())}
    assert before["prices"] == Effect("prices", 3, 0)
    assert before["dials"] == Effect("dials", 2, 0)
    for claim in operations.claim_due(now=make.NOW):
        operations.run(claim, now=make.NOW)
    after = {one.label: one for one in effects(Step.objects.all())}
    assert after["prices"] == Effect("prices", 3, 3)
    assert after["dials"] == Effect("dials", 2, 1)


def test_an_unwritten_plan_says_when_it_is_written(viewer: Client) -> None:
    html = viewer.get(reverse("runbook:sheet", args=["campaign:FS-9"])).content.decode()
    assert "They are written when the sale is approved" in html


@pytest.mark.parametrize("name", ["steps", "overview"])
def test_a_polled_panel_costs_nothing_until_it_changes(viewer: Client, name) -> None:
    a_sale()
    url = reverse(f"runbook:{name}", args=[PLAN])
    first = viewer.get(url, headers=HTMX)
    told = first.headers["HX-PTag"]
    assert f'"HX-PTag": "{told}"' in first.content.decode()
    assert viewer.get(url, headers=HTMX | {"HX-PTag": told}).status_code == 304
    step = Step.objects.get(key="open")
    operations.skip(step.pk, reason="x", actor=None, now=timezone.now())
    assert viewer.get(url, headers=HTMX | {"HX-PTag": told}).status_code == 200


@pytest.mark.parametrize("name", ["sheet", "sheet_partial", "steps", "overview"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    viewer: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    count: int,
) -> None:
    for _ in range(count):
        make.step()
    url = reverse(f"runbook:{name}", args=[PLAN])
    viewer.get(url, headers=HTMX)
    expected = {"sheet": 5, "sheet_partial": 5, "steps": 6, "overview": 6}
    with django_assert_num_queries(expected[name]):
        viewer.get(url, headers=HTMX)


def test_a_viewer_sees_no_buttons_and_may_press_none(viewer: Client) -> None:
    a_sale()
    html = viewer.get(reverse("runbook:steps", args=[PLAN]), headers=HTMX).text
    assert "hx-post" not in html
    step = Step.objects.get(key="open")
    for act in ("run_now", "retry", "skip", "revert"):
        reply = viewer.post(reverse(f"runbook:{act}", args=[step.pk]))
        assert reply.status_code == 403


def test_each_state_offers_what_can_be_done(operator: Client) -> None:
    a_sale()
    html = operator.get(reverse("runbook:steps", args=[PLAN]), headers=HTMX).text
    pks = dict(Step.objects.values_list("key", "pk"))
    shown = {
        key: {a for a in ("run", "retry", "skip", "revert") if f'id="{a}-{pk}"' in html}
        for key, pk in pks.items()
    }
    assert shown == {
        "floor": {"revert"},
        "shards": {"retry", "skip", "revert"},
        "warm": {"run", "skip"},
        "ready": {"skip"},
        "open": {"skip"},
        "end": {"skip"},
    }


def test_an_operator_acts_and_the_page_is_told(operator: Client) -> None:
    a_sale()
    step = Step.objects.get(key="warm")
    htmx = {"HX-Request": "true"}
    reply = operator.post(reverse("runbook:run_now", args=[step.pk]), headers=htmx)
    assert reply.status_code == 204
    assert "step-changed" in reply.headers["HX-Trigger"]
    run_due()
    step.refresh_from_db()
    assert step.state == State.VERIFIED
    operator.post(reverse("runbook:revert", args=[step.pk]), headers=htmx)
    run_due()
    step.refresh_from_db()
    assert step.state == State.REVERTED
    verbs = list(Entry.objects.order_by("position").values_list("verb", flat=True))
    assert verbs == ["runbook.run_now", "runbook.revert"]


def test_skip_asks_for_a_reason(operator: Client) -> None:
    step = make.step(title="Add shards")
    url = reverse("runbook:skip", args=[step.pk])
    htmx = {"HX-Request": "true"}
    assert "Skip “Add shards”?" in operator.get(url, headers=htmx).content.decode()
    again = operator.post(url, {"reason": " "}, headers=htmx)
    assert "required" in again.content.decode()
    assert operator.post(url, {"reason": "Big enough"}, headers=htmx).status_code == 204
    step.refresh_from_db()
    assert (step.state, step.reason) == (State.SKIPPED, "Big enough")


def test_a_refused_act_says_why_and_changes_nothing(operator: Client) -> None:
    step = make.step()
    operations.claim_due(now=make.NOW)
    reply = operator.post(
        reverse("runbook:retry", args=[step.pk]), headers={"HX-Request": "true"}
    )
    assert reply.status_code == 409
    assert "wait until it ends" in reply.content.decode()


def test_a_step_nobody_wrote_is_not_found(operator: Client) -> None:
    for act in ("run_now", "retry", "skip", "revert"):
        assert operator.post(reverse(f"runbook:{act}", args=[99999])).status_code == 404


def test_programs_read_tally_and_steps(viewer: Client) -> None:
    a_sale()
    body = viewer.get(reverse("runbook:api", args=[PLAN])).json()
    assert body["tally"]["total"] == 6
    assert body["tally"]["failed"] == 1
    assert [step["key"] for step in body["steps"]][:2] == ["floor", "shards"]
    assert body["steps"][0]["before"] == {"dial": 0}


def test_somebody_not_signed_in_is_led_to_the_login(client: Client) -> None:
    reply = client.get(reverse("runbook:sheet", args=[PLAN]))
    assert reply.status_code == 302
