"""Tags and filters every page draws with: icons, states, numbers, time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from console.shell import demo, formats, nav, states
from console.shell.formats import Number

register = template.Library()
for _format in (
    formats.number,
    formats.days,
    formats.money,
    formats.money_short,
    formats.amount,
    formats.percent,
    formats.duration,
    formats.t_offset,
):
    register.filter(_format.__name__, _format)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "lock" %}`; size: sm, lg or spin. Decoration only: the word says it."""
    sizes = "".join(f" i--{word}" for word in size.split())
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        sizes,
        static("shell/icons.svg"),
        name,
    )


@register.simple_tag
def badge(state: object, word: str = "", plain: bool = False) -> SafeString:
    """`{% badge campaign.state %}`: icon and word in the state's tone."""
    look = states.look(state)
    word = word or look.word
    if str(state) == "live":
        pulse = '<span class="badge badge--live"><span class="pulse"></span>{}</span>'
        return format_html(pulse, word)
    return format_html(
        '<span class="badge{}" data-tone="{}">{}{}</span>',
        " badge--plain" if plain else "",
        look.tone,
        icon(look.icon),
        word,
    )


@register.simple_tag
def tone(state: object) -> str:
    """The tone of a state, for `data-tone`."""
    return states.look(state).tone


@register.inclusion_tag("shell/_life.html")
def life(state: object) -> dict[str, Any]:
    """`{% life campaign.state %}`: the road to Closed, and where it stands."""
    return {"stops": states.life(state)}


@register.simple_tag(takes_context=True)
def crumb(
    context: template.Context, label: object, name: str = "", *args: object
) -> SafeString:
    """`{% crumb "Campaigns" "campaigns:list" %}`; without a view name, this page."""
    if not name:
        here = '<li><span aria-current="page" class="truncate">{}</span></li>'
        return format_html(here, label)
    url = nav.way(_request(context), name, *args)
    if not url:
        return format_html("<li><span>{}</span></li>", label)
    return format_html('<li><a href="{}">{}</a></li>', url, label)


@register.simple_tag(takes_context=True)
def way(context: template.Context, name: str, *args: object) -> str:
    """`{% way "orders:list" as url %}`: an address, or nothing if not for you."""
    request = context.get("request")
    return nav.way(request, name, *args) if request else ""


@register.inclusion_tag("shell/_nav_items.html", takes_context=True)
def nav_items(context: template.Context) -> dict[str, Any]:
    """The groups of the navigation."""
    return {"groups": nav.groups(_request(context))}


@register.inclusion_tag("shell/_settings_tabs.html", takes_context=True)
def settings_tabs(context: template.Context) -> dict[str, Any]:
    """The tabs of the pages below Settings."""
    return {"links": nav.sub(_request(context))}


@register.simple_tag(takes_context=True)
def places(context: template.Context) -> list[dict[str, str]]:
    """What the palette may lead to, for `json_script`."""
    request = _request(context)
    found = [link for _, items in nav.groups(request) for link in items]
    new = nav.way(request, "campaigns:create") or nav.way(request, "campaigns:new")
    act = [_place("Actions", "plus", "New campaign", "N", new)] if new else []
    go = [
        _place(
            "Go to", link.icon, link.label, f"G {link.key.upper()}".strip(), link.url
        )
        for link in found + nav.below(request) + nav.sub(request)
    ]
    return act + go


def _place(group: str, icon: str, text: str, key: str, url: str) -> dict[str, str]:
    return {"g": group, "ic": icon, "t": text, "k": key.removesuffix("G "), "h": url}


