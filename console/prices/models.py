"""The price history, and prices at the end of a sale that a person decides about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.prices.rules import Point, Reason
from console.prices.rules.money import spell
from console.prices.rules.reverting import Choice, Shown, Why

WEB = "web"


class PricePointQuerySet(models.QuerySet["PricePoint"]):
    """Points by product, and in the order they hold."""

    def of(self, sku: str, *, channel: str, currency: str) -> PricePointQuerySet:
        """The history of one SKU in one channel and currency, oldest first."""
        found = self.filter(sku=sku, channel=channel, currency=currency)
        return found.order_by("from_at", "pk")

    def until(self, at: datetime) -> PricePointQuerySet:
        """In force at or before an instant."""
        return self.filter(from_at__lte=at)

    def regular(
        self, at: datetime, *, channel: str, currency: str
    ) -> PricePointQuerySet:
        """No sale prices: those of an instant or before, the one that holds first."""
        found = self.until(at).filter(channel=channel, currency=currency)
        return found.exclude(reason=Reason.SALE).order_by("-from_at", "-pk")


class PricePoint(models.Model):
    """What a SKU costs from an instant on, until the next row of its history.

    Of two rows at one instant the later written one holds. The database refuses UPDATE,
    DELETE and TRUNCATE (migration 0002).
    """

    sku = models.CharField(max_length=64)
    channel = models.CharField(
        max_length=40,
        default=WEB,
        help_text="With `:personal` or `:conditional` where not everybody may have it.",
    )
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(
        max_digits=14, decimal_places=3, help_text="As shown: with tax."
    )
    net = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, help_text="Without tax, if known."
    )
    from_at = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=[(r, r.label) for r in Reason])
    campaign = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = PricePointQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["sku", "channel", "currency", "-from_at", "-id"],
                name="price_in_force",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_is_positive"),
            models.CheckConstraint(
                condition=Q(net=None) | Q(net__gt=0, net__lte=models.F("amount")),
                name="price_net_is_below_gross",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"),
                name="price_currency_is_a_code",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in Reason]),
                name="price_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        """`SKN3-M-BLK €219.00`."""
        return f"{self.sku} {spell(self.amount, self.currency)}"

    def point(self) -> Point:
        """The values the rules read."""
        sale = self.reason == Reason.SALE
        return Point(self.from_at, self.amount, sale, self.net)


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Conflicts by what is left to do."""

    def open(self) -> ConflictQuerySet:
        """Those nobody has decided about."""
        return self.filter(choice="")

    def of(self, campaign: str) -> ConflictQuerySet:
        """Those of one sale."""
        return self.filter(campaign=campaign)


class Conflict(models.Model):
    """A price at the end of a sale that a person decides about.

    before_*: what the shop asked before our sale; ours: what we set; found_*: what it
    asked when the sale was to be put back. Nothing is written until somebody decides.
    """

    step_key = models.CharField(max_length=200)
    plan = models.CharField(max_length=100)
    connection = models.CharField(max_length=60)
    campaign = models.CharField(max_length=20)
    sku = models.CharField(max_length=64)
    channel = models.CharField(max_length=20, default=WEB)
    currency = models.CharField(max_length=3)
    why = models.CharField(max_length=12, choices=[(w, w.label) for w in Why])
    before_regular = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    before_sale = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    before_campaign = models.CharField(max_length=40, blank=True)
    ours = models.DecimalField(max_digits=14, decimal_places=3)
    found_regular = models.DecimalField(max_digits=14, decimal_places=3)
    found_sale = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    found_campaign = models.CharField(max_length=40, blank=True)
    found_at = models.DateTimeField()
    choice = models.CharField(max_length=7, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(
        null=True, help_text="When the shop had what was decided."
    )

    objects = ConflictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step_key", "sku"],
                condition=Q(choice=""),
                name="conflict_is_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=["", *(c.value for c in Choice)]),
                name="conflict_choice_is_known",
            ),
            models.CheckConstraint(
                condition=Q(choice="", decided_at=None)
                | (~Q(choice="") & Q(decided_at__isnull=False)),
                name="conflict_decision_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | ~Q(choice=""),
                name="conflict_is_settled_once_decided",
            ),
        ]

    def __str__(self) -> str:
        """Sale and SKU."""
        return f"{self.campaign} {self.sku}"

    @property
    def before(self) -> Shown:
        """What the shop asked before our sale; the regular price where unknown."""
        regular = self.before_regular or self.found_regular
        return Shown(regular, self.before_sale, self.before_campaign)

    @property
    def found(self) -> Shown:
        """What it asked when the sale was to be put back."""
        return Shown(self.found_regular, self.found_sale, self.found_campaign)

    @property
    def kept_amount(self) -> Decimal:
        """What shoppers pay if theirs is kept."""
        return self.found.paid

    @property
    def restored_amount(self) -> Decimal:
        """What shoppers pay if the price of before is put back.

        Without a sale price of before, that is the regular price of now.
        """
        return self.found_regular if self.before_sale is None else self.before_sale
