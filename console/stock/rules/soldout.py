"""What shops do when the units of a sale are gone: ways, where they lead, damping."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from console import words
from console.errors import Refusal
from console.stock.rules.states import GateState

BACK_AFTER = timedelta(seconds=10)
"""Units must be there for so long before a policy is undone: one that comes back and is
taken at once would else make pages and prices flap."""
MOST_TO = 300
HANDLE = re.compile(r"[\w-]+(/[\w-]+)*")


class SoldOutWay(StrEnum):
    """What a shop does with the page of a SKU whose units are gone."""

    BADGE = "badge"
    WAITING_LIST = "waiting_list"
    REVERT_PRICE = "revert_price"
    REDIRECT = "redirect"

    @property
    def label(self) -> str:
        """What a person chooses."""
        return LABELS[self]


def need_to_change(gate: GateState | None, *, locked: bool) -> str:
    """What somebody needs to change it of a sale; empty once the sale is over.

    gate: None before it opens. locked: its units are, as from its approval on.
    """
    if gate is GateState.CLOSED:
        return ""
    return "stock.control" if locked or gate is not None else "stock.edit"


LABELS = {
    SoldOutWay.BADGE: "Say “Sold out”",
    SoldOutWay.WAITING_LIST: "Offer the waiting list",
    SoldOutWay.REVERT_PRICE: "Take the sale price back",
    SoldOutWay.REDIRECT: "Redirect shoppers",
}


def said_words(said: Sequence[Mapping[str, Any]]) -> str:
    """What a sale says of its units being gone, in words; no word where it is nothing.

    >>> said_words([{"way": "badge", "to": "", "skus": None}])
    'Say “Sold out”'
    """
    ordered = sorted(said, key=lambda one: one["skus"] is not None)
    return "; ".join(_said_word(one) for one in ordered)


def _said_word(one: Mapping[str, Any]) -> str:
    way = LABELS[SoldOutWay(one["way"])]
    told = f"{way} to {one['to']}" if one["to"] else way
    if one["skus"] is None:
        return told
    return f"{told} ({words.count(len(one['skus']), 'product')})"


DOING = {
    "badge": "says sold out",
    "waiting_list": "offers the line",
    "redirect": "redirecting",
}
"""What a page does now, as a row of the Stock tab says it."""


class BadTarget(Refusal):
    """A redirect cannot lead there."""

    code = "bad_target"
    status = 422


def check_target(
    way: SoldOutWay | str,
    to: str,
    *,
    hosts: Collection[str],
    skus: Collection[str] = (),
) -> str:
    """Where a redirect leads, as it is kept: an address, `sku:…` or `category:…`.

    hosts: those an address may name, as `host_of` spells them. skus: whose pages lead
    there, if some do.

    Raises:
        BadTarget: none is given, one is given and nothing is redirected, it is no such
            address, or it leads back to the page itself.
    """
    spelled = to.strip()
    if way != SoldOutWay.REDIRECT:
        if spelled:
            raise _bad("Only a redirect leads somewhere: leave this empty.")
        return ""
    if not spelled:
        raise _bad("Say where shoppers are led: an address, a SKU or a category.")
    if len(spelled) > MOST_TO or not spelled.isprintable():
        raise _bad(f"Enter at most {MOST_TO} characters on one line.")
    kind, _, name = spelled.partition(":")
    if kind in ("sku", "category"):
        return _handle(kind, name.strip(), skus)
    return _address(spelled, hosts)


def _handle(kind: str, name: str, skus: Collection[str]) -> str:
    if not name:
        raise _bad(f"Name the {'SKU' if kind == 'sku' else kind} to lead to.")
    if kind == "sku" and name in skus:
        raise _bad(f"{name} cannot lead to itself. Name another SKU.")
    if kind == "category" and not HANDLE.fullmatch(name):
        raise _bad(
            "Enter the handle of a category: letters, digits, - and _, with / between "
            "its parts."
        )
    return f"{kind}:{name}"


def _address(spelled: str, hosts: Collection[str]) -> str:
    """An http(s) address of an allowed host, with nothing a browser might twist."""
    if any(one.isspace() or one in '\\<>"' for one in spelled):
        raise _bad("Enter an address without spaces, quotes or backslashes.")
    try:
        parts = urlsplit(spelled)
        parts.port  # noqa: B018
    except ValueError:
        raise _bad("Enter an address such as https://shop.example.com/sale.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _bad("Enter an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise _bad("Enter an address without a user name.")
    named = host_of(spelled)
    if named not in hosts:
        raise _bad(
            f"{named} is none of your shops. Lead to one of theirs, or have an admin "
            "add it to REDIRECT_HOSTS."
        )
    return spelled


def host_of(url: str) -> str:
    """The host of an http(s) address in lower case, with its port if that is unusual.

    Empty if it has none. IPv6 stands in brackets: `[::1]:8443`.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if not host or port in (None, usual) else f"{host}:{port}"


def _bad(why: str) -> BadTarget:
    return BadTarget(why, field="to")


def spelled(way: str, campaign: str, to: str = "") -> str:
    """What one page does, as a row keeps it: `redirect FS-1 sku:LAMP`."""
    return f"{way} {campaign} {to}".strip()


def read(kept: str) -> tuple[str, str, str] | None:
    """Way, campaign and target of what a row keeps; None if a page does nothing."""
    if not kept:
        return None
    way, _, rest = kept.partition(" ")
    campaign, _, to = rest.partition(" ")
    return way, campaign, to


def doing(kept: str) -> str:
    """What a page does now, in words; empty if nothing."""
    found = read(kept)
    return DOING.get(found[0], found[0]) if found else ""


def price_told(shop: str, kind: str, state: str) -> str:
    """What became of the sale price at a shop, by the last step that turned it there.

    Empty once it is set again.
    """
    back = kind == "prices.withdraw"
    if state == "failed":
        done = "taken back" if back else "set again"
        return f"sale price could not be {done} at {shop}: see the run sheet"
    if state == "verified":
        return "sale price taken back" if back else ""
    if state in ("reverting", "reverted"):
        return ""
    return "taking the sale price back" if back else "setting the sale price again"


def falls_back(way: SoldOutWay | str, able: Collection[str]) -> str:
    """What a shop of these ways does instead; empty if it can do what is asked.

    A price is taken back by the step that set it, so every shop can.
    """
    if way == SoldOutWay.REVERT_PRICE or way in able:
        return ""
    if way == SoldOutWay.BADGE:
        return "shows 0 units"
    return "says sold out" if SoldOutWay.BADGE in able else "shows 0 units"
