"""Drivers other packages bring."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.providers import registry

DRIVER = """
class Rocket:
    label = "Rocket cloud"

    def __init__(self, api):
        self.api = api

    def probe(self):
        return None
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package as pip would leave it: a module and its entry points."""
    (tmp_path / "rocket_driver.py").write_text(DRIVER)
    info = tmp_path / "rocket_driver-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: rocket-driver\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[doorbuster.drivers]\n"
        "rocket = rocket_driver:Rocket\n"
        "sandbox_erp = rocket_driver:Rocket\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.drivers.cache_clear()
    yield
    registry.drivers.cache_clear()
    sys.modules.pop("rocket_driver", None)


@pytest.mark.usefixtures("package")
def test_a_driver_is_found_by_its_entry_point() -> None:
    found = registry.drivers()["rocket"]
    assert found.label == "Rocket cloud"
    assert registry.abilities(found) == ("Prober",)


@pytest.mark.usefixtures("package")
def test_a_package_cannot_replace_one_of_ours() -> None:
    assert registry.drivers()["sandbox_erp"].label == "Sandbox ERP"


def test_abilities_follow_from_the_ports() -> None:
    found = {name: registry.abilities(kind) for name, kind in registry.OURS.items()}
    assert found == {
        "sandbox_cloud": ("Scaler", "Prober"),
        "sandbox_cdn": ("Purger", "Warmer", "Prober"),
        "sandbox_shop": ("Storefront", "Display", "SoldOutDisplay", "Prober"),
        "sandbox_erp": ("Relay", "Prober"),
    }
