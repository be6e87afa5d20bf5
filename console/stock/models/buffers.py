"""What is held back, of what, until when: policies, release rules and waves."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from console.stock.models.goods import Sku
from console.stock.models.locks import Allocation
from console.stock.rules import choices
from console.stock.rules.buffers import BufferScope
from console.stock.rules.waves import ReleaseWhen


class BufferPolicy(models.Model):
    """Units never to be promised, of a SKU, a category, a location, a channel or all.

    target: the SKU's code, the category, the location's or the store connection's
    name; nothing of the master. low_at: the last units of a SKU, which are protected.
    Of a policy that was removed the row stays, with when.
    """

    level = models.CharField(max_length=8, choices=choices(BufferScope))
    target = models.CharField(max_length=200, blank=True)
    units = models.IntegerField(null=True, blank=True)
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    low_at = models.IntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["level", "target"],
                condition=Q(removed_at=None),
                name="buffer_policy_one_per_target",
            ),
            models.CheckConstraint(
                condition=Q(level__in=[one.value for one in BufferScope]),
                name="buffer_policy_level_is_known",
            ),
            models.CheckConstraint(
                condition=Q(units=None, percent__isnull=False)
                | Q(units__isnull=False, percent=None),
                name="buffer_policy_says_units_or_percent",
            ),
            models.CheckConstraint(
                condition=Q(units=None) | Q(units__gte=0),
                name="buffer_policy_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gte=0, percent__lte=100),
                name="buffer_policy_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(low_at__gte=0), name="buffer_policy_guards_units"
            ),
            models.CheckConstraint(
                condition=Q(level="master", target="")
                | (~Q(level="master") & ~Q(target="")),
                name="buffer_policy_names_its_target",
            ),
        ]

    def __str__(self) -> str:
        """What it holds back of."""
        label = BufferScope(self.level).label
        return f"{label} {self.target}".strip()


class BufferDue(models.Model):
    """A SKU whose policies are to be applied again; written by the database itself."""

    sku = models.ForeignKey(
        Sku, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )


class BufferRule(models.Model):
    """When a sale's buffer is let go, once.

    value: seconds of lag, or percent of the sale's time; units: of each SKU, None is
    all that no wave waits for. done_units: what it let go.
    """

    campaign = models.CharField(max_length=20)
    allocation = models.ForeignKey(
        Allocation, on_delete=models.CASCADE, null=True, blank=True
    )
    when = models.CharField(max_length=12, choices=choices(ReleaseWhen))
    value = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    units = models.IntegerField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_units = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["campaign"],
                condition=Q(done_at=None),
                name="buffer_rule_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(when__in=[one.value for one in ReleaseWhen]),
                name="buffer_rule_when_is_known",
            ),
            models.CheckConstraint(
                condition=Q(when="manual", value=None)
                | Q(when="lag_below", value__gt=0)
                | Q(when="last_percent", value__gt=0, value__lte=100),
                name="buffer_rule_says_when",
            ),
            models.CheckConstraint(
                condition=Q(units=None) | Q(units__gte=1), name="buffer_rule_has_units"
            ),
            models.CheckConstraint(
                condition=Q(done_units=0) | Q(done_at__isnull=False, done_units__gte=0),
                name="buffer_rule_let_go_when_done",
            ),
        ]


class Wave(models.Model):
    """Units of a sale that wait in its buffer until it starts, once.

    after_s: seconds after the sale opened; after_sold: percent sold of what was let go
    before. A wave starts only after those before it.
    """

    campaign = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=2)
    after_s = models.PositiveIntegerField(null=True, blank=True)
    after_sold = models.PositiveIntegerField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_units = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["campaign", "position"],
                condition=Q(opened_at=None),
                name="wave_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "position"], name="wave_one_per_position"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100), name="wave_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(after_s=None, after_sold__isnull=False)
                | Q(after_s__isnull=False, after_sold=None),
                name="wave_has_one_trigger",
            ),
            models.CheckConstraint(
                condition=Q(after_sold=None)
                | Q(after_sold__gte=1, after_sold__lte=100),
                name="wave_waits_for_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(opened_units=0)
                | Q(opened_at__isnull=False, opened_units__gte=0),
                name="wave_let_go_when_opened",
            ),
        ]


class WavePart(models.Model):
    """Units of one allocation that wait for a wave.

    locked_at: of the lock they wait in; once that was given back they wait no more.
    """

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="parts")
    allocation = models.ForeignKey(
        Allocation, on_delete=models.CASCADE, related_name="+"
    )
    units = models.IntegerField()
    locked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "allocation"], name="wave_part_one_per_allocation"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1), name="wave_part_has_units"
            ),
        ]
