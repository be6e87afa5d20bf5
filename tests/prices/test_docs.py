"""The page about prices names every guard, refusal and step kind."""

from __future__ import annotations

from config.env import ROOT
from console.prices.rules import BadPrice, Guard

TEXT = (ROOT / "docs/prices.md").read_text()


def test_every_guard_refusal_and_step_is_explained() -> None:
    words = [*Guard, BadPrice.code, "prices.apply"]
    assert [word for word in words if f"`{word}`" not in TEXT] == []
