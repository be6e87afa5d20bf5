"""Writes of this room: profiles, forecasts, and the steps a sale needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.forms.models import model_to_dict

from console.audit.operations import operation, record
from console.capacity import queries, rules
from console.capacity.models import Forecast, ServiceProfile
from console.capacity.rules import Demand
from console.providers import queries as providers
from console.providers.ports import Purger, Warmer


@dataclass(frozen=True)
class PlannedStep:
    """A step a sale needs; the caller adds its own prefix to `name` and `after`.

    due_at: never before now. t_offset_s: the same, in seconds from the opening.
    """

    name: str
    kind: str
    title: str
    target: str
    phase: str
    due_at: datetime
    t_offset_s: int
    wanted: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    policy: str = "blocker"
    position: int = 0


def note_forecast(
    campaign: str,
    *,
    opens_at: datetime,
    closes_at: datetime,
    forecast: Demand,
    pages: int = 0,
    now: datetime,
) -> Forecast:
    """Keep what a campaign is expected to bring, for its capacity page."""
    values = {
        "opens_at": opens_at,
        "closes_at": closes_at,
        "peak_rps": forecast.peak_rps,
        "orders_per_s": forecast.orders_per_s,
        "pages": pages,
        "noted_at": now,
    }
    row, _ = Forecast.objects.update_or_create(campaign=campaign, defaults=values)
    return row


@operation()
def save_profile(
    profile: ServiceProfile, *, actor: User | AnonymousUser | None, now: datetime
) -> ServiceProfile:
    """Keep what a service carries, new or changed."""
    before = None
    if profile.pk:
        before = _told(ServiceProfile.objects.select_for_update().get(pk=profile.pk))
    profile.save()
    verb = "capacity.edit_profile" if before else "capacity.add_profile"
    after = _told(profile)
    record(actor, verb, profile, now=now, before=before, after=after)
    return profile


def _told(profile: ServiceProfile) -> dict[str, Any]:
    return model_to_dict(profile, exclude=["id"])


def plan_steps(
    campaign: str,
    *,
    opens_at: datetime,
    closes_at: datetime,
    forecast: Demand,
    urls: Sequence[str],
    tags: Sequence[str],
    now: datetime,
) -> list[PlannedStep]:
    """Compose what makes the backend ready for a sale, and keep its forecast.

    Names: `floor-<service>`, `warm`, `purge`, `purge-end`. Floors are reversible: the
    caller plans their revert after the end and a cool-off (rules.COOL_OFF).

    Raises:
        FloorAboveMaximum: a service needs more than its group may have.
        TooManyConnections: its replicas would exhaust the database.
    """
    note_forecast(
        campaign,
        opens_at=opens_at,
        closes_at=closes_at,
        forecast=forecast,
        pages=len(urls),
        now=now,
    )
    return needed_steps(
        opens_at=opens_at,
        closes_at=closes_at,
        forecast=forecast,
        urls=urls,
        tags=tags,
        now=now,
    )


def needed_steps(
    *,
    opens_at: datetime,
    closes_at: datetime,
    forecast: Demand,
    urls: Sequence[str],
    tags: Sequence[str],
    now: datetime,
) -> list[PlannedStep]:
    """The same steps, and nothing is kept: for those who only want to know.

    Raises:
        FloorAboveMaximum, TooManyConnections: as of `plan_steps`.
    """
    window = _Window(opens_at, closes_at, now)
    floors = list(_floors(window, forecast))
    names = tuple(step.name for step in floors)
    return [
        *floors,
        *_warms(window, urls, names),
        *_purges(window, tags, urls),
    ]


@dataclass(frozen=True)
class _Window:
    opens_at: datetime
    closes_at: datetime
    now: datetime

    def at(self, instant: datetime) -> dict[str, Any]:
        """When a step is due, and how that reads from the opening."""
        due_at = max(self.now, instant)
        offset = int((due_at - self.opens_at).total_seconds())
        return {"due_at": due_at, "t_offset_s": offset}


def _floors(window: _Window, demand: Demand) -> Iterator[PlannedStep]:
    for need in queries.needs(demand.peak_rps):
        need.check()
        latest = rules.latest_safe_start(
            window.opens_at,
            lead_s=need.lead_time_s,
            successors_s=(rules.WARM_BEFORE - rules.GATE_MARGIN).total_seconds(),
        )
        start = min(window.opens_at - rules.FLOOR_BEFORE, latest)
        yield PlannedStep(
            name=f"floor-{need.service}",
            kind="capacity.raise_floor",
            title=f"Raise {need.title}",
            target=f"{need.connection}/{need.group}",
            phase="scale",
            wanted={
                "connection": need.connection,
                "group": need.group,
                "floor": need.floor,
            },
            **window.at(start),
        )


def _warms(
    window: _Window, urls: Sequence[str], after: tuple[str, ...]
) -> Iterator[PlannedStep]:
    if not urls:
        return
    for name, connection in _named("warm", Warmer):
        yield PlannedStep(
            name=name,
            kind="capacity.warm",
            title=f"Warm {len(urls)} pages",
            target=connection,
            phase="warm",
            wanted={"connection": connection, "urls": list(urls)},
            after=after,
            policy="degrade",
            **window.at(window.opens_at - rules.WARM_BEFORE),
        )


def _purges(
    window: _Window, tags: Sequence[str], urls: Sequence[str]
) -> Iterator[PlannedStep]:
    if not tags:
        return
    ends = (
        ("purge", "open", window.opens_at),
        ("purge-end", "end", window.closes_at),
    )
    for stem, phase, instant in ends:
        for name, connection in _named(stem, Purger):
            yield PlannedStep(
                name=name,
                kind="capacity.purge",
                title="Purge sale pages",
                target=connection,
                phase=phase,
                wanted={
                    "connection": connection,
                    "tags": list(tags),
                    "soft": True,
                    "probe_urls": probes(urls),
                },
                policy="blocker" if phase == "open" else "degrade",
                **window.at(instant),
            )


PROBES = 5


def probes(urls: Sequence[str]) -> list[str]:
    """A few pages spread over the list, to look at after a purge."""
    pace = max(1, len(urls) // PROBES)
    return list(urls[::pace][:PROBES])


def _named(stem: str, port: type) -> Iterator[tuple[str, str]]:
    """One step for each connection that can; the first has the plain name."""
    for number, connection in enumerate(providers.names(port)):
        yield (f"{stem}-{connection}" if number else stem), connection
