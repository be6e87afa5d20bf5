"""Looks at the groups between the steps: how many serve, and who moved a floor."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User

from console.audit.operations import record
from console.capacity import raises
from console.capacity.models import MachineGroup, ServiceProfile
from console.errors import OutsideFailure, Refusal
from console.providers.operations import open_port
from console.providers.ports import Scaler


class NothingToRaise(Refusal):
    """No sale holds this group up, or it stands where it should."""

    code = "nothing_to_raise"


def look(*, now: datetime) -> int:
    """Read every group of a profile; how many could be read."""
    profiles = ServiceProfile.objects.filter(enabled=True).order_by("position", "pk")
    return sum(_look(one.connection, one.group, now) for one in profiles)


def _look(connection: str, group: str, now: datetime) -> bool:
    try:
        raises.saw(connection, open_port(Scaler, connection).read(group), now=now)
    except (OutsideFailure, Refusal) as failure:
        raises.failed(connection, group, failure.message)
        return False
    return True


def raise_again(
    group_id: int, *, actor: User | AnonymousUser | None, now: datetime
) -> MachineGroup:
    """Bring a floor that somebody lowered back to what the running sales need.

    Raises:
        NothingToRaise: it stands where it should.
    """
    row = MachineGroup.objects.get(pk=group_id)
    wanted = raises.wanted_floor(row)
    scaler = open_port(Scaler, row.connection)
    seen = scaler.read(row.name)
    if wanted is None or seen.floor >= wanted:
        raises.saw(row.connection, seen, now=now)
        raise NothingToRaise(f"{row.name} stands at {seen.floor}, as it should.")
    key = f"capacity/raise-again/{row.pk}/{seen.version}"
    scaler.set_floor(row.name, wanted, version=seen.version, key=key)
    raises.saw(row.connection, scaler.read(row.name), now=now)
    row.refresh_from_db()
    before, after = {"floor": seen.floor}, {"floor": wanted}
    record(actor, "capacity.raise_again", row, now=now, before=before, after=after)
    return row
