"""Where sales happen: markets of countries, channels, and the shops that serve them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from console.campaigns.rules.places import PER_CHANNEL
from console.prices.rules.packs import packs

WEB = "web"


class Channel(models.Model):
    """A way to sell whose prices stand on their own: an app, a marketplace.

    The web is there without a row; its number is 0.
    """

    slug = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug=WEB), name="channel_web_has_no_row"
            ),
            models.CheckConstraint(
                condition=Q(pk__lt=2**31 // PER_CHANNEL), name="channel_number_fits"
            ),
        ]

    def __str__(self) -> str:
        """Name."""
        return self.name


class Market(models.Model):
    """Countries that are sold to with one currency, one law and one clock.

    pack: the rules of law on reductions, see prices.rules.packs. options: those of the
    rules it leaves to member states that are adopted here.
    """

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    pack = models.CharField(max_length=12, default="eu")
    options = ArrayField(
        models.CharField(max_length=20), default=list, db_default=[], blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk__lt=PER_CHANNEL), name="market_number_fits"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9-]*$"), name="market_has_a_code"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"),
                name="market_currency_is_a_code",
            ),
        ]

    @property
    def adopted(self) -> str:
        """The options adopted here, in words."""
        return ", ".join(one.replace("_", " ") for one in self.options)

    @property
    def law(self) -> str:
        """What people call its rules of law."""
        return {one.id: one.title for one in packs()}.get(self.pack, self.pack)

    def __str__(self) -> str:
        """Name."""
        return self.name


class MarketCountry(models.Model):
    """A country of a market. It belongs to one only, so markets never overlap."""

    country = models.CharField(max_length=2, primary_key=True, help_text="ISO 3166-1")
    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="countries"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"),
                name="market_country_is_a_code",
            ),
        ]

    def __str__(self) -> str:
        """Its code."""
        return self.country


class Outlet(models.Model):
    """A connected shop, and where it sells; one without this sells everywhere.

    connection: the name of the connection. Its prices hold in all of its markets.
    """

    connection = models.CharField(max_length=60, unique=True)
    channel = models.SlugField(max_length=20, default=WEB)
    markets = models.ManyToManyField(Market, related_name="outlets")

    def __str__(self) -> str:
        """The shop's name."""
        return self.connection
