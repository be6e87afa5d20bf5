"""Who was told what on which day: masks of days, and the files they came in by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.fatigue.models.policy import Audience
from console.fatigue.rules import Channel

_CHANNELS = [(one.value, one.value) for one in Channel]


class ContactBook(models.Model):
    """The contact history of one audience as a whole; without a row it is unknown."""

    audience = models.OneToOneField(
        Audience, on_delete=models.PROTECT, primary_key=True, related_name="contacts"
    )
    generation = models.PositiveBigIntegerField(
        default=0, help_text="Counts every change of a contact of this audience."
    )
    customers = models.PositiveBigIntegerField(default=0)
    last = models.PositiveIntegerField(
        default=0, help_text="The latest day of a contact, in days since 1970."
    )
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        """Whose, and which state of it."""
        return f"{self.audience_id}, generation {self.generation}"


class Contact(models.Model):
    """The days on which one customer was told something, the last 64 of them.

    One row a customer: 30 million contacts of 10 million people are 10 million rows.
    Bit n of a mask is the day n days before `last`; a bigint, so bit 63 is its sign.
    """

    pk = models.CompositePrimaryKey("audience_id", "customer")
    audience = models.ForeignKey(
        Audience,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    customer = models.CharField(max_length=64)
    last = models.PositiveIntegerField(help_text="Days since 1970; 0 if never told.")
    email = models.BigIntegerField(default=0)
    push = models.BigIntegerField(default=0, help_text="Push and SMS.")

    def __str__(self) -> str:
        """Whose contacts they are."""
        return self.customer


class ContactFile(models.Model):
    """One uploaded history: its rows are staged, then merged by a worker."""

    class State(models.TextChoices):
        """Where it is."""

        MERGING = "merging"
        DONE = "done"

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=7, choices=State, default=State.MERGING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    total = models.PositiveBigIntegerField(default=0, help_text="Good rows.")
    merged = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0, help_text="Rows left out.")
    errors = models.JSONField(default=list, help_text="[row, sentence], the first 100.")
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(merged__lte=F("total")),
                name="contacts_merge_no_more_than_there_is",
            ),
        ]

    def __str__(self) -> str:
        """The file's name."""
        return self.name


class ContactRow(models.Model):
    """One row of a history until it is merged."""

    pk = models.CompositePrimaryKey("file_id", "number")
    file = models.ForeignKey(
        ContactFile,
        on_delete=models.CASCADE,
        related_name="rows",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveIntegerField(help_text="Good rows, counted from 0.")
    audience_id = models.BigIntegerField()
    customer = models.CharField(max_length=64)
    channel = models.CharField(max_length=5, blank=True, help_text="Empty: never told.")
    day = models.PositiveIntegerField(help_text="Days since 1970.")

    def __str__(self) -> str:
        """Whose contact it is."""
        return self.customer


class Sending(models.Model):
    """A message that a closed sale sent to an audience; only ever added.

    One to everybody counts for each customer. One to a part says nothing about who got
    it: that comes with the next file of contacts.
    """

    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="sendings"
    )
    campaign = models.CharField(max_length=20)
    channel = models.CharField(max_length=5, choices=_CHANNELS)
    day = models.PositiveIntegerField(help_text="Days since 1970.")
    share = models.DecimalField(max_digits=4, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "day", "channel", "campaign"],
                name="sending_noted_once",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1), name="sending_share_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        """Which sale sent by which channel."""
        return f"{self.campaign} {self.channel}"
