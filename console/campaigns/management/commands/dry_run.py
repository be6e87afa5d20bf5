"""`manage.py dry_run FS-0001`: every step that would run, and that none was."""

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


class Command(Telling):
    """Tells what each step ahead would change, from the value there is now."""

    help = "Tell every step that would run, with current and target; change nothing."

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Look at every step, and count the calls."""
        with foreseeing.reading() as calls:
            campaign = head(options["code"]).campaign
            steps = foreseeing.steps_ahead(campaign, now=now)
            looks = [looking.look(step) for step in steps]
        return {
            "code": campaign.code,
            "steps": [_told(one) for one in looks],
            "calls": {"read": dict(calls.read), "refused": dict(calls.refused)},
        }

    def say(self, told: dict[str, Any]) -> str:
        """Each step with its settings, then the proof."""
        lines = [text for step in told["steps"] for text in _lines(step)]
        read = sum(told["calls"]["read"].values())
        refused = sum(told["calls"]["refused"].values())
        lines.append(
            f"{len(told['steps'])} steps. {read} calls read; "
            f"{refused} calls wanted to change something, and none was let through."
        )
        return "\n".join(lines)

    def check_told(self, told: dict[str, Any]) -> None:
        """What could not be looked at was not rehearsed."""
        blind = [one["title"] for one in told["steps"] if one["problem"]]
        if blind or told["calls"]["refused"]:
            names = ", ".join(blind)
            raise CommandError(f"Not everything could be looked at: {names}.")


def _told(look: Look) -> dict[str, Any]:
    step = look.step
    named = ("key", "kind", "title", "target", "phase", "due_at", "t_offset_s", "after")
    return {name: getattr(step, name) for name in named} | {
        "problem": look.problem,
        "settings": [
            {"name": one.name, "current": one.found, "target": one.wanted,
             "changes": not one.holds}
            for one in look.settings
        ],
    }  # fmt: skip


def _lines(step: dict[str, Any]) -> list[str]:
    where = f" ({step['target']})" if step["target"] else ""
    lines = [f"{step['due_at']:%Y-%m-%d %H:%M:%SZ}  {step['title']}{where}"]
    for one in step["settings"]:
        now, then = one["current"], one["target"]
        change = f"{now} -> {then}" if one["changes"] else f"{now}, as it should be"
        lines.append(f"    {one['name']}: {change}")
    if step["problem"]:
        lines.append(f"    unknown: {step['problem']}")
    return lines
