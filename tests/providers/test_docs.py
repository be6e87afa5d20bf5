"""What exists in this room and in capacity is written down."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from config.env import ROOT
from console.errors import Refusal
from console.providers import faults, registry
from console.providers.ports import PORTS
from console.runbook import handlers

PAGES = {"providers": "docs/providers/README.md", "capacity": "docs/capacity.md"}


def _refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _refusals(one)


@pytest.mark.parametrize("room", PAGES)
def test_every_refusal_is_explained(room: str) -> None:
    import_module(f"console.{room}.views")
    text = (ROOT / PAGES[room]).read_text()
    ours = [one for one in _refusals() if one.__module__.startswith(f"console.{room}")]
    assert ours
    assert {one.code for one in ours if f"`{one.code}`" not in text} == set()


def test_every_driver_and_ability_is_explained() -> None:
    text = (ROOT / PAGES["providers"]).read_text()
    assert [name for name in registry.OURS if f"`{name}`" not in text] == []
    assert [port for port in PORTS if f"| {port.__name__} |" not in text] == []


def test_every_kind_of_failure_is_explained() -> None:
    text = (ROOT / PAGES["providers"]).read_text()
    kinds = {kind for kind, _ in faults._KINDS.values()} | {"failed", "invalid"}
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []


def test_every_step_of_capacity_is_explained() -> None:
    text = (ROOT / PAGES["capacity"]).read_text()
    kinds = [kind for kind in handlers.kinds() if kind.startswith("capacity.")]
    assert len(kinds) == 3
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []
