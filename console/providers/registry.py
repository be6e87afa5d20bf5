"""Which drivers exist: our own, and those other packages bring by entry point."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import ClassVar, Protocol

from console.providers.client import Api
from console.providers.drivers.sandbox_cdn import SandboxCdn
from console.providers.drivers.sandbox_cloud import SandboxCloud
from console.providers.drivers.sandbox_erp import SandboxErp
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.ports import PORTS

ENTRY_POINTS = "doorbuster.drivers"


class Driver(Protocol):
    """A driver: built from the calls of one connection, satisfies some ports.

    label: what people read in the list of kinds.
    """

    label: ClassVar[str]

    def __init__(self, api: Api) -> None:
        """Keep the calls."""


OURS: dict[str, type[Driver]] = {
    "sandbox_cloud": SandboxCloud,
    "sandbox_cdn": SandboxCdn,
    "sandbox_shop": SandboxShop,
    "sandbox_erp": SandboxErp,
}


@cache
def drivers() -> dict[str, type[Driver]]:
    """Every driver by name; a package cannot replace one of ours."""
    brought = {point.name: point.load() for point in entry_points(group=ENTRY_POINTS)}
    return brought | OURS


def abilities(driver: type[Driver]) -> tuple[str, ...]:
    """The names of the ports a driver satisfies."""
    return tuple(port.__name__ for port in PORTS if issubclass(driver, port))
