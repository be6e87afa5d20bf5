"""A column for what a clock on the wall shows: a local time without a zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _Base = models.Field[datetime | None, datetime | None]
else:
    _Base = models.Field


class WallClock(_Base):
    """A naive datetime; the zone beside it says which instant is meant."""

    description = "Wall clock time"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """PostgreSQL's timestamp without time zone."""
        return "timestamp"
