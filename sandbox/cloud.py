"""A cloud: groups of machines with a floor, an autoscaler and a boot lead time."""

from __future__ import annotations

import random
import time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.faults import FaultBoard
from sandbox.router import Refused, Reply, Request, Router, told
from sandbox.state import Store

Count = Annotated[int, Field(ge=0, le=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class NewGroup(BaseModel):
    """A group as its owner describes it. sink_every_s: pace of the autoscaler."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    floor: Count = 1
    maximum: Count = 40
    desired: Count | None = None
    lead_time_s: Annotated[float, Field(ge=0, le=3600)] = 8.0
    sink_every_s: Annotated[float, Field(gt=0, le=3600)] | None = None


class Change(BaseModel):
    """What may be changed in a group; absolute values, never deltas."""

    model_config = ConfigDict(extra="forbid")

    floor: Count | None = None
    maximum: Count | None = None
    desired: Count | None = None


FIRST = [
    NewGroup(name="web", floor=4, maximum=32, lead_time_s=4),
    NewGroup(name="checkout", floor=2, maximum=30, lead_time_s=4),
]


class Group(BaseModel):
    """A group and its machines: for each the instant it starts to serve, or never."""

    name: str
    floor: int
    maximum: int
    desired: int
    lead_time_s: float
    sink_every_s: float
    version: int = 1
    sunk_at: float = 0.0
    machines: list[float | None] = []
    home: int = 0
    changed_at: float = 0.0

    def meddle(self, now: float, after_s: float) -> None:
        """Let somebody else put the floor back to where it was defined."""
        if after_s and self.floor != self.home and now - self.changed_at >= after_s:
            self.floor, self.changed_at = self.home, now
            self.version += 1

    def settle(self, now: float) -> None:
        """Let the autoscaler catch up: what is above the floor sinks, one by one."""
        while self.desired > self.floor and now - self.sunk_at >= self.sink_every_s:
            self.desired -= 1
            self.sunk_at += self.sink_every_s
        if self.desired <= self.floor:
            self.sunk_at = now
        self.machines.sort(key=lambda at: float("inf") if at is None else at)
        del self.machines[self.desired :]

    def serving(self, now: float) -> int:
        """Machines that answer shoppers."""
        return sum(at is not None and at <= now for at in self.machines)

    def told(self, now: float) -> dict[str, object]:
        """As the API shows it."""
        return {
            "name": self.name,
            "floor": self.floor,
            "maximum": self.maximum,
            "desired": self.desired,
            "serving": self.serving(now),
            "lead_time_s": self.lead_time_s,
            "version": str(self.version),
        }


class Cloud:
    """All groups, at first two; a group settles when somebody looks at it."""

    def __init__(self, store: Store, faults: FaultBoard, seed: str) -> None:
        """Have the groups of the last process."""
        self.store, self.faults = store, faults
        self.dice = random.Random(f"{seed}/cloud")
        kept = store.load("group")
        self.groups = {name: Group.model_validate(one) for name, one in kept.items()}
        for group in () if kept else FIRST:
            self._define(group, time.time())

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/cloud/groups", self.every, part="cloud")
        router.add("PUT", "/cloud/groups", self.define)
        router.add("GET", "/cloud/groups/{name}", self.read, part="cloud")
        router.add("PATCH", "/cloud/groups/{name}", self.change, part="cloud")

    def serving(self, name: str) -> int | None:
        """Machines of a group that serve now; None if there is no such group."""
        group = self.groups.get(name)
        if group is None:
            return None
        group.settle(time.time())
        return group.serving(time.time())

    def note(self) -> str:
        """What is wrong, in words."""
        never = sum(group.machines.count(None) for group in self.groups.values())
        return f"{never} machines did not boot" if never else ""

    async def every(self, _request: Request) -> Reply:
        """Show every group."""
        now = time.time()
        return told([self._settled(name, now).told(now) for name in self.groups])

    async def read(self, _request: Request, name: str) -> Reply:
        """Show one group."""
        now = time.time()
        group = self._settled(name, now)
        reply = told(group.told(now))
        reply.headers.append((b"etag", b'"%d"' % group.version))
        return reply

    async def define(self, request: Request) -> Reply:
        """Create groups, or describe known ones anew; their machines serve at once."""
        given = await request.read(list[NewGroup])
        now = time.time()
        for place, one in enumerate(given):
            _check_order(one.floor, one.desired or 0, one.maximum, at=f"{place}.")
        for one in given:
            self._define(one, now)
        await self.store.saved()
        return told({"groups": len(self.groups)})

    async def change(self, request: Request, name: str) -> Reply:
        """Set absolute values, if the group is still as the caller read it.

        Accepted is not in effect: new machines serve within one lead time.
        """
        change = await request.read(Change)
        now = time.time()
        group = self._settled(name, now)
        _check_version(request.header(b"if-match"), group)
        floor = group.floor if change.floor is None else change.floor
        maximum = group.maximum if change.maximum is None else change.maximum
        wanted = group.desired if change.desired is None else change.desired
        desired = max(floor, min(wanted, maximum))
        _check_order(floor, desired, maximum)
        group.floor, group.maximum, group.desired = floor, maximum, desired
        group.version += 1
        group.changed_at = now
        self._boot(group, now)
        self._keep(group)
        await self.store.saved()
        return told(group.told(time.time()), status=202)

    def _define(self, one: NewGroup, now: float) -> None:
        desired = max(one.floor, one.desired or 0)
        sink = one.sink_every_s or max(1.0, one.lead_time_s / 2)
        facts = one.model_dump() | {"desired": desired, "sink_every_s": sink}
        facts |= {"home": one.floor}
        old = self.groups.get(one.name)
        group = Group(**facts, sunk_at=now, version=old.version + 1 if old else 1)
        group.machines = [now] * desired
        self._keep(group)

    def _settled(self, name: str, now: float) -> Group:
        group = self.groups.get(name)
        if group is None:
            raise Refused(404, f"There is no group {name[:80]}.")
        group.meddle(now, self.faults.now.cloud_floor_reset_s)
        group.settle(now)
        return group

    def _boot(self, group: Group, now: float) -> None:
        """Start what is missing: one machine after the other, all within lead time."""
        missing = max(0, group.desired - len(group.machines))
        group.sunk_at = now
        for number in range(missing):
            share = 0.5 + 0.5 * (number + self.dice.random()) / missing
            failed = self.faults.hits(self.faults.now.cloud_boot_fail)
            ready_at = None if failed else now + group.lead_time_s * share
            group.machines.append(ready_at)
        group.settle(now)

    def _keep(self, group: Group) -> None:
        self.groups[group.name] = group
        kept: dict[str, Any] = group.model_dump()
        self.store.put("group", group.name, kept)


def _check_order(floor: int, desired: int, maximum: int, *, at: str = "") -> None:
    if floor > maximum:
        message = f"{at}floor: {floor} is above the maximum of {maximum}."
        raise Refused(400, message, field=f"{at}floor")
    if desired > maximum:
        message = f"{at}desired: {desired} is above the maximum of {maximum}."
        raise Refused(400, message, field=f"{at}desired")


def _check_version(spelled: str, group: Group) -> None:
    """Nobody may write over a change he has not seen."""
    version = spelled.strip().strip('"')
    if not version:
        message = "If-Match: send the version you read."
        raise Refused(400, message, field="If-Match")
    if version not in ("*", str(group.version)):
        message = f"Version {version[:20]} is stale, the group is at {group.version}."
        raise Refused(409, message, field="If-Match")
