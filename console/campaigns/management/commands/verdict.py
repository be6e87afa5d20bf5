"""`manage.py verdict FS-0001`: may the plan go ahead; fails if it is blocked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from console.campaigns.management.verbs import Telling, facts
from console.campaigns.queries import head, readiness


class Command(Telling):
    """Judges a plan as it is saved."""

    help = "Judge a plan; exit code 1 if something blocks it."

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """The verdict."""
        found = readiness.verdict(head(options["code"]).campaign, now=now)
        return facts(options["code"]) | {"tone": found.tone} | found.told()

    def say(self, told: dict[str, Any]) -> str:
        """Warnings, or that nothing blocks it; blockers are told as the error."""
        if told["blockers"]:
            return "\n".join(f"Blocks: {text}" for text in told["blockers"])
        lines = [f"Warning: {text}" for text in told["warnings"]]
        return "\n".join([*lines, f"Nothing blocks {told['code']}."])

    def check_told(self, told: dict[str, Any]) -> None:
        """A plan that is blocked is a failure for scripts."""
        if told["blockers"]:
            raise CommandError(f"{told['code']} is blocked.")
