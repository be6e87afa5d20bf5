"""When, how and how many people are told of a sale."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.campaigns.models.campaign import Campaign
from console.campaigns.rules.announcing import FARTHEST_MIN, Anchor, Medium, Told

_MEDIA = [(one.value, one.label) for one in Medium]
_ANCHORS = [(one.value, one.value) for one in Anchor]


class Announcement(models.Model):
    """One message to an audience about a sale; a part of the approved content."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="announcements"
    )
    medium = models.CharField(max_length=5, choices=_MEDIA)
    anchor = models.CharField(max_length=5, choices=_ANCHORS)
    minutes = models.IntegerField(help_text="After its anchor; below 0 before it.")
    share = models.DecimalField(
        max_digits=4, decimal_places=3, default=1, help_text="Share of the audience."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "medium", "anchor", "minutes"],
                name="announcement_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(medium__in=[one.value for one in Medium]),
                name="announcement_medium_is_known",
            ),
            models.CheckConstraint(
                condition=Q(anchor="start") | Q(anchor="end", minutes__lte=0),
                name="announcement_comes_before_the_end",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=-FARTHEST_MIN, minutes__lte=FARTHEST_MIN),
                name="announcement_is_near_its_sale",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1),
                name="announcement_share_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        """`E-mail T-24h`."""
        return f"{Medium(self.medium).label} {self.told.when}"

    @property
    def told(self) -> Told:
        """The values the rules read."""
        return Told(Medium(self.medium), Anchor(self.anchor), self.minutes, self.share)

    @property
    def percent(self) -> str:
        """The share in per cent, as short as it can be."""
        return f"{(self.share * 100).normalize():f}"
