"""A campaign as one signed, diffable file: out, in, and what would change.

The signature is an HMAC under the installation's own secret: a bundle comes back to who
wrote it, so nobody has a key to hand round, and a rotated secret stays good through
Django's fallbacks. It says that not one byte changed, not who exported it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from console.campaigns import rules, terms
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import bundles as operations
from console.campaigns.operations.bundles import Beside, Brought
from console.campaigns.operations.changes import hash_of
from console.campaigns.queries import head
from console.campaigns.rules import Told
from console.campaigns.rules.bundles import (
    Bundle,
    BundleChanged,
    BundleUnreadable,
    Change,
    Row,
    changes,
    read,
    split,
    write,
)
from console.campaigns.rules.reaching import Contact

_SEPARATOR = ":"
_TAB = "\t"


def _signer() -> Signer:
    return Signer(salt="campaigns.bundle", sep=_SEPARATOR)


def of(campaign: Campaign) -> Bundle:
    """What a campaign says, and what was decided about it."""
    rows = campaign.lines.order_by("sku__code").values_list(
        "sku__code", "regular_price", "sale_price", "units", "buffer", "price_confirmed"
    )
    lines = [
        Row(sku, rules.plain(regular), rules.plain(sale), units, buffer, sure)
        for sku, regular, sale, units, buffer, sure in rows
    ]
    said = terms.told(campaign) | _spelled(campaign)
    return Bundle(campaign.code, said, lines, _record(campaign))


def _spelled(campaign: Campaign) -> dict[str, Any]:
    """Contacts and announcements, a text each."""
    people = (Contact(**one) for one in campaign.contacts)
    return {
        "contacts": [_TAB.join((one.name, one.role, one.reach)) for one in people],
        "war_room": campaign.war_room,
        "announcements": sorted(r.told.spelled() for r in campaign.announcements.all()),
    }


def _beside(said: Mapping[str, Any]) -> Beside:
    """The other way round.

    Raises:
        BundleUnreadable: one of them is none.
    """
    try:
        people = [Contact(*one.split(_TAB)) for one in said.get("contacts", [])]
        told = frozenset(map(Told.read, said.get("announcements", [])))
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        raise BundleUnreadable(
            "A contact or an announcement of the bundle cannot be read. Export it "
            "again.",
            field="file",
        ) from None
    return Beside(people, str(said.get("war_room", "")), told)


def _record(campaign: Campaign) -> dict[str, Any]:
    decided = campaign.approvals.select_related("by").order_by("at", "pk")
    approvals = [_approval(one) for one in decided]
    judged = [one["policies"] for one in approvals if one["policies"]]
    return {
        "content_hash": hash_of(campaign),
        "state": campaign.state,
        "override_reason": campaign.override_reason,
        "policies": judged[-1] if judged else {},
        "approvals": approvals,
    }


def _approval(one: Approval) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "by": one.by.get_username(),
        "at": one.at.isoformat(),
        "content_hash": one.content_hash,
        "reason": one.reason,
        "policies": dict(sorted(one.verdict.get("policies", {}).items())),
        "warnings": one.verdict.get("warnings", []),
    }


def exported(code: str) -> str:
    """The bundle of a campaign, signed.

    Raises:
        UnknownCampaign: there is none.
    """
    bundle = of(head(code).campaign)
    return write(bundle, _signer().signature(write(bundle)))


@dataclass(frozen=True)
class Opened:
    """A bundle that was read. signed: by this installation, and unchanged since."""

    bundle: Bundle
    signed: bool

    @property
    def warning(self) -> str:
        """What whoever brings it in should know."""
        if self.signed:
            return ""
        return "Nobody vouches for this file. Read the draft before you submit it."


def opened(data: bytes, *, unsigned: bool = False) -> Opened:
    """Read a bundle.

    unsigned: take it although its signature does not hold.

    Raises:
        BundleUnreadable: it is no bundle.
        BundleChanged: its signature does not hold, and nobody said to pass over it.
    """
    bundle, text = read(data)
    signed = _is_ours(text)
    if not signed and not unsigned:
        raise BundleChanged(
            "The signature does not hold: the file was changed after it was exported, "
            "or another installation wrote it. Export it again, or import it as an "
            "unsigned draft.",
            field="file",
        )
    return Opened(bundle, signed)


def _is_ours(text: str) -> bool:
    body, signature = split(text)
    try:
        _signer().unsign(f"{body}{_SEPARATOR}{signature}")
    except BadSignature:
        return False
    return True


def bring_in(found: Opened, *, actor: User, now: datetime, code: str = "") -> Brought:
    """Make the bundle a draft, new or changed.

    code: another one than the file's.

    Raises:
        BadTerm: a term that cannot be here, such as an audience that is not there.
        WrongState, BadLine, SalePriceAboveList: see operations.bundles.bring_in.
    """
    form = terms.filled(found.bundle.terms)
    return operations.bring_in(
        code or found.bundle.code,
        terms=form.terms,
        rows=found.bundle.lines,
        beside=_beside(found.bundle.terms),
        signed=found.signed,
        actor=actor,
        now=now,
    )


def difference(found: Bundle, *, code: str = "") -> list[Change]:
    """What bringing a bundle in would change; all of it where there is no campaign."""
    held = Campaign.objects.select_related("audience", "occasion", "owner", "on_call")
    campaign = held.filter(code=code or found.code).first()
    return changes(of(campaign) if campaign else None, found)
