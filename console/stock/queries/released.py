"""What was planned to wait and what was let go, as the list of changes says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from console import words
from console.stock.rules.soldout import LABELS, SoldOutWay
from console.stock.rules.waves import ReleaseWhen

Values = Mapping[str, Any]


def _planned(after: Values) -> tuple[str, str, str]:
    waves, units = after.get("waves", 0), after.get("units", 0)
    if not waves:
        return "layers", "info", "No waves any more: everything can be sold"
    told = f"{words.count(waves, 'wave')} planned, {words.count(units, 'unit')} wait"
    return "layers", "info", told


def _started(after: Values) -> tuple[str, str, str]:
    units = words.count(after.get("units", 0), "unit")
    return "play", "ok", f"Wave {after.get('wave', '')} started, {units} let go"


def _ruled(after: Values) -> tuple[str, str, str]:
    when = ReleaseWhen(after.get("when", ReleaseWhen.MANUAL)).label.lower()
    return "timer", "info", f"Release rule {after.get('rule', '')} made: {when}"


def _dropped(_: Values) -> tuple[str, str, str]:
    return "x", "", "Release rule taken back"


def _released(after: Values) -> tuple[str, str, str]:
    units = words.count(after.get("units", 0), "unit")
    return "lock-open", "ok", f"Buffer let go by rule {after.get('rule', '')}, {units}"


def _sold_out(after: Values) -> tuple[str, str, str]:
    way = after.get("way")
    what = LABELS[SoldOutWay(way)].lower() if way else "shops show 0 units"
    leads = f": {after['to']}" if after.get("to") else ""
    return "archive", "info", f"When a SKU is sold out: {what}{leads}"


SAID: Mapping[str, Callable[[Values], tuple[str, str, str]]] = {
    "stock.plan_waves": _planned,
    "stock.open_wave": _started,
    "stock.add_rule": _ruled,
    "stock.drop_rule": _dropped,
    "stock.release_buffer": _released,
    "stock.set_sold_out": _sold_out,
}
"""Icon, tone and words by the verb of the trail."""
