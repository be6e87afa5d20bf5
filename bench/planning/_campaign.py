"""A campaign for the figures of planning, and the SKUs it may sell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.campaigns.models import Campaign


def draft(code: str, *, skus: int) -> Campaign:
    """A draft without lines; SKUs named B000000 and on exist from then on."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from console.campaigns import operations as campaigns
    from console.campaigns.operations import Terms
    from console.fatigue.models import Audience
    from console.stock.models import Sku

    Sku.objects.bulk_create(
        (Sku(code=f"B{n:06}", name=f"Product {n}", regular_price=100)
         for n in range(skus)),
        batch_size=5000, ignore_conflicts=True,
    )  # fmt: skip
    author, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    audience = Audience.objects.first() or Audience.objects.create(name="All")
    said = {"name": code, "audience_id": audience.pk, "owner_id": author.pk}
    terms = Terms(**said, zone="UTC", opens_local=None, closes_local=None)
    return campaigns.create(terms, actor=author, now=timezone.now(), code=code)


def fill(campaign: Campaign, lines: int) -> None:
    """Give a campaign that many lines, of SKUs that exist with a price of long ago."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from console.campaigns.models import Line
    from console.prices.models import PricePoint
    from console.stock.models import Sku

    skus = list(Sku.objects.order_by("code").values_list("pk", "code")[:lines])
    since = timezone.now() - timedelta(days=200)
    Line.objects.bulk_create(
        (Line(campaign=campaign, sku_id=pk, regular_price=100, sale_price=70, units=10,
              position=place) for place, (pk, _) in enumerate(skus, 1)),
        batch_size=5000,
    )  # fmt: skip
    PricePoint.objects.bulk_create(
        (
            PricePoint(
                sku=code, currency="EUR", amount=100, from_at=since, reason="regular"
            )
            for _, code in skus
        ),
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze")
