"""The kinds of step of this room: raise a floor, warm pages, purge by tag."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from console.capacity import purging, raises, rules, warming
from console.errors import OutsideFailure
from console.providers.operations import open_port
from console.providers.ports import Group, Purger, Scaler, Warmer
from console.runbook.handlers import Drifted, Seen, Setting, handles
from console.runbook.models import Step

BUSY_POLL_S = 0.5


def _prior(step: Step) -> dict[str, Any]:
    """The floor as it was before we touched it."""
    group = _scaler(step).read(step.wanted["group"])
    return {"floor": group.floor, "serving": group.serving}


def _put_back(step: Step) -> Seen:
    """Lower the floor to where it stands without us, if it still stands as we left it.

    Raises:
        Drifted: somebody else moved it; both values are named.
    """
    with _alone(step) as ours:
        return _lower(step) if ours else _busy()


def _settings(step: Step) -> list[Setting]:
    """The floor, which another sale may hold higher; nothing once it is put back.

    Whose floor it is since depends on the other sales that hold it up.
    """
    if step.undoing:
        return []
    group, floor = _scaler(step).read(step.wanted["group"]), int(step.wanted["floor"])
    return [
        Setting(f"floor of {group.name}", str(floor), str(group.floor),
                group.floor >= floor)
    ]  # fmt: skip


@handles("capacity.raise_floor", before=_prior, revert=_put_back, settings=_settings)
def raise_floor(step: Step) -> Seen:
    """Bring a group up to its wanted floor, then read it back; never lower it here.

    Pending until so many instances serve: a floor that is set is not capacity yet.
    """
    with _alone(step) as ours:
        if not ours:
            return _busy()
        group = _raised(step)
    raises.saw(step.wanted["connection"], group, now=timezone.now())
    return _readiness(step, group, now=timezone.now())


@handles("capacity.warm")
def warm(step: Step) -> Seen:
    """Fetch the pages through the edge until a whole pass finds them cached."""
    warmer = open_port(Warmer, step.wanted["connection"])
    progress = warming.Progress.of(step.seen)
    warming.work(warmer, step.wanted["urls"], progress, rate=step.wanted.get("rate"))
    return progress.seen(len(step.wanted["urls"]))


@handles("capacity.purge")
def purge(step: Step) -> Seen:
    """Purge by tag, then look through the edge: nothing older than the purge is served.

    A shield may have put the old page back: then it is purged once more.
    """
    purger = open_port(Purger, step.wanted["connection"])
    return purging.work(
        purger, step.wanted, step.seen, key=step.key, now=timezone.now()
    )


def _scaler(step: Step) -> Scaler:
    return open_port(Scaler, step.wanted["connection"])


def _alone(step: Step) -> Any:
    wanted = step.wanted
    return raises.alone(
        wanted["connection"], wanted["group"], by=step.key, now=timezone.now()
    )


def _busy() -> Seen:
    note = "Another step changes this group"
    return Seen({}, note, pending=True, poll_after_s=BUSY_POLL_S)


def _raised(step: Step) -> Group:
    """Raise the floor if it is below; the group as it is then."""
    wanted, scaler = step.wanted, _scaler(step)
    group = scaler.read(wanted["group"])
    place = raises.add(
        wanted["connection"],
        wanted["group"],
        step=step.key,
        floor=wanted["floor"],
        now_at=group.floor,
    )
    if group.floor >= place.with_us:
        return group
    rules.check_maximum(group.name, place.with_us, group.maximum)
    scaler.set_floor(group.name, place.with_us, version=group.version, key=step.key)
    return scaler.read(wanted["group"])


def _readiness(step: Step, group: Group, *, now: datetime) -> Seen:
    floor = int(step.wanted["floor"])
    values = {
        "floor": group.floor,
        "desired": group.desired,
        "serving": group.serving,
        "maximum": group.maximum,
    }
    if group.floor >= floor:
        raises.applied(step.key)
    if group.floor >= floor and group.serving >= floor:
        raises.arrived(step, now=now)
        return Seen(values, f"{group.serving} of {floor} serving", progress=1.0)
    _check_patience(step, group, now)
    return Seen(
        values,
        f"{group.serving} of {floor} serving",
        pending=True,
        poll_after_s=min(10.0, max(0.5, group.lead_time_s / 20)),
        progress=min(1.0, group.serving / floor),
    )


def _check_patience(step: Step, group: Group, now: datetime) -> None:
    """Give up after three lead times and a minute: then a person must look."""
    patience = timedelta(seconds=3 * group.lead_time_s + 60)
    if step.started_at and now - step.started_at > patience:
        floor = step.wanted["floor"]
        raise OutsideFailure(
            f"{group.name} serves {group.serving} of {floor} after "
            f"{patience.total_seconds() / 60:.0f} min. Look at its instances, "
            "then retry.",
            transient=False,
        )


def _lower(step: Step) -> Seen:
    wanted = step.wanted
    where = (wanted["connection"], wanted["group"])
    scaler = _scaler(step)
    group = scaler.read(wanted["group"])
    place = raises.standing(*where, step=step.key)
    if place is None or place.with_us == place.without_us:
        return _released(step, group, "Left as it is: this step did not hold it up")
    if group.floor not in (place.with_us, place.without_us):
        raise Drifted(
            f"The floor of {group.name} is {group.floor}. We set {place.with_us} and "
            f"would put back {place.without_us}, but somebody else moved it. "
            "Set it by hand, then skip or retry."
        )
    if group.floor == place.with_us:
        floor = place.without_us
        scaler.set_floor(
            group.name, floor, version=group.version, key=f"{step.key}/back"
        )
        group = scaler.read(wanted["group"])
    if group.floor != place.without_us:
        note = f"Floor still {group.floor}"
        return Seen({"floor": group.floor}, note, pending=True)
    return _released(step, group, f"Floor back at {group.floor}")


def _released(step: Step, group: Group, note: str) -> Seen:
    wanted = step.wanted
    raises.remove(wanted["connection"], wanted["group"], step=step.key)
    raises.saw(wanted["connection"], group, now=timezone.now())
    return Seen({"floor": group.floor, "serving": group.serving}, note)
