"""`manage.py simulate FS-0001`: the run of a sale on paper, from arming to closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from console.campaigns import foreseeing, simulating
from console.campaigns.management.verbs import Telling
from console.campaigns.queries import head
from console.campaigns.simulating import Simulation
from console.runbook.models import Step
from console.runbook.pacing import Foreseen


class Command(Telling):
    """Tells when each step would start, how late, and how long the units last."""

    help = "Tell how a sale would run from now on; change nothing."

    def act(
        self, options: dict[str, Any], *, actor: User | None, now: datetime
    ) -> dict[str, Any]:
        """Run it on paper."""
        with foreseeing.reading():
            campaign = head(options["code"]).campaign
            return _told(simulating.simulate(campaign, now=now))

    def say(self, told: dict[str, Any]) -> str:
        """One step a line, on the wall clock of the sale; then opening and units."""
        zone = ZoneInfo(told["zone"])
        lines = [_line(one, zone) for one in told["steps"]]
        if told["opens_at"]:
            late = told["opens_late_s"]
            how = f"{late:,.0f} s late" if late else "on time"
            lines.append(f"Opens {_clock(told['opens_at'], zone)}, {how}.")
        if told["over_at"]:
            lines.append(f"All is put back by {_clock(told['over_at'], zone)}.")
        lines.append(_units(told["stock"], zone))
        return "\n".join(lines)

    def check_told(self, told: dict[str, Any]) -> None:
        """A step that waits for ever is a failure for scripts."""
        if told["stuck"]:
            raise CommandError(f"These would never start: {', '.join(told['stuck'])}.")


def _told(found: Simulation) -> dict[str, Any]:
    return {
        "code": found.campaign.code,
        "zone": found.campaign.zone,
        "steps": [_step(step, one) for step, one in found.moments],
        "opens_at": found.opens_at,
        "opens_late_s": found.opens_late_s,
        "over_at": found.over_at,
        "stuck": [step.title for step in found.stuck],
        "stock": vars(found.stock),
    }


def _step(step: Step, one: Foreseen) -> dict[str, Any]:
    named = ("key", "kind", "title", "target", "phase", "due_at")
    return {name: getattr(step, name) for name in named} | {
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "late_s": one.late_s,
        "takes_s": one.pace.seconds if one.pace else None,
        "basis": one.pace.basis if one.pace else "",
        "waits_for": one.waits_for,
    }


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _line(one: dict[str, Any], zone: ZoneInfo) -> str:
    where = f" ({one['target']})" if one["target"] else ""
    took = "takes an unknown time"
    if one["takes_s"] is not None:
        took = f"takes {one['takes_s']:,.0f} s, {one['basis']}"
    late = f"; {one['late_s']:,.0f} s late" if one["late_s"] else ""
    return f"{_clock(one['starts_at'], zone)}  {one['title']}{where}: {took}{late}"


def _units(told: dict[str, Any], zone: ZoneInfo) -> str:
    base = f"{told['units']:,} units at {told['peak_per_minute']:,} a minute"
    if told["out_at"] is None:
        return f"{base}, the busiest minute expected, outlast the sale."
    return f"{base}, the busiest minute expected: gone {_clock(told['out_at'], zone)}."
