"""Proposing to amend a sale: what was wished as changes, and what they would break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import amended
from console.campaigns.operations.changes import check_scope, locked
from console.campaigns.operations.ends import closing
from console.campaigns.queries import amendments as queries
from console.campaigns.queries import list_prices, readiness
from console.campaigns.queries.readiness import Candidate, Check
from console.campaigns.rules import BadLine, Event, LineChange, LineSaid
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Wish:
    """What a SKU should say; None leaves a value as it is, or as its SKU has it.

    regular_price: only of a SKU that the sale does not have yet.
    """

    sku: str
    sale_price: Decimal | None = None
    units: int | None = None
    buffer: int | None = None
    remove: bool = False
    price_confirmed: bool = False
    regular_price: Decimal | None = None


@dataclass(frozen=True)
class Change:
    """What an amendment wants: some lines, and maybe another end.

    closes_local: naive, on the wall clock of the campaign's zone. fold: 0 or 1 where
    the clock shows it twice. countdown: the end that shoppers saw may be wrong.
    base: the content hash of the sale that was looked at, where one was.
    """

    lines: Sequence[Wish] = field(default_factory=tuple)
    closes_local: datetime | None = None
    fold: int | None = None
    countdown: bool = False
    base: str = ""


@operation()
def propose(
    code: str, change: Change, *, reason: str = "", actor: User, now: datetime
) -> Amendment:
    """Write down what should change of an armed or live sale, for somebody to approve.

    Raises:
        WrongState: it is a draft, or over.
        ContentChanged: it is not the sale that was looked at.
        NothingToAmend: nothing changes, or no product would be left.
        BadLine, SalePriceAboveList: a line that cannot be.
        WindowPassed, EndUnchanged, TimeDoesNotExist, TimeIsAmbiguous: the end.
        CountdownPromised: shoppers see a countdown to the end there is.
        OutOfScope: it concerns something the actor is limited from, now or then.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.AMEND)
    rules.check_hash(change.base or campaign.content_hash, campaign.content_hash)
    lines, end = _lines(campaign, change.lines, now), _end(campaign, change, now)
    rules.check_amends(lines, there=campaign.lines.count(), end=end)
    with _as_if(campaign, lines, end) as (before, after):
        check_scope(campaign, actor)
        broken = newly_broken(before, after, lines, now)
    last = campaign.amendments.aggregate(last=Max("number"))["last"] or 0
    made = Amendment.objects.create(
        campaign=campaign,
        number=last + 1,
        lines=[one.spelled() for one in lines],
        end=end,
        base_hash=campaign.content_hash,
        base_version=campaign.version,
        content_hash=rules.amendment_hash(campaign.content_hash, lines, end),
        reason=reason.strip(),
        verdict=[[check.tone, check.text] for check in broken],
        proposed_by=actor,
        proposed_at=now,
    )
    told = made.told()
    record(actor, "campaign.propose", campaign, now=now, after=told, reason=reason)
    return made


def _lines(
    campaign: Campaign, wishes: Sequence[Wish], now: datetime
) -> list[LineChange]:
    """What the wishes change of the lines there are."""
    named = {wish.sku.strip(): wish for wish in wishes}
    there = _said(campaign, named)
    skus = {sku.code: sku for sku in Sku.objects.filter(code__in=named)}
    if unknown := sorted(set(named) - set(skus)):
        told = f"There is no SKU {unknown[0]}. Check the code."
        raise BadLine(told, field="sku", detail={"sku": unknown[0]})
    new = [sku for code, sku in skus.items() if code not in there]
    listed = list_prices.known(campaign, new, now=now)
    for code, wish in named.items():
        _check_list_price(wish, there.get(code))
    after = {
        code: _wished(wish, there.get(code) or _new(campaign, wish, listed.get(code)))
        for code, wish in named.items()
    }
    return rules.compared(there, after)


def _check_list_price(wish: Wish, there: LineSaid | None) -> None:
    """Refuse another list price of a line there is: orders were reckoned from it.

    Raises:
        BadLine: leave it blank.
    """
    if there is None or wish.remove or wish.regular_price is None:
        return
    if wish.regular_price == there.regular_price:
        return
    code = wish.sku.strip()
    told = f"{code}: its list price stays while the sale runs. Leave it blank."
    raise BadLine(told, field="regular_price", detail={"sku": code})


