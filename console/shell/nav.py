"""The map of the console: what the navigation, the palette and the keys lead to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from console.shell import policy


@dataclass(frozen=True)
class Item:
    """One place. Current on `name`, on any view named in `views`, else in its `room`.

    key: the letter after G that leads here.
    """

    label: str
    icon: str
    name: str
    key: str = ""
    room: str = ""
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A place this person may open, with its address."""

    label: str
    icon: str
    url: str
    key: str
    current: bool


SETTINGS = (
    Item("Fatigue", "flame", "fatigue:policy", ",", room="fatigue"),
    Item(
        "Markets",
        "store",
        "campaigns:markets",
        views=(
            "campaigns:add_market",
            "campaigns:add_channel",
            "campaigns:edit_market",
            "campaigns:place_shop",
        ),
    ),
    Item(
        "Approvers",
        "circle-check",
        "campaigns:risks",
        views=("campaigns:save_risks",),
    ),
    Item("Prices", "tag", "prices:home", room="prices"),
    Item(
        "Catalogue",
        "package",
        "campaigns:catalogue",
        views=("campaigns:update_catalogue", "campaigns:catalogue_file"),
    ),
    Item("Providers", "network", "providers:list", room="providers"),
    Item("People", "users", "people:list", room="people"),
    Item("Doctor", "shield-check", "shell:doctor"),
    Item("Components", "layers", "shell:components"),
)
PLAN = (
    Item(
        "Calendar",
        "calendar-days",
        "campaigns:calendar",
        "c",
        views=(
            "campaigns:freezes",
            "campaigns:freeze",
            "campaigns:freeze_sales",
            "campaigns:lift",
            "campaigns:too_often",
            "campaigns:occasions",
            "campaigns:add_occasion",
            "campaigns:rename_occasion",
            "campaigns:drop_occasion",
            "campaigns:subscribe",
        ),
    ),
    Item(
        "Campaigns",
        "tag",
        "campaigns:list",
        "a",
        room="campaigns report",
        views=("orders:budget",),
    ),
    Item("Uplift", "trending-up", "uplift:home", room="uplift"),
)
RUN = (
    Item("Live", "radio", "live:home", "l", room="live"),
    Item("Stock", "package", "stock:home", "s", "stock", ("campaigns:stock",)),
    Item(
        "Capacity",
        "gauge",
        "capacity:home",
        "p",
        "capacity runbook",
        ("campaigns:capacity",),
    ),
    Item("Orders", "receipt-text", "orders:list", "o", room="orders"),
    Item("Audit", "history", "audit:list", "u", room="audit"),
)

BELOW = (
    Item("Stock, Levels", "database", "stock:levels"),
    Item("Stock, Buffer policies", "shield-check", "stock:buffers"),
    Item("Stock, Feeds", "network", "stock:feeds"),
)
"""Pages that only the palette lists; the navigation shows the place above them."""

OWN = ("people:tokens", "people:revoke", "people:set_password")
"""Pages of a person's own account: no place of the console."""


def groups(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    """The navigation as this person sees it; a place that is not there is left out."""
    found = [("Plan", links(request, PLAN)), ("Run", links(request, RUN))]
    settings = sub(request)
    if settings:
        here = any(link.current for link in settings)
        way_in = Link("Settings", "settings", settings[0].url, ",", here)
        found.append(("Set up", [way_in]))
    return [(label, items) for label, items in found if items]


def sub(request: HttpRequest) -> list[Link]:
    """The pages below Settings."""
    return links(request, SETTINGS)


def below(request: HttpRequest) -> list[Link]:
    """The pages that only the palette lists."""
    return links(request, BELOW)


def links(request: HttpRequest, items: tuple[Item, ...]) -> list[Link]:
    """The items this person may open."""
    here = _here(request)
    taken = {
        name for item in PLAN + RUN + SETTINGS for name in (item.name, *item.views)
    }
    return [
        Link(item.label, item.icon, url, item.key, _current(item, here, taken))
        for item in items
        if (url := way(request, item.name))
    ]


def _here(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else ""


def _current(item: Item, here: str, taken: set[str]) -> bool:
    if here in OWN:
        return False
    if here in taken:
        return here == item.name or here in item.views
    return here.partition(":")[0] in item.room.split()


def way(request: HttpRequest, name: str, *args: object) -> str:
    """The address of a view, or nothing if it is not there or not for this person."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    need = _table().get(name)
    user = getattr(request, "user", None)
    return url if need and user and policy.may(user, need) else ""


@cache
def _table() -> dict[str, str]:
    """Who may open which address; read late, since every room adds its part."""
    table: dict[str, str] = import_module("config.access").access_table()
    return table
