"""What a person is limited to: categories and markets; without a row, nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from console.people.rules import Limit


class Scope(models.Model):
    """The categories and markets a person may act on; an empty list is all of them."""

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
