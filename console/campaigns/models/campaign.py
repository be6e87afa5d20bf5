"""A planned sale, what it offers, what justifies it, and who decided about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from console.campaigns.models.line import Line
from console.campaigns.models.occasion import Occasion
from console.campaigns.models.wallclock import WallClock
from console.campaigns.rules import (
    RUNNING,
    SUSPENDABLE,
    CartsAtEnd,
    Folds,
    PriceKind,
    StartMode,
    State,
)
from console.fatigue.models import Audience

_STATES = [state.value for state in State]
_SUSPENDABLE = sorted(state.value for state in SUSPENDABLE)
_DATELESS = [State.DRAFT.value, State.ABORTED.value]


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by what is asked about them."""

    def running(self) -> CampaignQuerySet:
        """From warming to ending."""
        return self.filter(state__in=sorted(RUNNING))

    def with_sums(self) -> CampaignQuerySet:
        """Each with the number, units and value of its lines, and their mean depth."""
        lines = Line.objects.filter(campaign=OuterRef("pk")).order_by()
        money: DecimalField[object, object] = DecimalField(
            max_digits=24, decimal_places=6
        )
        return self.annotate(
            line_count=Coalesce(_one(lines, Count("pk")), 0),
            units=Coalesce(_one(lines, Sum("units")), 0),
            potential=_one(
                lines, Sum((F("units") - F("buffer")) * F("sale_price")), money
            ),
            depth=_one(lines, 1 - Sum("sale_price") / Sum("regular_price"), money),
        )


def _web() -> list[str]:
    return ["web"]


def _one(
    lines: models.QuerySet[Line],
    sum_: object,
    field: models.Field[object, object] | None = None,
) -> Subquery:
    rows = lines.values("campaign").annotate(one=sum_).values("one")
    return Subquery(rows, output_field=field)


class Campaign(models.Model):
    """A planned sale: what, for whom, when, and how far it is."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(
        max_length=12, choices=[(s, s.label) for s in State], default=State.DRAFT
    )
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="campaigns"
    )
    category = models.CharField(max_length=100, blank=True)
    occasion = models.ForeignKey(
        Occasion, on_delete=models.PROTECT, null=True, blank=True
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    on_call = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        help_text="Who changed the plan; none of them approves it.",
    )
    revenue_target = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True
    )
    currency = models.CharField(max_length=3, default="EUR")
    markets = ArrayField(
        models.CharField(max_length=12),
        default=list,
        help_text="Codes; all markets of its currency if there is none.",
    )
    channels = ArrayField(models.CharField(max_length=20), default=_web)
    start_mode = models.CharField(
        max_length=8,
        choices=[(m, m.label) for m in StartMode],
        default=StartMode.INSTANT,
    )
    zone = models.CharField(max_length=64)
    opens_local = WallClock(null=True, blank=True)
    closes_local = WallClock(null=True, blank=True)
    fold = models.SmallIntegerField(
        null=True, blank=True, help_text="Which of two equal wall clock times is meant."
    )
    closes_fold = models.SmallIntegerField(
        null=True, blank=True, help_text="The same of the end, where it differs."
    )
    opens_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    hold_ttl_s = models.PositiveIntegerField(default=600)
    carts_at_end = models.CharField(
        max_length=8,
        choices=[(one, one.label) for one in CartsAtEnd],
        default=CartsAtEnd.HONOUR,
    )
    buyer_limit = models.PositiveIntegerField(null=True, blank=True)
    order_limit = models.PositiveIntegerField(null=True, blank=True)
    budget_units = models.PositiveIntegerField(null=True, blank=True)
    budget_discount = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True
    )
    budget_gmv = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True
    )
    exhausted_by = models.CharField(
        max_length=8, blank=True, help_text="The budget that ended the sale."
    )
    expected_orders_peak = models.PositiveIntegerField(
        default=60, help_text="Orders in the busiest minute."
    )
    reach = models.DecimalField(
        max_digits=4, decimal_places=3, default=1, help_text="Share of the audience."
    )
    price_kind = models.CharField(
        max_length=11,
        choices=[(one, one.label) for one in PriceKind],
        default=PriceKind.PUBLIC,
        db_default=PriceKind.PUBLIC,
        help_text="Whom the price is for, as the law on reductions asks.",
    )
    up_to_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What “up to X%” names, where it is said."
    )
    version = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(max_length=64, blank=True)
    override_reason = models.TextField(
        blank=True, help_text="Why the author asks to pass over the fatigue policy."
    )
    override_until = models.DateTimeField(
        null=True, blank=True, help_text="Up to when the override may be used to arm."
    )
    round = models.PositiveIntegerField(default=0, help_text="Times it was submitted.")
    contacts = models.JSONField(
        default=list, blank=True, help_text="Name, role and reach, in calling order."
    )
    war_room = models.CharField(max_length=300, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_why = models.TextField(
        blank=True,
        help_text="What changed after it was armed; nothing opens meanwhile.",
    )
    unreviewed_since = models.DateTimeField(
        null=True, blank=True, help_text="One person let it go alone; to be reviewed."
    )
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When what it depends on was looked at last."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CampaignQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["audience", "opens_at"], name="campaign_of_audience"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_STATES), name="campaign_state_is_known"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="campaign_has_a_code"),
            models.CheckConstraint(
                condition=Q(state__in=_DATELESS)
                | Q(opens_at__isnull=False, closes_at__isnull=False),
                name="campaign_has_a_window_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="campaign_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(reach__gt=0, reach__lte=1), name="campaign_reach_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(start_mode__in=[m.value for m in StartMode]),
                name="campaign_start_mode_is_known",
            ),
            models.CheckConstraint(
                condition=Q(carts_at_end__in=[one.value for one in CartsAtEnd]),
                name="campaign_carts_at_end_is_known",
            ),
            models.CheckConstraint(
                condition=Q(price_kind__in=[one.value for one in PriceKind]),
                name="campaign_price_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(up_to_percent=None) | Q(up_to_percent__range=(1, 99)),
                name="campaign_up_to_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(channels__len__gt=0), name="campaign_has_a_channel"
            ),
            models.CheckConstraint(
                condition=(Q(budget_units=None) | Q(budget_units__gt=0))
                & (Q(budget_discount=None) | Q(budget_discount__gt=0))
                & (Q(budget_gmv=None) | Q(budget_gmv__gt=0))
                & (Q(order_limit=None) | Q(order_limit__gt=0)),
                name="campaign_limits_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(war_room="") | Q(war_room__startswith="https://"),
                name="campaign_war_room_is_https",
            ),
            models.CheckConstraint(
                condition=Q(fold=None) | Q(fold__in=[0, 1]),
                name="campaign_fold_is_first_or_second",
            ),
            models.CheckConstraint(
                condition=Q(closes_fold=None) | Q(closes_fold__in=[0, 1]),
                name="campaign_closes_fold_is_first_or_second",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_why="")
                | Q(suspended_at__isnull=False) & ~Q(suspended_why=""),
                name="campaign_suspended_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CLOSED.value) | Q(unreviewed_since=None),
                name="campaign_closed_after_its_review",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at=None) | Q(state__in=_SUSPENDABLE),
                name="campaign_suspended_only_before_it_opens",
            ),
        ]

    def __str__(self) -> str:
        """Code and name."""
        return f"{self.code} {self.name}"

    @property
    def plan(self) -> str:
        """The name of its plan of steps."""
        return f"campaign:{self.code}"

    @property
    def folds(self) -> Folds:
        """Which of two equal times its start and its end are."""
        return Folds(self.fold, self.closes_fold)
