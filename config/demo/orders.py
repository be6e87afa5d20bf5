"""What the shop sold day by day: the history uplift measures its sales against."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from config.demo import calendar, history
from config.demo.catalogue import PRODUCTS, Product
from console.uplift.operations import imports

DAYS = 112
PER_DAY = 900
WEEK = (0.9, 0.85, 0.9, 0.95, 1.1, 1.2, 1.1)
"""How busy Monday to Sunday are."""
HEADINGS = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice")
Row = tuple[str, str, int, str, str]


def told(*, now: datetime) -> None:
    """Bring sixteen weeks of orders; a worker reads them once it is up."""
    text = io.StringIO()
    rows: list[Row] = sorted(_rows(now), key=lambda row: row[3])
    csv.writer(text).writerows([HEADINGS, *rows])
    file = SimpleUploadedFile("orders.csv", text.getvalue().encode(), "text/csv")
    by = User.objects.get(username="aino")
    imports.start(file, zone=settings.SHOP_ZONE, day_first=False, actor=by, now=now)


def _rows(now: datetime) -> Iterator[Row]:
    dice = random.Random("orders")  # noqa: S311
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE))
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(DAYS, 0, -1):
        yield from _day(midnight - timedelta(days=days), dice)
    for idea in calendar.past(now):
        for one in history.baskets(idea):
            at, price = one.at.astimezone(today.tzinfo), one.product.sale
            code = f"{idea.code[3:]}{one.number:05d}"
            yield code, one.product.code, one.units, _clock(at), str(price)


def _day(midnight: datetime, dice: random.Random) -> Iterator[Row]:
    """An ordinary day: more in the evening, at regular prices."""
    count = round(PER_DAY * WEEK[midnight.weekday()] * dice.uniform(0.9, 1.1))
    weights = [math.sqrt(product.pull) for product in PRODUCTS]
    bought: list[Product] = dice.choices(PRODUCTS, weights, k=count)
    for number, product in enumerate(bought):
        hour = min(23.99, max(0.0, dice.gauss(17.5, 4.5)))
        at = midnight + timedelta(hours=hour)
        code = f"{midnight:%y%m%d}{number:04d}"
        yield code, product.code, 1, _clock(at), str(product.regular)


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
