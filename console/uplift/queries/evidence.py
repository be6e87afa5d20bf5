"""What the measured sales say together: points, curve, and the policies beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.fatigue import queries as fatigue
from console.fatigue.models import Policy
from console.uplift.models import HistoryFile, PastSale, Study
from console.uplift.rules import Source
from console.uplift.rules.recovery import Recovery, recovery
from console.uplift.rules.words import against, suggestion


@dataclass(frozen=True)
class Point:
    """One measured sale in a plot. depth, days: None where nobody knows them."""

    name: str
    source: Source
    uplift: float
    days: float | None
    depth: float | None
    lines: float


@dataclass(frozen=True)
class Beside:
    """A policy in force, and how its half-life lies to what the data suggests."""

    audience: str
    scope_id: int
    half_life: float
    tone: str
    words: str


@dataclass(frozen=True)
class Evidence:
    """Everything above the table of sales. total: past sales; files: histories."""

    recovery: Recovery
    points: Sequence[Point]
    policies: Sequence[Beside]
    total: int
    files: int
    measuring: bool
    measured_at: datetime | None

    @property
    def suggestion(self) -> str:
        """What the data say of the half-life."""
        return suggestion(self.recovery)

    @property
    def unmeasured(self) -> int:
        """Sales whose uplift is unknown."""
        return self.total - len(self.points)

    @property
    def spaced(self) -> list[Point]:
        """Those of which it is known how long after another one they came."""
        return [point for point in self.points if point.days is not None]

    @property
    def deep(self) -> list[Point]:
        """Those whose depth is known."""
        return [point for point in self.points if point.depth is not None]


def evidence(*, now: datetime) -> Evidence:
    """The evidence as it stands."""
    rows = PastSale.objects.filter(uplift__isnull=False).order_by("opens_at", "pk")
    fields = ("name", "source", "uplift", "days_since", "depth", "result__actual")
    points = [_point(*row) for row in rows.values_list(*fields)]
    sure = [point for point in points if point.source is not Source.DOUBTFUL]
    told = recovery([(p.days, p.uplift) for p in sure if p.days is not None])
    study = Study.objects.first()
    return Evidence(
        recovery=told,
        points=points,
        policies=_policies(told, now),
        total=PastSale.objects.count(),
        files=HistoryFile.objects.exclude(state=HistoryFile.State.FAILED).count(),
        measuring=study is not None and study.pending,
        measured_at=study.done_at if study else None,
    )


def _point(
    name: str,
    source: str,
    uplift: float,
    days: float | None,
    depth: float | None,
    lines: float | None,
) -> Point:
    return Point(
        name,
        Source(source),
        uplift,
        None if days is None else float(days),
        None if depth is None else float(depth),
        lines or 0.0,
    )


def _policies(told: Recovery, now: datetime) -> list[Beside]:
    """The policy each audience is judged by, the largest audience first."""
    audiences = fatigue.audiences()
    held = fatigue.applicable(map(fatigue.scope_of, audiences), now)
    ranked = [held[scope] for scope in map(fatigue.scope_of, audiences)
              if scope in held and held[scope].red]  # fmt: skip
    return [_beside(policy, told) for policy in ranked]


def _beside(policy: Policy, told: Recovery) -> Beside:
    half_life = float(policy.half_life_days)
    tone, words = against(told, half_life)
    return Beside(policy.scope.label, policy.scope_id, half_life, tone, words)
