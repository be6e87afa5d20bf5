"""Action cards: what an alert offers to do, and who may.

Live changes nothing itself: a card leads to an operation of the room that owns it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpRequest

from console.live.facts import Sale
from console.shell import nav


@dataclass(frozen=True)
class Card:
    """One button. dialog: it opens a dialog; otherwise it leads to a page."""

    label: str
    url: str
    dialog: bool = False
    primary: bool = False


def cards(request: HttpRequest, sale: Sale) -> dict[str, list[dict[str, object]]]:
    """The cards of each act that this person may use."""
    code, plan = sale.code, sale.plan
    offered = {
        "stop": [
            _card(request, "Pause sale", "campaigns:pause", code, dialog=True),
            _card(request, "Open Stock", "campaigns:stock", code),
        ],
        "pause": [_card(request, "Pause sale", "campaigns:pause", code, dialog=True)],
        "review": [_card(request, "Review", "campaigns:review_glass", sale.code)],
        "plan": [_card(request, "Open the plan", "campaigns:plan", sale.code)],
        "steps": [_card(request, "Open run sheet", "runbook:sheet", plan)],
        "orders": [_card(request, "Open Orders", "orders:list")],
        "limits": [_card(request, "Open Stock", "campaigns:stock", code)],
        "stock": [_card(request, "Open Stock", "campaigns:stock", code)],
        "doctor": [_card(request, "Open Doctor", "shell:doctor")],
    }
    return {act: [asdict(c) for c in found if c.url] for act, found in offered.items()}


def _card(
    request: HttpRequest, label: str, name: str, *args: str, dialog: bool = False
) -> Card:
    return Card(label, nav.way(request, name, *args), dialog)
