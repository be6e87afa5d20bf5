"""A campaign as one signed, diffable file: out, in, and what would change.

The signature is an HMAC under the installation's own secret: a bundle comes back to who
wrote it, so nobody has a key to hand round, and a rotated secret stays good through
Django's fallbacks. It says that not one byte changed, not who exported it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from console.campaigns import rules, terms
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import bundles as operations
from console.campaigns.operations.beside import Beside
from console.campaigns.operations.bundles import Brought
from console.campaigns.operations.changes import hash_of
from console.campaigns.queries import head
from console.campaigns.rules import BadAnnouncement, Told
from console.campaigns.rules.bundles import (
    CODE,
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
from console.campaigns.rules.sources import Source

T = TypeVar("T")
_SEPARATOR = ":"
_TAB = "\t"


def _signer() -> Signer:
    return Signer(salt="campaigns.bundle", sep=_SEPARATOR)


def of(campaign: Campaign) -> Bundle:
    """What a campaign says, and what was decided about it."""
    rows = campaign.lines.order_by("sku__code").values_list(
        "sku__code", "regular_price", "sale_price", "units", "buffer",
        "price_confirmed", "source_id", "source_price",
    )  # fmt: skip
    filters = {one.pk: one.said.title for one in campaign.sources.all()}
    lines = [
        Row(
            sku, rules.plain(regular), rules.plain(sale), units, buffer, sure,
            *((filters[by], rules.plain(price)) if by and price else ()),
        )
        for sku, regular, sale, units, buffer, sure, by, price in rows
    ]  # fmt: skip
    said = terms.told(campaign) | _spelled(campaign)
    return Bundle(campaign.code, said, lines, _record(campaign))


def _spelled(campaign: Campaign) -> dict[str, Any]:
    """What stands beside the terms, a text each."""
    waits = campaign.waits_for.order_by("on__code").values_list("on__code", flat=True)
    people = (Contact(**one) for one in campaign.contacts)
    return {
        "contacts": [_TAB.join((one.name, one.role, one.reach)) for one in people],
        "war_room": campaign.war_room,
        "announcements": sorted(r.told.spelled() for r in campaign.announcements.all()),
        "waits_for": list(waits),
        "sources": sorted(one.said.spelled() for one in campaign.sources.all()),
    }


def _beside(said: Mapping[str, Any]) -> Beside:
    """The other way round; what an older bundle does not tell of is left alone.

    Raises:
        BundleUnreadable: one of them is none.
    """
    try:
        return Beside(
            contacts=_each(said, "contacts", lambda one: Contact(*one.split(_TAB))),
            war_room=_text(said, "war_room"),
            told=_set(_each(said, "announcements", Told.read)),
            waits_for=_set(_each(said, "waits_for", _code)),
            sources=_set(_once(_each(said, "sources", Source.read))),
        )
    except (ArithmeticError, AttributeError, BadAnnouncement, TypeError, ValueError):
        raise BundleUnreadable(
            "A contact, an announcement or a filter of the bundle cannot be read. "
            "Export it again.",
            field="file",
        ) from None


def _each(
    said: Mapping[str, Any], name: str, read_one: Callable[[str], T]
) -> list[T] | None:
    if name not in said:
        return None
    if not isinstance(said[name], list):
        raise TypeError(name)
    return [read_one(one) for one in said[name]]


def _code(text: str) -> str:
    if not CODE.match(text):
        raise ValueError(text)
    return text


def _once(found: list[Source] | None) -> list[Source] | None:
    """A plan has a filter of one kind and value once."""
    if found and len({(one.kind, one.value) for one in found}) < len(found):
        raise ValueError("a filter stands twice")
    return found


def _text(said: Mapping[str, Any], name: str) -> str | None:
    return str(said[name] or "") if name in said else None


def _set(found: list[T] | None) -> frozenset[T] | None:
    return None if found is None else frozenset(found)


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
        UnknownCampaign: a sale it waits for is not there.
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
    campaign = held_as(code or found.code)
    return changes(of(campaign) if campaign else None, found)


def held_as(code: str) -> Campaign | None:
    """The campaign a bundle of this code would change."""
    held = Campaign.objects.select_related("audience", "occasion", "owner", "on_call")
    return held.filter(code=code).first()


def seen(found: Bundle, held: Campaign) -> str:
    """Stands for both as they are now: whoever sends it has seen what changes."""
    both = f"{write(of(held))}{_TAB}{write(found)}"
    return hashlib.sha256(both.encode()).hexdigest()
