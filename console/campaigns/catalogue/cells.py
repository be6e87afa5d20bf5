"""How each kind of cell of a catalogue is read and written; blank says nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from import_export import widgets

from console.campaigns.columns import PriceWidget
from console.campaigns.rules import TimeDoesNotExist, TimeIsAmbiguous, instant
from console.fatigue.rules.days import YEARS
from console.prices import rules
from console.prices.models import WEB
from console.shell.files import neutral

LARGEST = Decimal(10) ** 11
QUOTED = re.compile(r"\A'(?=[=+\-@])")
"""The mark an export puts before what a spreadsheet would run."""
DAY = len("2026-11-27")
"""No text with a time of the day is as short."""


def said(value: Any) -> str:
    """A cell as text, without what stands around it."""
    return str(value if value is not None else "").strip()


class TextWidget(widgets.Widget):
    """Words: a code, a name, a category."""

    def __init__(self, name: str, longest: int) -> None:
        """name: how a sentence calls it. longest: in characters."""
        super().__init__()
        self.name, self.longest = name, longest

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """The words; an apostrophe that an export put before them is taken off.

        Raises:
            ValueError: they are too long.
        """
        text = QUOTED.sub("", said(value))
        if len(text) > self.longest:
            raise ValueError(
                f"The {self.name} has {len(text):,} characters: at most "
                f"{self.longest} fit. Shorten it."
            )
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The words, such that no sheet takes them for a formula."""
        return neutral(value or "")


class AmountWidget(PriceWidget):
    """Money as people write it; None where the cell is blank."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:  # type: ignore[override]
        """The exact amount.

        Raises:
            ValueError: it is no number, negative, too large or too fine.
        """
        if not said(value):
            return None
        amount = super().clean(value, row)
        if not 0 <= amount < LARGEST:
            raise ValueError(
                f"The {self.name} cannot be {said(value)[:40]}. Enter it like 119.00."
            )
        if amount != rules.cut(amount, "KWD"):
            raise ValueError(
                f"The {self.name}, {said(value)[:40]}, has more than three decimals. "
                "Round it."
            )
        return amount


class CurrencyWidget(widgets.Widget):
    """A currency by its code; blank is that of the SKU."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Three capitals, or nothing.

        Raises:
            ValueError: it is no code.
        """
        code = said(value).upper()
        if code and not re.fullmatch("[A-Z]{3}", code):
            raise ValueError(
                f"“{said(value)[:40]}” is no currency. Enter a code like EUR."
            )
        return code


class ChannelWidget(widgets.Widget):
    """A channel by its short name; blank is the web."""

    known: Collection[str] = (WEB,)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """The channel.

        Raises:
            ValueError: there is none of that name.
        """
        slug = said(value) or WEB
        if slug not in self.known:
            raise ValueError(
                f"There is no channel {slug[:40]}. Use {', '.join(self.known)}, or "
                "add it below Settings, Markets."
            )
        return slug


class MomentWidget(widgets.Widget):
    """A day, or an instant; without an offset on the clock of the shop."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        """The instant; a day means its beginning. None where the cell is blank.

        Raises:
            ValueError: it is neither, lies too far away, or the clock does not show it
                or shows it twice.
        """
        text = said(value)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"“{text[:40]}” is no day. Enter it like 2026-11-27, or with a time "
                "like 2026-11-27 09:00."
            ) from None
        if found.year not in YEARS:
            raise ValueError(f"Choose a year between {YEARS[0]} and {YEARS[-1]}.")
        if found.tzinfo:
            return found
        return _shops(found) if len(text) <= DAY else _on_the_clock(found, text)


def _shops(day: datetime) -> datetime:
    return day.replace(tzinfo=ZoneInfo(settings.SHOP_ZONE))


def _on_the_clock(local: datetime, text: str) -> datetime:
    """The instant of a time on the clock of the shop.

    Raises:
        ValueError: the clock jumps over it, or shows it twice.
    """
    try:
        return instant(local, settings.SHOP_ZONE, field="from_at")
    except TimeDoesNotExist as refused:
        raise ValueError(refused.message) from None
    except TimeIsAmbiguous:
        first = _shops(local)
        raise ValueError(
            f"{text[:40]} comes twice, since the clocks go back. Enter it as "
            f"{first.isoformat()} or as {first.replace(fold=1).isoformat()}."
        ) from None
