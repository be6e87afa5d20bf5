"""How many people approve what, in versions, and plans that one person let go."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

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
        ]

    def __str__(self) -> str:
        """`Approvers, version 3`."""
        return f"Approvers, version {self.version}"

    @property
    def value(self) -> Table:
        """The values the rules read."""
        names = Table.__dataclass_fields__
        return Table(**{name: getattr(self, name) for name in names})
