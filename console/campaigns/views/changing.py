"""What a bundle would change of a draft, in the words of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from console.campaigns import bundles
from console.campaigns.forms import TermsForm
from console.campaigns.models import Campaign
from console.campaigns.rules.bundles import Bundle, Change

SHOWN = 200
"""Changes listed one by one."""


class Said(NamedTuple):
    """One change: what of which product or of the terms, before and after."""

    what: str
    before: str
    after: str


class Asked(NamedTuple):
    """What is shown before a draft is changed. seen: sent along to agree to it."""

    campaign: Campaign
    changes: Sequence[Said]
    total: int
    seen: str

    @property
    def more(self) -> int:
        """Changes that are not listed."""
        return self.total - len(self.changes)


def asked(found: Bundle, held: Campaign) -> Asked:
    """What bringing a bundle in would change of a draft."""
    every = bundles.difference(found)
    listed = [_said(one) for one in every[:SHOWN]]
    return Asked(held, listed, len(every), bundles.seen(found, held))


def _said(one: Change) -> Said:
    kind, _, name = one.what.partition(".")
    what = _term(name) if kind == "terms" else name.replace(".", ", ").replace("_", " ")
    return Said(what, _text(one.before), _text(one.after))


def _term(name: str) -> str:
    field = TermsForm.base_fields.get(name)
    return str((field and field.label) or name.replace("_", " ").capitalize())


def _text(value: Any) -> str:
    """A value as people read it; a whole line by its figures, nothing as a dash."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, dict):
        return f"{value['units']:,} at {value['sale_price']}"
    if isinstance(value, list):
        return ", ".join(str(one).replace("\t", " ") for one in value)
    return str(value).replace("T", " ") if _is_time(value) else str(value)


def _is_time(value: Any) -> bool:
    text = str(value)
    return len(text) >= 16 and text[4:5] == text[7:8] == "-" and text[10] == "T"
