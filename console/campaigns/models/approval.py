"""How many people approve what, in versions, and plans that one person let go."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from console.campaigns.models.campaign import Campaign
from console.campaigns.rules import Table


def _rises(name: str) -> Q:
    two, three = f"{name}_2", f"{name}_3"
    return Q(**{two: None}) | Q(**{three: None}) | Q(**{f"{three}__gte": F(two)})


class RiskTable(models.Model):
    """One version of the table of risks; only ever followed by another.

    Until one is saved our defaults hold, as version 1.
    """

    version = models.PositiveIntegerField(unique=True)
    since = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300)
    depth_2 = models.DecimalField(null=True, max_digits=5, decimal_places=2)
    depth_3 = models.DecimalField(null=True, max_digits=5, decimal_places=2)
    gmv_2 = models.DecimalField(null=True, max_digits=16, decimal_places=3)
    gmv_3 = models.DecimalField(null=True, max_digits=16, decimal_places=3)
    skus_2 = models.PositiveIntegerField(null=True)
    skus_3 = models.PositiveIntegerField(null=True)
    confirmed = models.PositiveSmallIntegerField(default=2)
    currency = models.CharField(max_length=3, blank=True, db_default="")
    rates = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=2), name="risk_table_follows_our_defaults"
            ),
            models.CheckConstraint(
                condition=Q(confirmed__gte=1, confirmed__lte=3),
                name="risk_table_asks_for_one_to_three",
            ),
            models.CheckConstraint(
                condition=_rises("depth") & _rises("gmv") & _rises("skus"),
                name="risk_table_asks_for_two_before_three",
            ),
            models.CheckConstraint(
                condition=Q(rates="") | ~Q(currency=""),
                name="risk_table_rates_are_of_a_currency",
            ),
        ]

    def __str__(self) -> str:
        """`Approvers, version 3`."""
        return f"Approvers, version {self.version}"

    @property
    def value(self) -> Table:
        """The values the rules read."""
        names = Table.__dataclass_fields__
        return Table(**{name: getattr(self, name) for name in names})


class BreakGlass(models.Model):
    """A plan that one person approved and armed alone, and what another made of it.

    passed: keys of the checks that were passed over.
    """

    class Decision(models.TextChoices):
        """What the review found."""

        RIGHT = "right", "It was right to do it"
        WRONG = "wrong", "It should not have been done"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="glasses"
    )
    round = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField()
    passed = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "round"], name="glass_broken_once_a_round"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="glass_says_why"),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("by")), name="glass_reviewed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, decision="", note="")
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                & Q(decision__in=["right", "wrong"])
                & ~Q(note=""),
                name="glass_reviewed_whole",
            ),
        ]

    def __str__(self) -> str:
        """The campaign it was broken for."""
        return str(self.campaign)
