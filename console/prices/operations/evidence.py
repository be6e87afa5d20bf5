"""Keeping the seal of evidence where nobody can change it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from console.audit.operations import operation, record


@operation()
def seal_evidence(
    code: str,
    seal: str,
    *,
    actor: User | AnonymousUser | AbstractBaseUser | None,
    now: datetime,
) -> None:
    """Write the seal of a sale's evidence into the trail, to compare files with."""
    record(actor, "prices.seal_evidence", code, now=now, after={"seal": seal})
