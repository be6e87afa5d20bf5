"""The sandbox's cloud: machine groups with a floor and a boot lead time."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote

from console.providers.client import Api
from console.providers.drivers._sandbox import probe
from console.providers.ports import Group, Probe, Receipt


class SandboxCloud:
    """Scales the groups of the sandbox's cloud."""

    label: ClassVar[str] = "Sandbox cloud"

    def __init__(self, api: Api) -> None:
        """Keep the calls."""
        self.api = api

    def read(self, group: str) -> Group:
        """Read a group as it is now."""
        return self.api.get(_path(group)).read(Group)

    def set_floor(self, group: str, floor: int, *, version: str, key: str) -> Receipt:
        """Ask for an absolute floor, if the group is still at this version."""
        headers = {"If-Match": version}
        body = {"floor": floor}
        self.api.call("PATCH", _path(group), body=body, headers=headers, key=key)
        return Receipt(accepted=True, operation=f"floor:{group}:{floor}")

    def probe(self) -> Probe:
        """Ask how it did lately."""
        return probe(self.api, "cloud")


def _path(group: str) -> str:
    return f"/cloud/groups/{quote(group, safe='')}"
