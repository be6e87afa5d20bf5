"""How numbers, money, spans and instants are written, by the rules of docs/ui.md."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as spell

UNKNOWN = "–"
MINUS = "−"
CLOCK_TICKS = [
    {"dtickrange": [None, 59_999], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, None], "value": "%H:%M"},
]
"""How Plotly writes a time axis: with seconds where ticks are closer than a minute."""
WHOLE_FROM = 10_000  # from here on money is shown in whole units

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
MINOR_UNITS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3}

Number = int | float | Decimal | str


def number(value: Number | None, digits: int = 0) -> str:
    """`-1234.5` as `−1,234` or, with digits=1, `−1,234.5`; unknown is an en dash."""
    exact = decimal(value)
    if exact is None:
        return UNKNOWN
    shown = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return _signed(f"{abs(shown):,}", shown < 0)


def days(value: Number | None) -> str:
    """`1 day`, `21 days`, `6.5 days`: to a tenth, and no tenth where there is none."""
    exact = decimal(value)
    if exact is None:
        return UNKNOWN
    tenth = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    whole = tenth == tenth.to_integral_value()
    return f"{number(tenth, 0 if whole else 1)} day{'' if tenth == 1 else 's'}"


def decimal(value: Number | None) -> Decimal | None:
    """The exact value; None where nothing, or no number, is known."""
    try:
        exact = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return exact if exact.is_finite() else None


def _signed(text: str, negative: bool) -> str:
    return f"{MINUS}{text}" if negative else text


def amount(value: Number | None, currency: str = "EUR") -> str:
    """Money without its sign, for tables whose caption names the currency."""
    exact = decimal(value)
    if exact is None:
        return UNKNOWN
    digits = 0 if abs(exact) >= WHOLE_FROM else MINOR_UNITS.get(currency, 2)
    return number(exact, digits)


def money(value: Number | None, currency: str = "EUR") -> str:
    """`€119.00`; whole units from 10,000; a currency without a sign by its code."""
    return _with_sign(amount(value, currency), currency)


def money_short(value: Number | None, currency: str = "EUR") -> str:
    """`€2.60 M`, for labels only; below 10,000 in whole units, below 1,000 as money."""
    exact = decimal(value)
    if exact is None or abs(exact) < 1_000:
        return money(value, currency)
    if abs(exact) < WHOLE_FROM:
        return _with_sign(number(exact), currency)
    for unit, word in ((Decimal(1_000_000), "M"), (Decimal(1_000), "k")):
        if abs(exact) >= unit:
            digits = 2 if word == "M" else 0
            return _with_sign(f"{number(exact / unit, digits)} {word}", currency)
    return money(value, currency)


def _with_sign(text: str, currency: str) -> str:
    if text == UNKNOWN:
        return text
    sign = SYMBOLS.get(currency, f"{currency} ")
    bare = text.removeprefix(MINUS)
    return _signed(f"{sign}{bare}", bare != text)


def percent(ratio: Number | None, digits: int = 0) -> str:
    """A ratio as per cent: 0.334 is `33%`."""
    exact = decimal(ratio)
    return UNKNOWN if exact is None else f"{number(exact * 100, digits)}%"


def seconds(value: timedelta | Number | None) -> float | None:
    """A span in seconds, whatever it came as."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    exact = decimal(value)
    return None if exact is None else float(exact)


def duration(value: timedelta | Number | None) -> str:
    """A span by its two largest units: `45 s`, `4 min`, `1 h 20 min`, `2 d 1 h`."""
    span = seconds(value)
    if span is None:
        return UNKNOWN
    return _signed(_units(abs(span)), span < 0)


def _units(span: float) -> str:
    if span < 1:
        return f"{span * 1000:.0f} ms" if span > 0 else "0 s"
    if span < 60:
        return f"{int(span)} s"
    minutes = int(span // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def countdown(value: timedelta | Number | None) -> str:
    """A span as a clock: `1:47:36`; from a day on `2 d 1 h`; past is `0:00:00`."""
    span = seconds(value)
    if span is None:
        return UNKNOWN
    left = max(0, int(span))
    if left >= 86_400:
        return f"{left // 86_400} d {left // 3600 % 24} h"
    return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"


def t_offset(value: timedelta | Number | None) -> str:
    """A step's time relative to the opening: `T−45m`, `T0`, `T+20s`, `T+2h05`."""
    span = seconds(value)
    if span is None:
        return UNKNOWN
    size, sign = abs(int(span)), MINUS if span < 0 else "+"
    if not size:
        return "T0"
    if size > 7200 and size % 3600 and not size % 60:
        return f"T{sign}{size // 3600}h{size // 60 % 60:02}"
    for unit, word in ((86_400, "d"), (3600, "h"), (60, "m")):
        if size % unit == 0:
            return f"T{sign}{size // unit}{word}"
    return f"T{sign}{size}s" if size < 60 else f"T{sign}{size // 60}m{size % 60:02}s"


def local(at: datetime, zone: str = "") -> datetime:
    """The instant on the shop's clock, or on that of another zone."""
    return timezone.localtime(at, ZoneInfo(zone) if zone else None)


def day(at: datetime | None, *, now: datetime, zone: str = "") -> str:
    """`Fri 27 Nov`, with the year once it is not this one."""
    if at is None:
        return UNKNOWN
    here = local(at, zone)
    same_year = here.year == local(now, zone).year
    return str(spell(here, "D j M" if same_year else "D j M Y"))


def moment(at: datetime | None, *, now: datetime, zone: str = "") -> str:
    """`Fri 27 Nov, 20:00` on the shop's clock."""
    return (
        UNKNOWN if at is None else f"{day(at, now=now, zone=zone)}, {clock(at, zone)}"
    )


def clock(at: datetime | None, zone: str = "", *, with_seconds: bool = False) -> str:
    """`20:00`, or `20:00:31`."""
    if at is None:
        return UNKNOWN
    return str(spell(local(at, zone), "H:i:s" if with_seconds else "H:i"))


def window(opens_at: datetime, closes_at: datetime, zone: str = "") -> str:
    """`Fri 27 Nov 2026, 20:00–22:00 CET`; what differs at the end is said twice.

    The zone's name comes from Python, since Django leaves it out in a repeated hour.
    """
    start, end = local(opens_at, zone), local(closes_at, zone)
    first, last = start.tzname(), end.tzname()
    opens = spell(start, "D j M Y, H:i") + (f" {first}" if first != last else "")
    form = "H:i" if start.date() == end.date() else "D j M Y, H:i"
    return f"{opens}–{spell(end, form)} {last}"