def _new(campaign: Campaign, wish: Wish, listed: Decimal | None) -> LineSaid:
    """What a SKU that is added would say without the wish, but for its list price.

    Raises:
        BadLine: nobody said that in this currency.
    """
    if (regular := wish.regular_price or listed) is None and not wish.remove:
        code = wish.sku.strip()
        told = list_prices.unsaid(code, campaign.currency)
        raise BadLine(told, field="regular_price", detail={"sku": code})
    return LineSaid(regular or Decimal(0), Decimal(0), 0, 0)


def _said(campaign: Campaign, codes: Mapping[str, Any]) -> dict[str, LineSaid]:
    lines = campaign.lines.filter(sku__code__in=codes).select_related("sku")
    return {line.sku.code: amended.said(line) for line in lines}


def _wished(wish: Wish, base: LineSaid) -> LineSaid | None:
    """The line as it shall be; checked as one of a draft is.

    Raises:
        BadLine, SalePriceAboveList: it names the SKU.
    """
    if wish.remove:
        return None
    same = wish.sale_price is None or wish.sale_price == base.sale_price
    said = LineSaid(
        base.regular_price if wish.regular_price is None else wish.regular_price,
        base.sale_price if wish.sale_price is None else wish.sale_price,
        base.units if wish.units is None else wish.units,
        base.buffer if wish.buffer is None else wish.buffer,
        wish.price_confirmed or (same and base.price_confirmed),
    )
    try:
        rules.check_offer(
            said.regular_price, said.sale_price, units=said.units, buffer=said.buffer
        )
    except (BadLine, rules.SalePriceAboveList) as refused:
        kind = type(refused)
        told = f"{wish.sku.strip()}: {refused.message}"
        detail = {"sku": wish.sku.strip()}
        raise kind(told, field=refused.field, detail=detail) from None
    return said


def _end(campaign: Campaign, change: Change, now: datetime) -> dict[str, Any] | None:
    """The end it shall have, with that it has; None where it stays."""
    if change.closes_local is None:
        return None
    if change.closes_local == campaign.closes_local and change.fold is None:
        return None
    assert campaign.opens_at and campaign.closes_at
    after = closing(campaign, change.closes_local, change.fold)
    if after == campaign.closes_at:
        return None
    rules.check_new_end(campaign.opens_at, after, now)
    rules.check_end_moves(campaign.closes_at, after)
    rules.check_countdown(
        campaign.closes_at,
        after,
        opened=campaign.opened_at is not None,
        accepted=change.countdown,
    )
    return {
        "before": campaign.closes_at.isoformat(),
        "after": after.isoformat(),
        "local": change.closes_local.isoformat(),
        "fold": change.fold,
        "countdown": change.countdown,
    }


@contextmanager
def _as_if(
    campaign: Campaign, lines: Sequence[LineChange], end: Mapping[str, Any] | None
) -> Iterator[tuple[Candidate, Candidate]]:
    """The sale as it is and as it would be; afterwards all is as it was."""
    before = readiness.candidate(campaign)
    held = transaction.savepoint()
    try:
        amended.write_lines(campaign, lines)
        yield before, judgeable(campaign, end)
    finally:
        transaction.savepoint_rollback(held)


def judgeable(campaign: Campaign, end: Mapping[str, Any] | None) -> Candidate:
    """The sale as its lines are now, with the end it shall have."""
    closes_at = campaign.closes_at
    if end:
        campaign.closes_at = datetime.fromisoformat(end["after"])
    found = readiness.candidate(campaign)
    campaign.closes_at = closes_at
    return found


def newly_broken(
    before: Candidate, after: Candidate, lines: Sequence[LineChange], now: datetime
) -> list[Check]:
    """What the changed sale would break and the sale as it is does not."""
    codes = [one.sku for one in lines]
    skus = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    return queries.newly_broken(before, after, lines, skus, now=now)