def _request(context: template.Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request


@register.simple_tag
def demo_people() -> list[demo.Person]:
    """Who can sign in with one click; nobody outside the demo."""
    return demo.PEOPLE if settings.DEMO else []


@register.simple_tag
def window(opens_at: datetime, closes_at: datetime, zone: str = "") -> SafeString:
    """`Fri 27 Nov 2026, 20:00–22:00 CET` as a time element."""
    text = formats.window(opens_at, closes_at, zone)
    return _time(formats.local(opens_at, zone).isoformat(), text)


@register.simple_tag
def age(at: datetime | None) -> SafeString | str:
    """How old something is; the browser counts on. Unknown is an en dash."""
    if at is None:
        return formats.UNKNOWN
    span = timezone.now() - at
    return format_html(
        '<time datetime="PT{}S" data-age="{}">{}</time>',
        max(0, int(span.total_seconds())),
        at.isoformat(),
        formats.duration(max(span, timedelta())),
    )


@register.simple_tag
def countdown(to: datetime | None) -> SafeString | str:
    """How long until an instant; the browser counts down."""
    if to is None:
        return formats.UNKNOWN
    return format_html(
        '<time datetime="{}" data-countdown="{}">{}</time>',
        to.isoformat(),
        to.isoformat(),
        formats.countdown(to - timezone.now()),
    )


def _time(stamp: str, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', stamp, text)


@register.filter
def moment(at: datetime | None, zone: str = "") -> SafeString | str:
    """`Fri 27 Nov, 20:00` on the shop's clock, as a time element."""
    if at is None:
        return formats.UNKNOWN
    text = formats.moment(at, now=timezone.now(), zone=zone)
    return _time(formats.local(at, zone).isoformat(), text)


@register.filter
def day(at: datetime | None, zone: str = "") -> str:
    """`Fri 27 Nov`."""
    return formats.day(at, now=timezone.now(), zone=zone)


@register.filter
def clock(at: datetime | None, form: str = "") -> SafeString | str:
    """`20:00`, or `20:00:31` with `clock:"s"`, as a time element."""
    if at is None:
        return formats.UNKNOWN
    text = formats.clock(at, with_seconds=form == "s")
    return _time(formats.local(at).isoformat(), text)


@register.filter
def rate(value: Number | None, digits: int = 1) -> str:
    """`3.6/s`."""
    text = formats.number(value, digits)
    return text if text == formats.UNKNOWN else f"{text}/s"


@register.simple_tag
def bar(
    value: Number | None, label: str, tone: str = "", run: bool = False
) -> SafeString:
    """A bar of 0 to 100 with its meaning in words."""
    shown = formats.decimal(value) or 0
    return format_html(
        '<div class="bar{}" data-tone="{}" role="meter" aria-label="{}" '
        'aria-valuenow="{}" aria-valuemin="0" aria-valuemax="100">'
        '<i data-vars="v:{}"></i></div>',
        " bar--run" if run else "",
        tone or "info",
        label,
        f"{shown:.0f}",
        f"{shown:.1f}",
    )


@register.simple_tag
def stack(label: str, whole: Number | None, **parts: Number | None) -> SafeString:
    """`{% stack "In words" total sold=1 resv=2 left=3 buf=4 free=5 comm=6 %}`."""
    total = formats.decimal(whole) or 1
    pieces = [
        (key, f"{100 * (formats.decimal(value) or 0) / total:.2f}")
        for key, value in parts.items()
        if formats.decimal(value)
    ]
    inner = format_html_join("", '<i class="k-{}" data-vars="w:{}"></i>', pieces)
    form = '<div class="stack" role="img" aria-label="{}">{}</div>'
    return format_html(form, label, inner)


@register.filter
def city(zone: str) -> str:
    """The town of a time zone: `Berlin`."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.filter
def initials(person: object) -> str:
    """Two letters for the avatar."""
    name = getattr(person, "get_full_name", str)() or str(person)
    words = name.split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that goes with a tone."""
    icons = {"ok": "circle-check", "warn": "triangle-alert", "bad": "octagon-x"}
    return icons.get(tone, "info")


@register.filter
def message_tone(level: str) -> str:
    """The tone of one of Django's messages."""
    return {"success": "ok", "warning": "warn", "error": "bad"}.get(level, "info")


@register.filter
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The page numbers a pager shows; an ellipsis stands for a gap."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=2)
    return list(shown)
