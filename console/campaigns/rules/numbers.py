"""Numbers as people write them in sheets and forms, with commas and points."""

from __future__ import annotations

import re

ONE_COMMA = re.compile(r"[^,.]*,(?!.{3}$)[^,.]*|[+-]?(0[^,.]*)?,[^,.]*")
NO_GROUP = re.compile(r"[+-]?(0.*)?,")


def pointed(text: str) -> str:
    """A number without commas, and a point before its decimals: 1,234.5 is 1234.5.

    A single comma and no point is a decimal comma, as in 12,50, unless three digits
    follow: those are a group of thousands, save behind a number that begins with 0 or
    with the comma, as no group does. What nobody writes, 1.200,00 or 0,500.00, stays as
    it is, no number.
    """
    if ONE_COMMA.fullmatch(text):
        return text.replace(",", ".")
    if NO_GROUP.match(text) or text.rfind(",") > text.rfind(".") >= 0:
        return text
    return text.replace(",", "")
