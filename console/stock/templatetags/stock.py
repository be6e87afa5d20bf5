"""How this room's templates say things."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import isinf

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.shell import formats
from console.stock.rules.pace import Eta

register = template.Library()


@register.filter
def sells_out(eta: Eta | None) -> SafeString | str:
    """When the rest is gone: `~9 min`, and what 80 of 100 sales stay within."""
    if eta is None or eta.middle is None:
        return formats.UNKNOWN
    middle, earliest = _spoken(eta.middle), _spoken(eta.earliest)
    latest = "no end" if isinf(eta.latest) else _spoken(eta.latest)
    if middle == earliest == latest:
        return f"~{middle}"
    span = '~{} <small class="faint">{} to {}</small>'
    return format_html(span, middle, earliest, latest)


@register.filter
def stamp(at: datetime) -> SafeString:
    """When, in a list that goes back: `20:10:51` today, `26 Nov` before that."""
    now = timezone.now()
    here, today = formats.local(at), formats.local(now)
    text = formats.day(at, now=now).partition(" ")[2]
    if here.date() == today.date():
        text = formats.clock(at, with_seconds=True)
    whole = f"{formats.day(at, now=now)}, {formats.clock(at, with_seconds=True)}"
    form = '<time datetime="{}" title="{}">{}</time>'
    return format_html(form, here.isoformat(), whole, text)


@register.filter
def instant(at: datetime) -> SafeString:
    """When, to the second: `Sat 28 Nov, 21:17:05`."""
    text = f"{formats.day(at, now=timezone.now())}, "
    text += formats.clock(at, with_seconds=True)
    form = '<time datetime="{}">{}</time>'
    return format_html(form, formats.local(at).isoformat(), text)


@register.filter
def plainly(number: Decimal) -> str:
    """A measured number, without digits that say nothing."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


@register.filter
def in_percent(share: Decimal) -> str:
    """A share of 1 as `99.5%`."""
    return f"{plainly(share * 100)}%"


def _spoken(minutes: float) -> str:
    """Nothing is foretold to the millisecond."""
    return formats.duration(max(timedelta(minutes=minutes), timedelta(seconds=1)))
