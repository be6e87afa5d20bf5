"""Bars and cells of the calendar's grid.

A year shows hundreds of bars, and a template takes 0.4 ms for each; these take 0.02.
Django's `format_html` escapes every argument and takes four times as long: there are
sixteen a bar, of which two are texts of a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from console.campaigns.queries.lanes import Bar, Heat, Lane
from console.shell.templatetags.shell import icon

register = template.Library()

_BAR = (
    '<li class="ev{}" data-vars="c:{};d:{};r:{};g:{}" data-tone="{}" data-state="{}">'
    '{}<a class="ev__b" href="{}"{}>{}{}<span class="{}"><b>{}</b>'
    "<small>{}, {}</small></span></a></li>"
)
_HANDLE = (
    ' data-code="{}" data-name="{}" data-place-url="{}" data-move-url="{}"'
    ' data-ahead-url="{}" draggable="false" aria-keyshortcuts="M"'
    ' title="{}. Drag to move, or press M"'
)
_TITLE = ' title="{}"'
_SIZE = '<span class="ev__size" aria-hidden="true"></span>'
_REST = '<span class="ev__rest"></span>'
_CUT = '<span class="ev__rest is-cut"></span>'
_CELL = '<li data-h="{}" data-vars="s:{}" title="{}: {}">{}</li>'
_WAY = '<a href="{}&amp;lane={}" tabindex="-1">{}</a>'


@register.simple_tag
def bars(
    events: Sequence[Bar], may_edit: bool, lost: Mapping[str, str] | None
) -> SafeString:
    """The sales of one lane, each as an item of its list.

    lost: by code, what a sale loses of its claim; nothing where nobody asks.
    """
    said = lost or {}
    drawn = (_bar(bar, may_edit, said.get(bar.code, "")) for bar in events)
    return mark_safe("".join(drawn))  # noqa: S308


def _bar(bar: Bar, may_edit: bool, lost: str) -> str:
    """The item of one sale; its texts are escaped here, all else is our own."""
    look, held = bar.look, bar.movable and may_edit
    name, lost = escape(bar.name), escape(lost)
    said = f"{name}, {lost}" if lost else name
    rest = (_CUT if bar.cut else _REST) if bar.rest and not bar.blocked else ""
    return _BAR.format(
        _css(bar, lost),
        bar.column,
        bar.days,
        bar.rest,
        bar.gap,
        look.tone,
        bar.state,
        rest,
        _way("plan", bar.code),
        _handle(bar, name, said) if held else _TITLE.format(said),
        icon(look.icon or "radio"),
        _SIZE if held else "",
        "ev__t" if bar.named else "ev__t ev__t--off",
        name,
        bar.when,
        lost or look.word,
    )


def _css(bar: Bar, lost: str) -> str:
    place = " ev--in" if bar.inside else " ev--flip" if bar.flip else ""
    return place + (" ev--lost" if lost else "")


def _handle(bar: Bar, name: str, said: str) -> str:
    ways = (_way(name, bar.code) for name in ("place", "move", "ahead"))
    return _HANDLE.format(escape(bar.code), name, *ways, said)


@lru_cache(maxsize=4096)
def _way(name: str, code: str) -> str:
    return escape(reverse(f"campaigns:{name}", args=[code]))


@register.simple_tag
def heat(lane: Lane, may_edit: bool) -> SafeString:
    """The scores of one lane, each a way to plan a sale then and there."""
    key = escape(quote(lane.key)) if may_edit else ""
    return mark_safe("".join([_cell(cell, key) for cell in lane.heat]))  # noqa: S308


def _cell(cell: Heat, key: str) -> str:
    on, score, bucket, span = cell
    day, there = _day(on)
    said = _WAY.format(there, key, score) if key else score
    return _CELL.format(bucket, span, day, score, said)


@lru_cache(maxsize=1024)
def _day(on: date) -> tuple[str, str]:
    """A day in words, and where a sale is planned on it: the same in every lane."""
    return f"{on:%a} {on.day} {on:%b}", f"{reverse('campaigns:create')}?day={on}"
