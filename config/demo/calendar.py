"""A quarter of sales around today: those that ran, the one about to open, those to come."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from config.demo.sales import Idea
from console.fatigue.rules import Quiet

EVERYONE, MEMBERS, APP = "Everyone", "Members", "App users"
OUT, FOOT, CAMP, ACC, ALL = (
    "Outerwear",
    "Footwear",
    "Camp and sleep",
    "Accessories",
    "All categories",
)
OPENS_IN = timedelta(minutes=2)


def _on(now: datetime, days: int, hour: int) -> datetime:
    """An hour on the wall clock of the shop, some days from today."""
    zone = ZoneInfo(settings.SHOP_ZONE)
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), zone)


def past(now: datetime) -> list[Idea]:
    """The sales that ran, in the order they ran."""
    rows = [
        ("FS-0033", "Rain Week Opener", EVERYONE, OUT, -46, 18, 4, 420, "RVN STM"),
        ("FS-0034", "Autumn Boots", EVERYONE, FOOT, -38, 9, 6, 260, "HGN"),
        ("FS-0035", "Club Night", MEMBERS, ALL, -33, 19, 3, 210, "BRE FJW"),
        ("FS-0036", "Buff Friday", APP, ACC, -25, 16, 2, 330, "BUF"),
        ("FS-0037", "Lofot Happy Hour", EVERYONE, OUT, -19, 18, 1, 310, "LFT"),
        ("FS-0038", "Trail Shoe Clear-out", EVERYONE, FOOT, -11, 18, 4, 240, "STI"),
        ("FS-0039", "Members’ Mat Night", MEMBERS, CAMP, -9, 20, 2, 120, "MAT"),
        ("FS-0040", "Headlamp Hour", APP, ACC, -7, 19, 1, 280, "LMP-U-400"),
    ]
    return [_idea(now, row) for row in rows]


def _idea(
    now: datetime, row: tuple[str, str, str, str, int, int, int, int, str]
) -> Idea:
    code, name, audience, category, days, hour, lasts, orders, only = row
    return Idea(
        code=code,
        name=name,
        audience=audience,
        category=category,
        opens_at=_on(now, days, hour),
        lasts=timedelta(hours=lasts),
        orders=orders,
        only=tuple(only.split()),
    )


def opening(now: datetime) -> Idea:
    """The sale a newcomer watches: it opens about two minutes after the first start."""
    whole = (now + OPENS_IN).replace(microsecond=0)
    return Idea(
        code="FS-0041",
        name="Alpine Shell Doorbuster",
        audience=EVERYONE,
        category=OUT,
        opens_at=whole,
        lasts=timedelta(minutes=5),
        orders=1300,
        only=("SKN3", "TND", "RVN", "STM", "BRE", "FJW"),
        hold_ttl_s=45,
        peak_per_min=600,
        occasion="Launch: Skarn 3L",
    )


def to_come(now: datetime) -> list[tuple[str, Idea]]:
    """What is planned: how far each has come, and the sale."""
    rows = [
        ("armed", ("FS-0042", "First Frost Sleeping Bags", MEMBERS, CAMP, 4, 12, 8, 300, "FRO")),
        ("armed", ("FS-0043", "Cyber Monday Boots", EVERYONE, FOOT, 8, 9, 12, 420, "HGN")),
        ("review", ("FS-0044", "Members’ Early Door", MEMBERS, OUT, 12, 18, 2, 300, "LFT")),
        ("draft", ("FS-0045", "Advent Lamps", APP, ACC, 5, 16, 2, 380, "LMP")),
        ("draft", ("FS-0046", "Boxing Day Doors", EVERYONE, OUT, 33, 20, 2, 700, "SKN3 TND")),
        ("undated", ("FS-0048", "Glove Drop", APP, ACC, 20, 16, 1, 240, "BUF")),
        ("undated", ("FS-0049", "Down Jacket Night", EVERYONE, OUT, 20, 18, 2, 320, "FJW")),
        ("draft", ("FS-0047", "Year-end Members Night", MEMBERS, ALL, 36, 19, 3, 320, "BRE FJW")),
    ]  # fmt: skip
    return [(stage, _idea(now, row)) for stage, row in rows]


def occasions(now: datetime) -> list[tuple[str, date]]:
    """Name and day of what justifies a sale in the season around now."""
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    friday = _black_friday(today.year)
    return [
        ("Launch: Skarn 3L", today),
        ("Singles’ Day", date(today.year, 11, 11)),
        ("Black Friday", friday),
        ("Cyber Monday", friday + timedelta(days=3)),
        ("Boxing Day", date(today.year, 12, 26)),
    ]


def quiet(now: datetime) -> tuple[Quiet, ...]:
    """Days on which nothing is sold cheap; none on which a sale of this quarter runs."""
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    mourning = _sunday_before_advent(today.year)
    eve = date(today.year, 12, 24)
    kept = (
        Quiet("Totensonntag", mourning, mourning),
        Quiet("Christmas", eve, eve + timedelta(days=1)),
    )
    ideas = [*past(now), opening(now), *(idea for _, idea in to_come(now))]
    return tuple(one for one in kept if not any(_runs(x, one) for x in ideas))


def _runs(idea: Idea, days: Quiet) -> bool:
    zone = ZoneInfo(settings.SHOP_ZONE)
    opens = idea.opens_at.astimezone(zone).date()
    closes = (idea.opens_at + idea.lasts).astimezone(zone).date()
    return opens <= days.last and days.first <= closes


def _black_friday(year: int) -> date:
    first = date(year, 11, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday + timedelta(days=1)


def _sunday_before_advent(year: int) -> date:
    christmas = date(year, 12, 25)
    fourth_advent = christmas - timedelta(days=christmas.weekday() + 1)
    return fourth_advent - timedelta(days=28)
