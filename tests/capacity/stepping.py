"""Steps of this room, made due and worked on as the ticking worker does."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from console.runbook.models import Step
from tests import make


def a_step(kind: str, key: str = "", **wanted: Any) -> Step:
    now = timezone.now()
    key = key or f"campaign:FS-1/{kind}"
    return make.step(key, f"capacity.{kind}", wanted=wanted, due_at=now, now=now)
