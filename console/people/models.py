"""What a person is limited to, and the tokens by which their programs call the API."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from console.people.rules import Limit


class Scope(models.Model):
    """The categories and markets a person may act on; an empty list is all of them.

    A person without a row is limited to nothing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scope"
    )
    categories = models.JSONField(default=list)
    markets = models.JSONField(default=list, help_text="ISO country codes.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(categories=[], markets=[]), name="scope_limits_something"
            ),
        ]

    def __str__(self) -> str:
        """The person."""
        return str(self.user)

    @property
    def limit(self) -> Limit:
        """The values the rules read."""
        return Limit(frozenset(self.categories), frozenset(self.markets))


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    """Tokens by what is asked about them."""

    def good(self, now: datetime) -> PersonalTokenQuerySet:
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class PersonalToken(models.Model):
    """A key to the API in its owner's name; only its SHA-256 is kept.

    scopes: permissions of the matrix; reading needs none. start: its first letters, by
    which people tell one from another.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tokens"
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who made it: its owner, or the admin who set the service up.",
    )
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=12)
    hash = models.BinaryField(unique=True)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(revoked_at=None),
                name="token_name_once_per_owner",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + timedelta(days=366)),
                name="token_lasts_a_year_at_most",
            ),
        ]

    def __str__(self) -> str:
        """Its name, never its key."""
        return self.name
