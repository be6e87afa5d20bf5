"""The page about prices names every guard, refusal and step kind."""

from __future__ import annotations

from config.env import ROOT
from console.prices.evidence import NoEvidence
from console.prices.operations import AlreadyDecided
from console.prices.rules import BadPrice, Guard
from console.prices.rules.packs import UnknownPack, packs
from console.runbook import handlers

TEXT = (ROOT / "docs/prices.md").read_text()


def test_every_guard_refusal_and_step_is_explained() -> None:
    refusals = [BadPrice, AlreadyDecided, NoEvidence, UnknownPack]
    words = [*Guard, *(one.code for one in refusals), *(one.id for one in packs())]
    words += [kind for kind in handlers.kinds() if kind.startswith("prices.")]
    assert [word for word in words if f"`{word}`" not in TEXT] == []
