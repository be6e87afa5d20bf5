"""Who approved a plan, who is still needed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Max, Prefetch, Q, Sum

from console.campaigns.models import Approval, BreakGlass, Campaign, RiskTable
from console.campaigns.rules import Facts, State, Table, approvers_needed
from console.people import queries as people

SHOWN = frozenset({State.IN_REVIEW, State.APPROVED, State.ARMED})
VERSIONS = 20


def table() -> Table:
    """The table of risks in force: the newest version, else our defaults."""
    row = RiskTable.objects.order_by("-version").first()
    return row.value if row else Table()


def versions() -> list[RiskTable]:
    """The latest versions, the newest first."""
    found = RiskTable.objects.select_related("author")
    return list(found.order_by("-version")[:VERSIONS])


def facts(campaign: Campaign) -> Facts:
    """What a plan risks as it is saved now."""
    found = campaign.lines.aggregate(
        skus=Count("pk"),
        left=Max(1 - F("sale_price") / F("regular_price")),
        gmv=Sum((F("units") - F("buffer")) * F("sale_price")),
        confirmed=Count("pk", filter=Q(price_confirmed=True)),
    )
    return Facts(
        depth=found["left"] or Decimal(0),
        gmv=found["gmv"] or Decimal(0),
        skus=found["skus"],
        confirmed=found["confirmed"] > 0,
        override=bool(campaign.override_reason),
        currency=campaign.currency,
    )


@dataclass(frozen=True)
class Progress:
    """How far the approval of a plan is. given: in order, each with its person.

    reasons: why more than one is needed. table: the version that was asked.
    """

    needed: int
    reasons: Sequence[str]
    given: Sequence[Approval]
    table: int

    @property
    def missing(self) -> int:
        """Approvers still needed."""
        return max(0, self.needed - len(self.given))

    @property
    def text(self) -> str:
        """`1 of 2 approved`."""
        return f"{len(self.given)} of {self.needed} approved"

    def has(self, person: int) -> bool:
        """True if this person approved."""
        return any(one.by_id == person for one in self.given)

    def told(self) -> dict[str, Any]:
        """What an approval keeps of it, JSON-safe."""
        said = {"needed": self.needed, "reasons": list(self.reasons)}
        return said | {"table": self.table}


def progress(campaign: Campaign) -> Progress:
    """How far the approval of exactly this content is, in this round."""
    held = table()
    needed, reasons = approvers_needed(facts(campaign), held)
    return Progress(needed, reasons, given(campaign), held.version)


def given(campaign: Campaign) -> list[Approval]:
    """The approvals of exactly this content in this round, in order."""
    found = campaign.approvals.filter(
        kind=Approval.Kind.APPROVE,
        content_hash=campaign.content_hash,
        round=campaign.round,
    )
    return list(found.select_related("by").order_by("at", "pk"))


def authors(campaign: Campaign) -> set[int]:
    """Who wrote, changed or submitted a plan: none of them approves it.

    For a program, also who issued its tokens: they hold its keys.
    """
    named = Q(pk__in=[campaign.author_id, campaign.submitted_by_id])
    editors = Q(pk__in=campaign.editors.order_by().values("pk"))
    return people.behind(User.objects.filter(named | editors))


def people_behind(campaign: Campaign) -> set[int]:
    """Who approved the sale in this round, or an amendment of it since."""
    ours = Q(kind=Approval.Kind.APPROVE, round=campaign.round)
    granted = campaign.amendments.filter(state__in=["approved", "applied"])
    people = set(campaign.approvals.filter(ours).values_list("by", flat=True))
    return people | set(granted.values_list("decided_by_id", flat=True))


def shown(campaign: Campaign) -> Progress | None:
    """The same where it says something: from review until the sale warms.

    What is approved keeps the table that its last approval was counted by.
    """
    if campaign.state not in SHOWN:
        return None
    if campaign.state == State.IN_REVIEW:
        return progress(campaign)
    so_far = given(campaign)
    kept = so_far[-1].verdict.get("risk") if so_far else None
    if kept is None:
        return None
    return Progress(kept["needed"], kept["reasons"], so_far, kept["table"])


@dataclass(frozen=True)
class Standing:
    """What people should know of a plan before it runs, and as long as it does.

    broken_by: who approved it alone, while nobody has reviewed that.
    """

    code: str
    suspended_why: str
    broken_by: str
    broken_why: str


def standing() -> list[Standing]:
    """Plans that are suspended, or that one person let go alone; two queries."""
    found = Campaign.objects.filter(
        Q(suspended_at__isnull=False) | Q(unreviewed_since__isnull=False)
    )
    waiting = BreakGlass.objects.filter(reviewed_at=None).select_related("by")
    glasses = Prefetch("glasses", queryset=waiting.order_by("at"), to_attr="waiting")
    return [_standing(one) for one in found.order_by("pk").prefetch_related(glasses)]


def _standing(campaign: Any) -> Standing:
    glass = next(iter(campaign.waiting), None)
    name = (glass.by.get_full_name() or glass.by.get_username()) if glass else ""
    why = glass.reason if glass else ""
    return Standing(campaign.code, campaign.suspended_why, name, why)


def glasses(campaign: Campaign) -> list[BreakGlass]:
    """Every time the glass was broken for a campaign, the latest first."""
    found = campaign.glasses.select_related("by", "reviewed_by")
    return list(found.order_by("-at", "-pk"))
