"""Service profiles, what a sale is expected to bring, and who holds a floor up."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class ServiceProfile(models.Model):
    """What one service needs for a sale, and the machine group that carries it."""

    name = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=60)
    connection = models.CharField(
        max_length=40, help_text="The connection that scales the group."
    )
    group = models.CharField(max_length=100)
    share = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0.0001), MaxValueValidator(100)],
        help_text="Requests to this service for each request of a shopper.",
    )
    rps_per_instance = models.FloatField(
        validators=[MinValueValidator(0.01)],
        help_text="From a load test at the latency you promise.",
    )
    latency_ms = models.FloatField(default=80, validators=[MinValueValidator(0.1)])
    maximum = models.PositiveIntegerField(
        help_text="Most instances the group may have."
    )
    lead_time_s = models.FloatField(
        default=300,
        validators=[MinValueValidator(0)],
        help_text="From asking for an instance to its first answer, p95.",
    )
    pool = models.PositiveIntegerField(
        default=0, help_text="Database connections of one worker."
    )
    workers = models.PositiveIntegerField(
        default=0, help_text="Workers of an instance."
    )
    connection_limit = models.PositiveIntegerField(
        default=0, help_text="Connections the database accepts; 0 if not asked."
    )
    connection_reserve = models.PositiveIntegerField(default=0)
    cost_per_hour = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="Of one instance.",
    )
    currency = models.CharField(max_length=3, default="EUR")
    position = models.PositiveIntegerField(default=0)
    enabled = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rps_per_instance__gt=0), name="profile_instance_does_work"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0), name="profile_share_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(connection_reserve__lte=models.F("connection_limit")),
                name="profile_reserve_within_limit",
            ),
            models.UniqueConstraint(
                fields=["connection", "group"], name="profile_owns_its_group"
            ),
        ]

    def __str__(self) -> str:
        """Its title."""
        return self.title


class Forecast(models.Model):
    """What a campaign is expected to bring; the last word wins."""

    campaign = models.CharField(max_length=20, unique=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    peak_rps = models.FloatField()
    orders_per_s = models.FloatField(null=True)
    pages = models.PositiveIntegerField(default=0)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opens_at")),
                name="forecast_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        """The campaign's code."""
        return self.campaign


class MachineGroup(models.Model):
    """One group of machines: as it was seen last, and who holds its floor up.

    base: the floor found by the first sale that raised it; None if none does.
    busy_until: while a step changes it, so that no other does.
    trouble: why it could not be read, or what was found changed, in one sentence.
    """

    connection = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    base = models.PositiveIntegerField(null=True)
    busy_until = models.DateTimeField(null=True)
    busy_by = models.CharField(max_length=200, blank=True)
    floor = models.PositiveIntegerField(null=True)
    desired = models.PositiveIntegerField(null=True)
    serving = models.PositiveIntegerField(null=True)
    maximum = models.PositiveIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    drifted_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "name"], name="machine_group_is_one_row"
            ),
        ]

    def __str__(self) -> str:
        """Connection and name."""
        return f"{self.connection}/{self.name}"


class Raise(models.Model):
    """One step's wish for a floor; the group stands at the highest of them."""

    of = models.ForeignKey(
        MachineGroup, on_delete=models.CASCADE, related_name="raises"
    )
    step = models.CharField(max_length=200, unique=True)
    floor = models.PositiveIntegerField()
    applied = models.BooleanField(default=False, help_text="It was read back once.")

    def __str__(self) -> str:
        """The step's key."""
        return self.step


class LeadTime(models.Model):
    """How long a group once took from the asking to so many instances serving."""

    of = models.ForeignKey(
        MachineGroup, on_delete=models.CASCADE, related_name="lead_times"
    )
    step = models.CharField(max_length=200, unique=True)
    seconds = models.FloatField()
    instances = models.PositiveIntegerField(help_text="How many were added.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seconds__gte=0), name="lead_time_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """The step that waited for it."""
        return self.step
