"""`manage.py doctor`: is every part of the stack awake?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from console.shell.health import Awake, Check, examine


class Command(BaseCommand):
    """Prints one line a part; exits 1 if any is not ok."""

    help = "Ask every part of the stack whether it is awake."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Examine and print.

        Raises:
            SystemExit: 1 if a part is late, down or unknown.
        """
        now = timezone.now()
        checks = examine(now=now)
        for check in checks:
            self.stdout.write(self._line(check, _age(check, now)))
        if any(check.state != Awake.OK for check in checks):
            raise SystemExit(1)

    def _line(self, check: Check, age: str) -> str:
        line = f"{check.state.value:<8}{check.name:<24}{age:<12}{check.note}".rstrip()
        if check.state == Awake.OK:
            return self.style.SUCCESS(line)
        return self.style.ERROR(f"{line}  {check.fix}".rstrip())


def _age(check: Check, now: datetime) -> str:
    return f"{(now - check.at).total_seconds():.0f} s ago" if check.at else "never"
