"""Composing the steps of a sale; keeping profiles and forecasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from console.audit.models import Entry
from console.capacity import operations, queries, rules
from console.capacity.models import Forecast, ServiceProfile
from console.capacity.operations import PlannedStep
from console.capacity.rules import Demand
from tests import make

pytestmark = pytest.mark.django_db

T0 = make.NOW + timedelta(hours=5)
T1 = T0 + timedelta(hours=2)
URLS = [f"https://shop.example.com/p/{n}" for n in range(12)]


def _plan(**given: Any) -> dict[str, PlannedStep]:
    said: dict[str, Any] = {
        "opens_at": T0,
        "closes_at": T1,
        "forecast": Demand(20_000),
        "urls": URLS,
        "tags": ["sku-1"],
        "now": make.NOW,
    }
    steps = operations.plan_steps("FS-1", **(said | given))
    return {step.name: step for step in steps}


@pytest.fixture
def _services() -> None:
    make.connection("cdn", "sandbox_cdn")
    make.profile("web", rps_per_instance=100)
    make.profile("checkout", rps_per_instance=20, share=0.1, position=1)


@pytest.mark.usefixtures("_services")
def test_a_sale_has_floors_then_a_warm_up_then_two_purges() -> None:
    steps = _plan()
    assert list(steps) == ["floor-web", "floor-checkout", "warm", "purge", "purge-end"]
    assert steps["warm"].after == ("floor-web", "floor-checkout")
    assert steps["floor-web"].wanted == {
        "connection": "cloud",
        "group": "web",
        "floor": rules.instances(600, 100),
    }
    assert {name: step.t_offset_s for name, step in steps.items()} == {
        "floor-web": -5400,
        "floor-checkout": -5400,
        "warm": -2700,
        "purge": 0,
        "purge-end": 7200,
    }


@pytest.mark.usefixtures("_services")
def test_a_long_lead_time_starts_earlier() -> None:
    ServiceProfile.objects.filter(name="web").update(lead_time_s=2 * 3600)
    start = _plan()["floor-web"]
    # Two hours, then the warm-up at T-45.
    assert start.due_at == T0 - timedelta(hours=2, minutes=45)


@pytest.mark.usefixtures("_services")
def test_what_should_have_begun_is_due_now() -> None:
    soon = make.NOW + timedelta(minutes=2)
    steps = _plan(opens_at=soon, closes_at=soon + timedelta(minutes=5))
    assert steps["floor-web"].due_at == make.NOW
    assert steps["floor-web"].t_offset_s == -120
    assert steps["purge"].due_at == soon


@pytest.mark.usefixtures("_services")
def test_only_what_is_there_is_planned() -> None:
    assert "warm" not in _plan(urls=[])
    assert "purge" not in _plan(tags=[])
    ServiceProfile.objects.filter(name="web").update(enabled=False)
    assert "floor-web" not in _plan()


@pytest.mark.usefixtures("_services")
def test_every_cdn_is_warmed_and_purged() -> None:
    make.connection("second", "sandbox_cdn")
    assert {"warm", "warm-second", "purge", "purge-second"} <= set(_plan())


@pytest.mark.usefixtures("_services")
def test_the_pages_looked_at_after_a_purge_are_spread() -> None:
    probes = _plan()["purge"].wanted["probe_urls"]
    assert probes == URLS[:10:2]


@pytest.mark.usefixtures("_services")
def test_too_little_room_is_refused_before_anything_is_planned() -> None:
    ServiceProfile.objects.filter(name="web").update(maximum=3)
    with pytest.raises(rules.FloorAboveMaximum, match="Web needs 15"):
        _plan()


def test_too_many_connections_are_refused_and_name_the_service() -> None:
    make.profile(
        "web",
        maximum=5,
        rps_per_instance=1000,
        pool=20,
        workers=4,
        connection_limit=320,
        connection_reserve=20,
    )
    with pytest.raises(rules.TooManyConnections, match="Web could open 400"):
        _plan()
    need = queries.needs(600)[0]
    assert "could open 400" in need.problem


def test_a_forecast_is_kept_and_the_last_word_wins() -> None:
    _plan()
    _plan(forecast=Demand(40_000))
    forecast = Forecast.objects.get()
    assert (forecast.peak_rps, forecast.pages) == (1_200, 12)


@pytest.mark.parametrize("hours,found", [(-1, "FS-1"), (6, "FS-1"), (8, "FS-2")])
def test_nearest_is_the_running_then_the_next_sale(hours: int, found: str) -> None:
    later = timedelta(days=1)
    for code, by in (("FS-1", timedelta()), ("FS-2", later)):
        operations.note_forecast(
            code,
            opens_at=T0 + by,
            closes_at=T1 + by,
            forecast=Demand(1),
            now=make.NOW,
        )
    assert queries.nearest(now=make.NOW + timedelta(hours=hours)) == found
    assert queries.nearest(now=T1 + 2 * later) == "FS-2"


def test_saving_a_profile_leaves_a_trail() -> None:
    profile = make.profile("web")
    profile.maximum = 7
    operations.save_profile(profile, actor=None, now=make.NOW)
    entry = Entry.objects.get()
    assert entry.verb == "capacity.edit_profile"
    assert (entry.before["maximum"], entry.after["maximum"]) == (50, 7)


@pytest.mark.parametrize(
    "name,values",
    [
        ("profile_instance_does_work", {"rps_per_instance": 0}),
        ("profile_share_is_positive", {"share": 0}),
        ("profile_reserve_within_limit", {"connection_reserve": 1}),
    ],
)
def test_the_database_refuses_nonsense(name: str, values: dict[str, float]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make.profile(**values)


def test_a_group_belongs_to_one_profile() -> None:
    make.profile("web")
    with pytest.raises(IntegrityError, match="profile_owns_its_group"):
        make.profile("api", group="web")
