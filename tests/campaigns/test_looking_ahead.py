"""The commands dry_run, verify and simulate, against a real shop and its cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.utils import InternalError

from console.audit.models import Entry
from console.campaigns import foreseeing
from console.campaigns.models import Campaign
from console.capacity.models import Forecast
from console.runbook.models import Step
from tests import make
from tests.make import NOW
from tests.sandboxed import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
OURS = ("SHELL-S", "BOOT-42")


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A shop and a cloud that know the sale's goods."""
    _end(sandbox)
    where = {"base_url": sandbox.url, "secret": sandbox.token}
    make.connection("shop", "sandbox_shop", **where)
    yield sandbox
    _end(sandbox)


def _end(sandbox: Sandbox) -> None:
    for campaign in ("S-1", "OTHER"):
        price(sandbox, dict.fromkeys(OURS), campaign)


def price(sandbox: Sandbox, prices: dict[str, Any], campaign: str = "S-1") -> None:
    sandbox.tell("PUT", "/shop/prices", {"campaign": campaign, "prices": prices})


def run(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def failed(name: str, *args: str) -> tuple[str, CommandError]:
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(name, *args, stdout=out)
    return out.getvalue(), error.value


def told(name: str, *args: str) -> Any:
    return json.loads(run(name, *args, "--json"))


def plan() -> Campaign:
    """A draft of two products the shop knows, with a floor of its cloud."""
    made = make.campaign(code="S-1", lines=0)
    for code in OURS:
        make.line(made, author=made.author, code=code)
    return made


def _kept() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Step, Entry, Forecast))


def test_a_dry_run_tells_current_and_target_of_every_step(world: Sandbox) -> None:
    plan()
    price(world, {"SHELL-S": "80.00"}, "OTHER")
    found = told("dry_run", "S-1")
    kinds = [one["kind"] for one in found["steps"]]
    assert kinds[0] == "campaigns.warm_up" and kinds[-1] == "campaigns.close"
    prices = next(one for one in found["steps"] if one["kind"] == "prices.apply")
    assert prices["settings"] == [
        {"name": "BOOT-42", "current": "no sale price", "target": "€70.00",
         "changes": True},
        {"name": "SHELL-S", "current": "€80.00", "target": "€70.00", "changes": True},
    ]  # fmt: skip
    said = run("dry_run", "S-1")
    assert "    SHELL-S: €80.00 -> €70.00\n" in said
    assert "0 calls wanted to change something" in said


def test_a_dry_run_makes_no_call_that_changes_anything_and_writes_nothing(
    world: Sandbox,
) -> None:
    plan()
    before, shown = _kept(), world.tell("GET", "/shop/prices")
    calls = told("dry_run", "S-1")["calls"]
    assert calls == {"read": {"shop": 1}, "refused": {}}
    assert (_kept(), world.tell("GET", "/shop/prices")) == (before, shown)


def test_the_database_itself_refuses_a_write_while_looking() -> None:
    made = plan()
    with pytest.raises(InternalError, match="read-only"), foreseeing.reading():
        Campaign.objects.filter(pk=made.pk).update(name="Changed")


def test_control_the_same_write_passes_after_the_look() -> None:
    made = plan()
    with foreseeing.reading():
        assert Campaign.objects.count() == 1
    with transaction.atomic():
        assert Campaign.objects.filter(pk=made.pk).update(name="Changed") == 1


def test_a_dry_run_that_could_not_look_fails(world: Sandbox) -> None:
    plan()
    make.profile("web", connection="cloud")
    out, error = failed("dry_run", "S-1")
    assert error.returncode == 1
    assert "unknown: " in out and "Raise Web" in str(error)


def test_a_simulation_tells_the_run_from_warming_to_closing() -> None:
    made = plan()
    make.profile("web", connection="cloud", lead_time_s=600)
    before, found = _kept(), told("simulate", "S-1")
    kinds = [one["kind"] for one in found["steps"]]
    assert kinds[0] == "campaigns.warm_up" and kinds[-1] == "campaigns.close"
    floor = next(one for one in found["steps"] if "raise_floor" in one["kind"])
    assert (floor["takes_s"], floor["basis"]) == (600, "lead time of its profile")
    holds = next(one for one in found["steps"] if "drain_holds" in one["kind"])
    assert holds["takes_s"] == made.hold_ttl_s
    assert (found["opens_late_s"], found["stuck"], _kept()) == (0, [], before)
    assert "on time" in run("simulate", "S-1")


def test_a_simulation_says_how_late_a_sale_would_open() -> None:
    """Armed a minute before it opens, with machines that need ten."""
    made = make.campaign(code="S-1", opens_at=NOW + timedelta(minutes=1))
    make.profile("web", connection="cloud", lead_time_s=600)
    found = told("simulate", made.code)
    assert found["opens_late_s"] == 540
    assert "540 s late" in run("simulate", made.code)


def test_a_simulation_learns_from_steps_of_the_past() -> None:
    plan()
    make.profile("web", connection="cloud", lead_time_s=600)
    done = make.step("", "capacity.raise_floor", target="cloud/web", plan="campaign:X")
    Step.objects.filter(pk=done.pk).update(
        state="verified",
        seen={},
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=75),
    )
    floor = next(
        one for one in told("simulate", "S-1")["steps"] if "floor" in one["kind"]
    )
    assert (floor["takes_s"], floor["basis"]) == (75, "p95 of 1 before")


def test_the_units_are_held_against_the_busiest_minute() -> None:
    plan()
    Campaign.objects.update(expected_orders_peak=5)
    found = told("simulate", "S-1")
    assert (found["stock"]["units"], found["stock"]["peak_per_minute"]) == (20, 5)
    assert found["stock"]["out_at"].startswith("2026-11-27T23:04:00")
    Campaign.objects.update(expected_orders_peak=0)
    assert "outlast the sale" in run("simulate", "S-1")


def test_what_comes_after_a_failed_step_is_told_as_stuck() -> None:
    made = make.armed(code="S-1")
    Step.objects.filter(plan=made.plan, kind="campaigns.ready").update(
        state="failed", started_at=NOW, finished_at=NOW, error="No"
    )
    _, error = failed("simulate", "S-1")
    assert "Open the sale" in str(error)


@pytest.mark.parametrize("name", ["dry_run", "simulate"])
def test_a_sale_that_is_over_has_nothing_ahead(name: str) -> None:
    plan()
    Campaign.objects.update(state="aborted")
    assert "nothing of it is ahead" in str(failed(name, "S-1")[1])


@pytest.mark.parametrize("name", ["dry_run", "simulate"])
def test_a_plan_without_a_date_is_told_to_choose_one(name: str) -> None:
    plan()
    Campaign.objects.update(opens_at=None, closes_at=None)
    assert "has no date" in str(failed(name, "S-1")[1])
