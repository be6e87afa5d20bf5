"""The pages of this room."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.capacity import charts, operations, raises
from console.capacity.models import MachineGroup, ServiceProfile
from console.capacity.panel import panel
from console.capacity.rules import Demand
from console.providers.ports import Group
from console.runbook.rules import State
from tests import make

pytestmark = pytest.mark.django_db

T0 = make.NOW + timedelta(hours=5)


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make.user("viewer"))
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make.user("operator"))
    return client


def _forecast(code: str = "FS-1", visitors: int = 20_000) -> None:
    operations.note_forecast(
        code,
        opens_at=T0,
        closes_at=T0 + timedelta(hours=2),
        forecast=Demand(visitors),
        now=make.NOW,
    )


def _seen(name: str, *, floor: int, serving: int) -> None:
    group = Group(name, floor, 50, floor, serving, 5.0)
    raises.saw("cloud", group, now=timezone.now())


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_asks_as_little_for_many_as_for_one(
    viewer: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _forecast()
    for number in range(rows):
        make.connection(f"cloud-{number}")
        make.profile(f"web-{number}", connection=f"cloud-{number}", group="web")
    with django_assert_num_queries(9):
        page = viewer.get(reverse("capacity:panel", args=["FS-1"]))
    assert page.text.count('id="service-') == rows


def test_without_a_forecast_it_says_what_to_do(viewer: Client) -> None:
    page = viewer.get(reverse("capacity:panel", args=["FS-1"]))
    assert "Enter the expected visitors" in page.text


def test_unknown_is_a_dash_and_never_zero(viewer: Client) -> None:
    _forecast()
    make.profile("web")
    page = viewer.get(reverse("capacity:panel", args=["FS-1"]))
    assert '<dd class="kv__sum"><b>–</b></dd>' in page.text
    found = panel("FS-1", now=make.NOW)
    assert found is not None
    assert found.cost is None
    assert charts.capacity(found)["series"][0]["y"][0] is None


def test_cost_counts_what_the_sale_adds() -> None:
    _forecast()
    make.profile("web", cost_per_hour=Decimal("2"))
    _seen("web", floor=3, serving=3)
    found = panel("FS-1", now=make.NOW)
    assert found is not None
    service = found.services[0]
    # 600/s x 1.5 over 100 x 0.7, and two spare: 15, of which 3 are there anyway,
    # from T-90 min to the end of the cool-off: 4 h.
    assert (service.need.floor, service.extra) == (15, 12)
    assert found.cost == 12 * 2 * 4
    assert found.half_hour == 12
    assert found.so_far == 0


def test_still_elevated_is_told_after_the_cool_off(viewer: Client) -> None:
    _forecast()
    make.profile("web", cost_per_hour=Decimal("2"))
    step = make.step(
        "campaign:FS-1/floor-web",
        "capacity.raise_floor",
        wanted={"connection": "cloud", "group": "web", "floor": 15},
    )
    step.before, step.state, step.seen = {"floor": 3}, State.VERIFIED, {"floor": 15}
    step.started_at = step.finished_at = make.NOW
    step.save()
    over = T0 + timedelta(hours=2, minutes=31)
    found = panel("FS-1", now=over)
    assert found is not None
    assert [one.per_hour for one in found.elevated] == [24]
    assert panel("FS-1", now=T0).elevated == []  # type: ignore[union-attr]


def test_the_figure_goes_up_before_and_down_after_the_sale() -> None:
    _forecast()
    make.profile("web")
    _seen("web", floor=3, serving=3)
    found = panel("FS-1", now=make.NOW)
    assert found is not None
    provisioned, forecast = charts.capacity(found)["series"]
    assert provisioned["y"][0] == provisioned["y"][-1] == pytest.approx(210)
    assert max(provisioned["y"]) == pytest.approx(1050)
    assert max(forecast["y"]) == 600
    assert "1.8 times the forecast peak of 600" in charts.sentence(found)


def test_drift_offers_to_raise_again(operator: Client) -> None:
    _forecast()
    make.profile("web")
    _seen("web", floor=15, serving=15)
    row = MachineGroup.objects.get()
    row.raises.create(step="s", floor=15, applied=True)
    _seen("web", floor=4, serving=4)
    page = operator.get(reverse("capacity:panel", args=["FS-1"]))
    assert "Somebody lowered the floor to 4; the sale needs 15" in page.text
    assert reverse("capacity:raise_again", args=[row.pk]) in page.text


def test_a_viewer_may_not_raise(viewer: Client) -> None:
    assert viewer.post(reverse("capacity:raise_again", args=[1])).status_code == 403


def test_home_leads_to_the_profiles_while_there_is_no_sale(viewer: Client) -> None:
    assert viewer.get(reverse("capacity:home")).headers["Location"] == reverse(
        "capacity:profiles"
    )
    _forecast("FS-7")
    assert "FS-7" in viewer.get(reverse("capacity:home")).headers["Location"]


@pytest.mark.parametrize("rows", [1, 3])
def test_profiles_ask_as_little_for_many_as_for_one(
    viewer: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make.profile()
    with django_assert_num_queries(4):
        page = viewer.get(reverse("capacity:profiles"))
    assert page.text.count('id="profile-') == rows


def test_an_operator_edits_a_profile(operator: Client) -> None:
    make.connection("cloud")
    profile = make.profile("web")
    url = reverse("capacity:edit_profile", args=[profile.pk])
    fields = {
        name: value
        for name, value in operator.get(url).context["form"].initial.items()
        if value is not None
    }
    reply = operator.post(url, fields | {"maximum": 7})
    assert reply.status_code == 302
    assert ServiceProfile.objects.get().maximum == 7
    wrong = operator.post(url, fields | {"rps_per_instance": 0, "connection": "x"})
    assert set(wrong.context["form"].errors) == {"rps_per_instance", "connection"}
