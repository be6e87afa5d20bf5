"""What happened lately around a sale, in words: decisions and finished steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from console.audit.models import Entry
from console.live.facts import Event, Sale
from console.runbook.models import Step
from console.runbook.rules import State

MOST = 30
LOOK_BACK = timedelta(days=2)

_STEPS = {
    State.VERIFIED: ("circle-check", "ok", ""),
    State.REVERTED: ("undo-2", "warn", "put back"),
    State.FAILED: ("octagon-x", "bad", "failed"),
    State.SKIPPED: ("skip-forward", "", "skipped"),
}
_VERBS = {
    "campaign.approve": ("circle-check", "ok", "Approved"),
    "campaign.arm": ("lock", "ok", "Armed"),
    "campaign.warm": ("loader-circle", "info", "Warming up"),
    "campaign.ready": ("rocket", "ok", "Ready"),
    "campaign.open": ("radio", "ok", "Sale opened"),
    "campaign.pause": ("pause", "warn", "Sale paused"),
    "campaign.resume": ("play", "ok", "Sale resumed"),
    "campaign.extend": ("timer", "info", "End moved"),
    "campaign.end": ("flag", "info", "Sale ended"),
    "campaign.close": ("archive", "", "Sale closed"),
    "campaign.abort": ("power", "bad", "Sale aborted"),
    "stock.lock": ("lock", "info", "Stock locked"),
    "stock.resize": ("package", "info", "Allocation changed"),
    "stock.stop_sku": ("pause", "warn", "SKU stopped"),
    "stock.start_sku": ("play", "ok", "SKU started again"),
    "stock.set_backorder": ("timer", "warn", "Backorder set"),
    "stock.set_sold_out": ("archive", "info", "What shops do when sold out changed"),
    "stock.carry_sold_out": ("archive", "warn", "A redirect was not copied"),
    "stock.return_units": ("undo-2", "info", "Unsold stock returned"),
    "orders.pause": ("pause", "warn", "Relay paused"),
    "orders.resume": ("play", "ok", "Relay resumed"),
    "orders.set_rate": ("gauge", "info", "Relay rate changed"),
    "orders.replay": ("rotate-cw", "info", "Dead letters replayed"),
    "runbook.skip": ("skip-forward", "warn", "Step skipped"),
    "runbook.retry": ("rotate-cw", "info", "Step tried again"),
    "runbook.revert": ("undo-2", "warn", "Step being put back"),
    "runbook.run_now": ("play", "info", "Step started early"),
    "runbook.cancel": ("x", "warn", "Plan dropped"),
    "runbook.move": ("calendar-days", "info", "Plan moved"),
}


def events(sale: Sale, steps: Sequence[Step], *, now: datetime) -> list[Event]:
    """The newest thirty, newest first."""
    found = [*_finished(steps), *_decided(sale, steps, now)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:MOST]


def _finished(steps: Iterable[Step]) -> Iterable[Event]:
    for step in steps:
        if step.finished_at is None:
            continue
        icon, tone, word = _STEPS[State(step.state)]
        said = step.error if step.state == State.FAILED else step.note
        text = f"{step.title} {word}".strip()
        yield Event(step.finished_at, icon, tone, f"{text}: {said}" if said else text)


def _decided(sale: Sale, steps: Sequence[Step], now: datetime) -> Iterable[Event]:
    about = (
        Q(object_type="campaigns.campaign", object_id=str(sale.key))
        | Q(object_type="", object_id__in=[sale.code, sale.plan])
        | Q(object_type="runbook.step", object_id__in=[str(s.pk) for s in steps])
        | Q(object_type="stock.allocation", object_label__startswith=f"{sale.code} ")
        | Q(object_type="orders.destination")
    )
    told_by_steps = Q(verb__startswith="campaign.", actor=None)
    entries = Entry.objects.filter(about, at__gt=now - LOOK_BACK, verb__in=_VERBS)
    shown = entries.exclude(told_by_steps)
    for entry in shown.order_by("-position")[:MOST]:
        icon, tone, text = _VERBS[entry.verb]
        if entry.object_type in ("runbook.step", "orders.destination"):
            text = f"{text}: {entry.object_label}"
        if entry.reason:
            text = f"{text}. {entry.reason}"
        yield Event(entry.at, icon, tone, text, entry.actor_name)
