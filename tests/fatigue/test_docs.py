"""The page about fatigue names every rule, refusal and label."""

from __future__ import annotations

from config.env import ROOT
from console.fatigue.operations import StalePolicy
from console.fatigue.queries import NoPolicy
from console.fatigue.rules import BadPolicy, Level, Rule

TEXT = (ROOT / "docs/fatigue.md").read_text()


def test_every_rule_and_refusal_is_explained() -> None:
    codes = [wrong.code for wrong in (BadPolicy, NoPolicy, StalePolicy)]
    assert [word for word in [*Rule, *codes] if f"`{word}`" not in TEXT] == []
    assert [level for level in Level if level.label not in TEXT] == []
