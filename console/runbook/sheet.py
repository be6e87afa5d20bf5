"""The run sheet as one page reads it: phases, the Now line, what each step may do."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.runbook import rules
from console.runbook.models import Step
from console.runbook.queries import Tally, counted
from console.runbook.rules import NOT_STARTED, Event, Phase, State
from console.runbook.timeline import Mark, Timeline, stacked, timeline

LOOK = {
    State.DUE: "planned",
    State.VERIFYING: "running",
    State.REVERTING: "running",
    State.SKIPPED: "planned",
}
"""States the style sheet draws as another one."""

PLUMBING = {"connection", "group", "campaign", "keys", "probe_urls", "rate"}
PLUMBING |= {"replaces", "inherits", "amendment", "of"}
SHORT_WAIT_S = 1.0


@dataclass(frozen=True)
class Change:
    """One value a step changes; `before` is None while it is not known."""

    label: str
    before: Any
    wanted: Any


@dataclass(frozen=True)
class Row:
    """One step as it is shown.

    waits_for: titles of what it still comes after. acts: what a person may do now.
    """

    step: Step
    look: str
    changes: list[Change]
    waits_for: str
    alarm: str
    acts: frozenset[str]
    took_s: float | None

    @property
    def done(self) -> int | None:
        """How far it is, in percent, while it is under way and knows."""
        known = self.look == "running" and self.step.progress is not None
        return round(100 * (self.step.progress or 0)) if known else None

    @property
    def tag(self) -> str:
        """The outside system it speaks to."""
        return str(self.step.wanted.get("connection") or "Doorbuster")


@dataclass(frozen=True)
class Effect:
    """What the whole plan changes of one kind: so many planned, so many in effect."""

    label: str
    planned: int
    applied: int


@dataclass(frozen=True)
class Section:
    """The rows of one phase, as far as they follow each other."""

    phase: Phase
    rows: list[Row]


@dataclass(frozen=True)
class RunSheet:
    """Everything the run sheet of one plan shows.

    opens_at, closes_at: as the steps say; None where no step is tied to them.
    now_above: the step the Now line stands above; None: below all.
    """

    plan: str
    code: str
    now: datetime
    sections: list[Section]
    tally: Tally
    following: Step | None
    trouble: list[Row]
    opens_at: datetime | None
    closes_at: datetime | None
    now_above: int | None
    strip: Timeline | None
    effects: list[Effect]
    marks: list[Mark]

    @property
    def sale(self) -> tuple[float, float]:
        """Where the sale lies on the strip: place and width in percent."""
        if not self.strip:
            return 0.0, 0.0
        x = self.strip.at(self.strip.opens_at)
        return x, round(self.strip.at(self.strip.closes_at) - x, 2)

    @property
    def now_x(self) -> float:
        """Where now lies on the strip, in percent."""
        return self.strip.at(self.now) if self.strip else 0.0


def run_sheet(plan: str, *, now: datetime) -> RunSheet:
    """The run sheet of a plan; one query."""
    steps = list(Step.objects.of(plan))
    rows = _rows(steps)
    ahead = [step for step in steps if step.state in NOT_STARTED]
    opens_at, closes_at = _window(steps)
    strip = _strip(steps, opens_at, closes_at)
    return RunSheet(
        plan=plan,
        code=plan.rpartition(":")[2],
        now=now,
        sections=_sections(rows),
        tally=counted(steps),
        following=next((step for step in ahead if step.due_at > now), None),
        trouble=[row for row in rows if row.alarm],
        opens_at=opens_at,
        closes_at=closes_at,
        now_above=next((step.pk for step in steps if step.due_at > now), None),
        strip=strip,
        effects=effects(steps),
        marks=_marks(steps, strip, now) if strip else [],
    )


def tag(plan: str, *, now: datetime, extra: str = "") -> str:
    """Changes exactly when the run sheet would look different; one narrow query."""
    fields = ("pk", "state", "fence", "tries", "note", "progress", "due_at", "error")
    rows = Step.objects.filter(plan=plan).order_by("pk").values_list(*fields)
    passed = sum(row[6] <= now for row in rows)
    told = f"{list(rows)!r}{passed}{extra}"
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def _rows(steps: Sequence[Step]) -> list[Row]:
    by_key = {step.key: step for step in steps}
    return [_row(step, by_key) for step in steps]


def _row(step: Step, by_key: Mapping[str, Step]) -> Row:
    state = State(step.state)
    waits = _waits_for(step, by_key) if state in NOT_STARTED else ""
    return Row(
        step=step,
        look=LOOK.get(state, state.value),
        changes=changes(step),
        waits_for=waits,
        alarm=rules.alarm(state, step.policy),
        acts=_acts(step, waits),
        took_s=_took_s(step),
    )


def _waits_for(step: Step, by_key: Mapping[str, Step]) -> str:
    open_ = []
    for key in step.after:
        other = by_key.get(key)
        if other is None or not rules.settled(other.state, other.policy):
            open_.append(other.title if other else key)
    return rules.sentence(open_) if open_ else ""


def _acts(step: Step, waits: str) -> frozenset[str]:
    """What the state allows and makes sense; the operations decide for good."""
    acts = {Event.RUN_NOW, Event.RETRY, Event.SKIP, Event.REVERT}
    allowed = {act for act in acts if rules.allows(step.state, act)}
    if waits:
        allowed.discard(Event.RUN_NOW)
    held = step.lease_until is not None
    if not step.reversible or step.started_at is None or held or step.undoing:
        allowed.discard(Event.REVERT)
    return frozenset(act.value for act in allowed)


def _took_s(step: Step) -> float | None:
    """Seconds from start to end, where it is worth saying."""
    took = step.took_s
    return None if took is None or took < SHORT_WAIT_S else took


def changes(step: Step) -> list[Change]:
    """What the step changes, value by value; lists and tables are counted."""
    before = step.before or {}
    return [
        Change(name.replace("_", " "), _counted(before.get(name)), _counted(value))
        for name, value in _effective(step)
    ]


def _effective(step: Step) -> list[tuple[str, Any]]:
    """What is wanted of the world, without how to reach it."""
    return [
        (name, value)
        for name, value in step.wanted.items()
        if name not in PLUMBING and not isinstance(value, bool | None)
    ]


def effects(steps: Iterable[Step]) -> list[Effect]:
    """The plan as a dry run says it: 1,204 prices, 3 floors, 24 urls.

    What a list or table holds counts one by one; a single value counts as one. Only
    what was read back and not put back since counts as applied.
    """
    planned: Counter[str] = Counter()
    applied: Counter[str] = Counter()
    for step in steps:
        for name, value in _effective(step):
            size = len(value) if isinstance(value, list | dict) else 1
            planned[_plural(name)] += size
            applied[_plural(name)] += size * (step.state == State.VERIFIED)
    return [Effect(label, count, applied[label]) for label, count in planned.items()]


def _plural(name: str) -> str:
    label = name.replace("_", " ")
    return label if label.endswith("s") else f"{label}s"


def _counted(value: Any) -> Any:
    return len(value) if isinstance(value, list | dict) else value


def _sections(rows: Sequence[Row]) -> list[Section]:
    sections: list[Section] = []
    for row in rows:
        phase = Phase(row.step.phase)
        if not sections or sections[-1].phase != phase:
            sections.append(Section(phase, []))
        sections[-1].rows.append(row)
    return sections


def _window(steps: Sequence[Step]) -> tuple[datetime | None, datetime | None]:
    opens = (s.due_at for s in steps if s.t_offset_s == 0)
    closes = (s.due_at for s in steps if s.phase == Phase.END)
    return next(opens, None), next(closes, None)


def _strip(
    steps: Sequence[Step], opens_at: datetime | None, closes_at: datetime | None
) -> Timeline | None:
    if opens_at is None or closes_at is None or closes_at <= opens_at:
        return None
    ends = [step.finished_at for step in steps if step.finished_at]
    instants = [step.due_at for step in steps] + ends
    return timeline(instants, opens_at=opens_at, closes_at=closes_at)


def _marks(steps: Sequence[Step], strip: Timeline, now: datetime) -> list[Mark]:
    places = [_place(step, strip, now) for step in steps]
    rows = stacked(places)
    return [
        Mark(step.pk, LOOK.get(State(step.state), step.state), step.title, x, w, row)
        for step, (x, w), row in zip(steps, places, rows, strict=True)
    ]


def _place(step: Step, strip: Timeline, now: datetime) -> tuple[float, float]:
    """From due to its end; what runs reaches to now."""
    x = strip.at(step.due_at)
    under_way = step.started_at is not None and step.finished_at is None
    end = now if under_way else step.finished_at or step.due_at
    return x, round(max(0.0, strip.at(end) - x), 2)
