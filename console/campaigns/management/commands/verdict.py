"""`manage.py verdict FS-0001`: may the plan go ahead; fails if it is blocked."""

from __future__ import annotations

from collections.abc import Iterator
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
        """What blocks it and when it may start, or what may be accepted."""
        return "\n".join([*self._checks(told), *self._figures(told)])

    def _checks(self, told: dict[str, Any]) -> list[str]:
        if told["blockers"]:
            return [f"Blocks: {text}" for text in told["blockers"]]
        lines = [f"Warning: {text}" for text in told["warnings"]]
        return [*lines, f"Nothing blocks {told['code']}."]

    def _figures(self, told: dict[str, Any]) -> Iterator[str]:
        if told["score"] is not None:
            yield f"Score: {told['score']}, {told['level'].replace('_', ' ')}"
        if told["hint"]:
            yield f"Hint: {told['hint']}"
        if told["earliest"]:
            yield f"Earliest start that passes: {told['earliest']}"

    def check_told(self, told: dict[str, Any]) -> None:
        """A plan that is blocked is a failure for scripts."""
        if told["blockers"]:
            raise CommandError(f"{told['code']} is blocked.")
