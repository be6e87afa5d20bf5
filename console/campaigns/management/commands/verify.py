"""`manage.py verify FS-0001`: reads back what a sale applied; fails if it differs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from console.campaigns import foreseeing
from console.campaigns.management.verbs import Telling
from console.campaigns.queries import head
from console.runbook import looking
from console.runbook.looking import Look
from console.runbook.models import Step


class Command(Telling):
    """Compares what is in the world with what the steps of a sale left there."""

    help = "Read back what a sale applied or put back; exit code 1 if it differs."

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Read every setting of the steps that were begun."""
        with foreseeing.reading():
            campaign = head(options["code"]).campaign
            looks = looking.applied(Step.objects.of(campaign.plan))
        return {
            "code": campaign.code,
            "settings": sum(len(one.settings) for one in looks),
            "steps": [_told(one) for one in looks],
            "drift": [
                {"step": one.step.key, "name": setting.name,
                 "wanted": setting.wanted, "found": setting.found}
                for one in looks
                for setting in one.drift
            ],
        }  # fmt: skip

    def say(self, told: dict[str, Any]) -> str:
        """What differs, failed or could not be read; else how much was read back."""
        lines = [
            f"{one['name']} should be {one['wanted']}, and is {one['found']}."
            for one in told["drift"]
        ]
        blind = (one for one in told["steps"] if one["problem"])
        lines += [f"{one['title']} is not settled: {one['problem']}" for one in blind]
        if not told["steps"]:
            return f"{told['code']} has applied nothing that could be read back."
        lines.append(f"{told['settings']} settings of {told['code']} read back.")
        return "\n".join(lines)

    def check_told(self, told: dict[str, Any]) -> None:
        """Drift is a failure for scripts, and so is what failed or is not known."""
        blind = sum(bool(one["problem"]) for one in told["steps"])
        if told["drift"] or blind:
            raise CommandError(
                f"{len(told['drift'])} settings differ, "
                f"{blind} steps failed or are unknown."
            )


def _told(look: Look) -> dict[str, Any]:
    named = ("key", "title", "target", "state")
    settings = {"settings": len(look.settings), "drift": len(look.drift)}
    told = {name: getattr(look.step, name) for name in named}
    return told | settings | {"problem": look.problem}
