"""How the board writes shares, sell-out times and drain times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.live import rules
from console.shell import formats
from console.shell.formats import Number
from console.shell.templatetags.shell import icon

register = template.Library()


@register.filter
def ratio(value: Number | None, whole: Number | None) -> float | None:
    """A share in per cent; None where either is unknown or the whole is nothing."""
    part, of = formats.decimal(value), formats.decimal(whole)
    return float(100 * part / of) if part is not None and of else None


@register.filter
def parts(sku: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pieces of an allocation's bar, in per cent."""
    whole = max(1, int(sku["quantity"]))
    left = "stop" if sku.get("stopped") else "left"
    pieces = {"sold": "sold", "resv": "reserved", left: "left", "buf": "buffer"}
    return [(k, f"{100 * sku[name] / whole:.1f}") for k, name in pieces.items()]


@register.simple_tag
def eta(sku: Mapping[str, Any]) -> SafeString | str:
    """When it is gone: `12 min`, `lasts`, `Stopped`, `Sold out`; unknown is `–`."""
    if sku["left"] <= 0:
        return _badge("", "archive", "Sold out")
    if sku.get("stopped"):
        return _badge("bad", "pause", "Stopped")
    found = sku["eta"]
    if found is None or found["mid"] is None:
        return formats.UNKNOWN
    if found["lasts"]:
        return format_html('<span class="faint">lasts</span>')
    text = formats.duration(timedelta(minutes=max(1, round(found["mid"]))))
    if found["mid"] <= rules.SOON_MINUTES:
        return _badge("warn", "triangle-alert", text)
    return text


def _badge(tone: str, name: str, text: str) -> SafeString:
    form = '<span class="badge badge--plain" data-tone="{}">{}{}</span>'
    return format_html(form, tone, icon(name), text)


@register.filter
def drain_text(backlog: Mapping[str, Any]) -> str:
    """When the backlog is gone, in words."""
    if not backlog:
        return formats.UNKNOWN
    if not backlog["waiting"]:
        return "none waits"
    if backlog["paused"]:
        return "relay is paused"
    if backlog["held"]:
        return f"{backlog['held'][0]} does not answer"
    if backlog["drain_s"] is None:
        return "never clears at this rate"
    return _clear_at(backlog["drain_s"], timezone.now())


def _clear_at(seconds: float, now: datetime) -> str:
    if seconds < 1:
        return "clear in under 1 s"
    if seconds < 60:
        return f"clear in {seconds:.0f} s"
    return f"clear about {formats.clock(now + timedelta(seconds=seconds))}"


@register.filter
def drain_tone(backlog: Mapping[str, Any]) -> str:
    """The tone of the backlog."""
    if not backlog or not backlog["waiting"]:
        return ""
    drain = backlog["drain_s"]
    slow = drain is None or drain > 300 or backlog["paused"] or backlog["held"]
    return "warn" if slow else ""
