"""Reads of what live keeps: the last sample, open alerts, who has just ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from console.campaigns.rules import RUNNING
from console.live.models import Alert, Sample

JUST = timedelta(seconds=10)


def last_sample(campaign: str) -> Sample | None:
    """The newest sample of a campaign, however old."""
    return Sample.objects.filter(campaign=campaign).order_by("-at").first()


def just_ended(running: Iterable[str], *, now: datetime) -> list[str]:
    """Campaigns that ran at their last sample, a moment ago, and do not any more."""
    late = Sample.objects.filter(at__gt=now - JUST).exclude(campaign__in=running)
    last = late.order_by("campaign", "-at").distinct("campaign")
    return [one.campaign for one in last if one.data["state"] in RUNNING]


def open_alerts(campaign: str = "") -> list[Alert]:
    """Alerts whose cause is still there, the red and unacknowledged first."""
    mine = Q(campaign=campaign) if campaign else Q()
    found = Alert.objects.filter(mine, closed_at=None).order_by("-opened_at", "-pk")
    return sorted(found, key=lambda one: (one.acked_at is not None, one.tone != "bad"))
