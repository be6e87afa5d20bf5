"""`manage.py revert FS-0001 --as tomasz`: puts back what a past sale changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from console.campaigns.management.verbs import Verb
from console.campaigns.queries import head
from console.campaigns.rules import OVER, State, WrongState
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import CannotRevert, NotNow


class Command(Verb):
    """Asks every step of the plan that still holds something to put it back."""

    help = "Put back what a sale that is over changed and did not put back itself."
    need = "runbook.act"

    def add_arguments(self, parser: CommandParser) -> None:
        """The campaign, and which of its steps."""
        super().add_arguments(parser)
        parser.add_argument("code")
        parser.add_argument("--step", default="", help="one step, by its key")

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Revert the steps, the last first."""
        campaign = head(options["code"]).campaign
        if campaign.state not in OVER:
            raise WrongState(
                f"{campaign.code} is {State(campaign.state).label.lower()}. Abort it: "
                "that puts everything back."
            )
        steps = Step.objects.of(campaign.plan)
        if options["step"]:
            steps = steps.filter(key=options["step"])
        done, left = [], {}
        for step in sorted(steps, key=lambda one: (one.due_at, one.pk), reverse=True):
            why = _revert(step, actor, now)
            if why is None:
                done.append(step.key)
            else:
                left[step.key] = why
        if not done:
            raise CannotRevert(f"Nothing of {campaign.code} is left to put back.")
        return {"code": campaign.code, "reverting": done, "left": left}

    def say(self, told: dict[str, Any]) -> str:
        """The steps that put something back."""
        return "\n".join(f"Reverting {key}." for key in told["reverting"])


def _revert(step: Step, actor: User | None, now: datetime) -> str | None:
    """None once the step is to be reverted; else why it stays as it is."""
    try:
        runbook.revert(step.pk, actor=actor, now=now)
    except (CannotRevert, NotNow) as refused:
        return refused.message
    return None
