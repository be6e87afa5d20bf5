"""What the form of a campaign's terms starts from."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from console.campaigns.forms.fields import per_cent
from console.campaigns.models import Campaign
from console.campaigns.operations import Terms


def values_of(campaign: Campaign) -> dict[str, Any]:
    """A campaign as the form's initial values."""
    said = {
        name.removesuffix("_id"): getattr(campaign, name)
        for name in Terms.__dataclass_fields__
    }
    exact = {n: f"{v.normalize():f}" for n, v in said.items() if isinstance(v, Decimal)}
    more = {"reach": per_cent(campaign.reach), "version": campaign.version}
    return said | exact | more


def defaults(**given: Any) -> dict[str, Any]:
    """What a new campaign starts from."""
    blank = asdict(Terms(name="", audience_id=0, owner_id=0, zone=""))
    kept = ("hold_ttl_s", "expected_orders_peak", "currency", "channels", "start_mode")
    return {name: blank[name] for name in kept} | given
