"""One campaign in a few words: for its head on every tab, and for the rooms above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.queries import approvals
from console.campaigns.rules import OVER, Event, State, UnknownCampaign


@dataclass(frozen=True)
class Brief:
    """What the rooms above know a campaign by.

    expected_orders_peak: orders in the busiest minute.
    """

    code: str
    name: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    zone: str
    currency: str
    revenue_target: Decimal | None
    expected_orders_peak: int
    opened_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None
    unreviewed_since: datetime | None


_BRIEF = tuple(Brief.__dataclass_fields__)


def brief(code: str) -> Brief:
    """One campaign.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    row = Campaign.objects.filter(code=code).values_list(*_BRIEF).first()
    if row is None:
        raise UnknownCampaign(f"There is no campaign {code}.")
    return Brief(*row)


def _briefs(states: Iterable[State]) -> list[Brief]:
    rows = Campaign.objects.filter(state__in=[state.value for state in states])
    return [Brief(*row) for row in rows.order_by("opens_at", "pk").values_list(*_BRIEF)]


def exist() -> bool:
    """True once anybody planned a campaign."""
    return Campaign.objects.exists()


def running() -> list[Brief]:
    """Campaigns from warming to ending, by opening."""
    return _briefs(rules.RUNNING)


def upcoming(*, now: datetime, limit: int = 5) -> list[Brief]:
    """The next campaigns to open that were not called off, by opening."""
    ahead = Campaign.objects.filter(opens_at__gt=now).exclude(
        state__in=[state.value for state in OVER]
    )
    rows = ahead.order_by("opens_at", "pk").values_list(*_BRIEF)[:limit]
    return [Brief(*row) for row in rows]


_URGENT = [State.LIVE, State.PAUSED, State.READY, State.WARMING, State.ENDING]


def current(*, now: datetime) -> Brief | None:
    """The campaign people mean by “the sale”: the running one, else the next.

    With nothing ahead it is the last one that ran.
    """
    under_way = sorted(running(), key=lambda one: _URGENT.index(State(one.state)))
    if under_way:
        return under_way[0]
    ahead = upcoming(now=now, limit=50)
    for one in sorted(ahead, key=lambda one: one.state != State.ARMED):
        return one
    past = Campaign.objects.filter(opened_at__isnull=False).order_by("-opened_at")
    row = past.values_list(*_BRIEF).first()
    return Brief(*row) if row else None


@dataclass(frozen=True)
class Head:
    """What stands above every tab of a campaign."""

    campaign: Campaign

    def __getattr__(self, name: str) -> object:
        """Anything of the campaign itself."""
        return getattr(self.campaign, name)

    @cached_property
    def can(self) -> frozenset[str]:
        """Names of the events that can happen now."""
        return frozenset(
            event.value for event in Event if rules.allows(self.campaign.state, event)
        )

    @cached_property
    def authors(self) -> frozenset[int]:
        """Who worked on it, so that somebody else approves it."""
        return frozenset(approvals.authors(self.campaign))

    @cached_property
    def approvers(self) -> frozenset[int]:
        """Who approved exactly this content, in this round."""
        return frozenset(one.by_id for one in approvals.given(self.campaign))

    @property
    def title(self) -> str:
        """Code and name."""
        return str(self.campaign)


def head(code: str) -> Head:
    """The head of a campaign's tabs.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    found = Campaign.objects.select_related(
        "audience", "occasion", "owner", "on_call", "author", "submitted_by"
    )
    campaign = found.filter(code=code).first()
    if campaign is None:
        raise UnknownCampaign(f"There is no campaign {code}.")
    return Head(campaign)
