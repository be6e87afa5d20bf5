"""Every write of live: alerts that begin and end, and samples of the board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from console.audit.operations import operation, record
from console.errors import Refusal
from console.live import queries
from console.live.alarms import Warned
from console.live.models import Alert, Sample

if TYPE_CHECKING:
    from django.contrib.auth.models import User


OVER_AFTER = timedelta(seconds=5)
KEPT_FOR = timedelta(days=30)
"""How long each second of a board is kept; its last one stays."""
AT_ONCE = 5_000


class AlertOver(Refusal):
    """The cause is gone, so there is nothing to acknowledge."""

    code = "alert_over"


@operation()
def keep_alerts(
    campaign: str, warned: Sequence[Warned], *, now: datetime
) -> list[Alert]:
    """Open what is new, renew what goes on, close what is over; the open ones.

    The same cause is one alert however often it is seen; it is over once it was not
    there for five seconds, so that one on the edge does not come and go. Red and
    unacknowledged first.
    """
    found = Alert.objects.select_for_update().filter(campaign=campaign, closed_at=None)
    open_ = {alert.key: alert for alert in found}
    wanted = {one.key: one for one in warned}
    over = [
        alert.pk
        for key, alert in open_.items()
        if key not in wanted and now - alert.seen_at >= OVER_AFTER
    ]
    if over:
        Alert.objects.filter(pk__in=over).update(closed_at=now)
    _renew([(open_[key], one) for key, one in wanted.items() if key in open_], now)
    new = [_new(campaign, one, now) for key, one in wanted.items() if key not in open_]
    Alert.objects.bulk_create(new, ignore_conflicts=True)
    return queries.open_alerts(campaign)


def _new(campaign: str, one: Warned, now: datetime) -> Alert:
    return Alert(
        campaign=campaign,
        key=one.key[:120],
        opened_at=now,
        seen_at=now,
        **_words(one),
    )


def _words(one: Warned) -> dict[str, Any]:
    return {
        "tone": one.tone,
        "title": one.title[:200],
        "detail": one.detail[:500],
        "act": one.act,
        "about": one.about[:80],
    }


def _renew(pairs: Sequence[tuple[Alert, Warned]], now: datetime) -> None:
    for alert, one in pairs:
        alert.seen_at = now
        for name, value in _words(one).items():
            setattr(alert, name, value)
    fields = ["seen_at", "tone", "title", "detail", "act", "about"]
    Alert.objects.bulk_update([alert for alert, _ in pairs], fields)


@operation()
def close_alerts_but(running: Sequence[str], *, now: datetime) -> None:
    """End what is still open of sales that are over."""
    still = Alert.objects.filter(closed_at=None).exclude(campaign__in=running)
    still.update(closed_at=now)


@operation()
def acknowledge(alert_id: int, *, actor: User, now: datetime) -> Alert:
    """Say that somebody looks after it.

    Raises:
        AlertOver: the cause is gone.
    """
    alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
    if alert is None or alert.closed_at is not None:
        raise AlertOver("This alert is over. Nothing needs to be done.")
    if alert.acked_at is None:
        alert.acked_at, alert.acked_by = now, actor
        alert.save(update_fields=["acked_at", "acked_by"])
        record(actor, "live.acknowledge", alert, now=now)
    return alert


def keep_sample(campaign: str, snapshot: dict[str, Any], *, now: datetime) -> None:
    """Keep the board of this second; the first snapshot of a second is kept."""
    at = now.replace(microsecond=0)
    row = Sample(campaign=campaign, at=at, data=snapshot)
    Sample.objects.bulk_create([row], ignore_conflicts=True)


def prune_samples(*, now: datetime) -> int:
    """Forget old boards, at most 5,000; how many. The last of each sale stays."""
    later = Sample.objects.filter(campaign=OuterRef("campaign"), at__gt=OuterRef("at"))
    old = Sample.objects.filter(Exists(later), at__lt=now - KEPT_FOR)
    keys = list(old.order_by("at").values_list("pk", flat=True)[:AT_ONCE])
    return Sample.objects.filter(pk__in=keys).delete()[0]
