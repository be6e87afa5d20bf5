"""Whether this installation is too young for its worker to have looked at anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max

YOUNG = timedelta(minutes=2)
"""Those who look come every minute; twice that is time enough for the first look."""


def young(now: datetime) -> bool:
    """True while the tables of stock were made, or changed, so short a while ago."""
    made = MigrationRecorder.Migration.objects.filter(app="stock")
    at: datetime | None = made.aggregate(at=Max("applied"))["at"]
    return at is not None and abs(now - at) < YOUNG
