"""One row a thing to do: due, leased, applied, read back, and undone the same way."""

from __future__ import annotations

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import BooleanField, Case, F, Func, Q, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from console.runbook.rules import (
    FINISHED,
    LEASED,
    NOT_STARTED,
    OPEN,
    OPENING_PHASES,
    Phase,
    Policy,
    State,
)

_STATES = [state.value for state in State]
_NOT_STARTED = sorted(state.value for state in NOT_STARTED)
_OPEN = sorted(state.value for state in OPEN)
_LEASED = sorted(state.value for state in LEASED)
_FINISHED = sorted(state.value for state in FINISHED)
_OPENING = sorted(phase.value for phase in OPENING_PHASES)


class Hold(models.Model):
    """A gate before the opening of a plan: while it is there, no opening step starts.

    What was started goes on, and so does everything that winds down.
    """

    plan = models.CharField(max_length=80, unique=True)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="hold_says_why"),
        ]

    def __str__(self) -> str:
        """The plan."""
        return self.plan


class Blocked(Func):
    """True where any of the keys in `after` is missing or not settled.

    The settled half of rules.settled in SQL; a test holds the two together.
    """

    output_field = BooleanField()
    template = (
        "EXISTS (SELECT 1 FROM jsonb_array_elements_text(%(expressions)s) AS w(key)"
        " LEFT JOIN runbook_step d ON d.key = w.key WHERE d.id IS NULL OR NOT ("
        "d.state IN ('verified', 'skipped', 'reverted')"
        " OR (d.state = 'failed' AND d.policy <> 'blocker')))"
    )


class CouldStart(Func):
    """The instant a step could have started: due, and what it comes after settled.

    Takes the instant it was due and the keys it comes after; null is passed over.
    """

    output_field = models.DateTimeField()
    arg_joiner = ", (SELECT max(d.finished_at) FROM runbook_step d WHERE d.key IN"
    arg_joiner += " (SELECT jsonb_array_elements_text("
    template = "GREATEST(%(expressions)s))))"


_COULD_START = CouldStart(F("due_at"), F("after"))


class Lateness(Func):
    """Seconds from one instant to another, 0 if the second is the earlier one."""

    output_field = models.FloatField()
    arg_joiner = " - "
    template = "GREATEST(0, EXTRACT(EPOCH FROM %(expressions)s))::float8"


class StepQuerySet(models.QuerySet["Step"]):
    """Steps by what can be done with them."""

    def claimable(self, now: datetime) -> StepQuerySet:
        """Due, nobody works on them, no gate before them, what they follow settled."""
        gated = Q(phase__in=_OPENING, plan__in=Hold.objects.values("plan"))
        waiting = Q(state__in=_NOT_STARTED) & (Q(Blocked(F("after"))) | gated)
        return self.filter(state__in=_OPEN, ready_at__lte=now).exclude(waiting)

    def blocked(self) -> StepQuerySet:
        """Not started, and waiting for others."""
        return self.filter(Blocked(F("after")), state__in=_NOT_STARTED)

    def with_could_start(self) -> StepQuerySet:
        """Each with the instant it could have started."""
        return self.annotate(could_start=_COULD_START)  # type: ignore[no-redef]

    def could_have_started_by(self, edge: datetime) -> StepQuerySet:
        """Those that could have started before this instant."""
        return self.with_could_start().filter(LessThan(_COULD_START, edge))

    def take(self, *, now: datetime, lease_until: datetime) -> int:
        """Claim all of these at once; the caller holds their locks.

        The claim of rules.after in SQL. A try is counted unless the step is only
        looked at again; the first claim says how late the step started.
        """
        fresh = Q(state__in=_NOT_STARTED)
        tried = fresh | Q(lease_until__isnull=False)
        instant = Value(now, output_field=models.DateTimeField())
        return self.update(
            state=Case(When(fresh, then=Value(State.RUNNING)), default=F("state")),
            fence=F("fence") + 1,
            tries=F("tries") + Case(When(tried, then=Value(1)), default=Value(0)),
            lease_until=lease_until,
            ready_at=lease_until,
            started_at=Coalesce(F("started_at"), instant),
            lateness_s=Coalesce(F("lateness_s"), Lateness(instant, _COULD_START)),
        )

    def of(self, plan: str) -> StepQuerySet:
        """The steps of a plan, in the order they are due."""
        return self.filter(plan=plan).order_by("due_at", "position", "pk")


class Step(models.Model):
    """A wanted end, when it is due, and how far it is."""

    key = models.CharField(max_length=200, unique=True)
    plan = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    target = models.CharField(max_length=200, blank=True)
    phase = models.CharField(max_length=12, choices=[(p, p.label) for p in Phase])
    position = models.IntegerField(default=0)
    wanted = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    before = models.JSONField(
        null=True,
        encoder=DjangoJSONEncoder,
        help_text="What was there before the first apply.",
    )
    applied = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    seen = models.JSONField(
        null=True, encoder=DjangoJSONEncoder, help_text="What was read back last."
    )
    note = models.CharField(max_length=300, blank=True)
    progress = models.FloatField(null=True, help_text="0 to 1, where it is known.")
    due_at = models.DateTimeField()
    ready_at = models.DateTimeField(
        help_text="When it may be claimed next: due, after a back-off, or lease end."
    )
    t_offset_s = models.IntegerField(null=True, help_text="Seconds from the opening.")
    after = models.JSONField(default=list, help_text="Keys that must settle first.")
    policy = models.CharField(
        max_length=10, choices=[(p, p) for p in Policy], default=Policy.BLOCKER
    )
    state = models.CharField(
        max_length=10, choices=[(s, s) for s in State], default=State.PLANNED
    )
    undoing = models.BooleanField(default=False, help_text="The revert was begun.")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(
        default=0, help_text="Grows with every claim; an older one may not write."
    )
    tries = models.PositiveIntegerField(default=0)
    max_tries = models.PositiveIntegerField(default=8)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lateness_s = models.FloatField(
        null=True, help_text="First start after it could have started."
    )
    error = models.TextField(blank=True)
    error_kind = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    reversible = models.BooleanField(default=False)

    could_start: datetime
    """Set by the queryset's with_could_start."""

    objects = StepQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["ready_at", "position", "id"],
                name="step_claimable",
                condition=Q(state__in=_OPEN),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_STATES), name="step_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(policy__in=[p.value for p in Policy]),
                name="step_policy_is_known",
            ),
            models.CheckConstraint(
                condition=Q(lease_until=None) | Q(state__in=_LEASED),
                name="step_leased_only_while_worked_on",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RUNNING) | Q(lease_until__isnull=False),
                name="step_running_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_FINISHED, finished_at__isnull=False)
                | (~Q(state__in=_FINISHED) & Q(finished_at=None)),
                name="step_finished_exactly_when_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SKIPPED) | ~Q(reason=""),
                name="step_skipped_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(error=""),
                name="step_failed_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.VERIFIED) | Q(seen__isnull=False),
                name="step_verified_was_seen",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.REVERTING, State.REVERTED])
                | Q(undoing=True),
                name="step_reverted_was_undone",
            ),
            models.CheckConstraint(
                condition=Q(lateness_s=None) | Q(lateness_s__gte=0),
                name="step_never_early",
            ),
        ]

    def __str__(self) -> str:
        """The step's key."""
        return self.key

    @property
    def took_s(self) -> float | None:
        """Seconds from start to end; None once undone: its end is then the revert's."""
        if self.undoing or self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
