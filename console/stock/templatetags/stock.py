"""How this room's templates say things."""

from __future__ import annotations

from datetime import timedelta
from math import isinf

from django import template
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
    latest = "no end" if isinf(eta.latest) else _spoken(eta.latest)
    return format_html(
        '~{} <small class="faint">{} to {}</small>',
        _spoken(eta.middle),
        _spoken(eta.earliest),
        latest,
    )


def _spoken(minutes: float) -> str:
    return formats.duration(timedelta(minutes=minutes))
