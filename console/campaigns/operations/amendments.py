"""Amending a sale that is armed or live: proposed, decided by another, applied."""

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
from console.campaigns.models import Amendment, Approval, Campaign, Footprint
from console.campaigns.operations import amended, delta
from console.campaigns.operations.changes import hash_of, locked
from console.campaigns.operations.ends import closing, move_end
from console.campaigns.operations.owners import own
from console.campaigns.queries import amendments as queries
from console.campaigns.queries import footprints, readiness
from console.campaigns.queries.readiness import Candidate, Check
from console.campaigns.rules import (
    AmendmentAtWork,
    AmendmentState,
    BadLine,
    ContentChanged,
    Event,
    LineChange,
    LineSaid,
    NotAllowedYet,
)
from console.fatigue import operations as fatigue
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User

VOID = "The sale changed after this was proposed"


@dataclass(frozen=True)
class Wish:
    """What a SKU should say; None leaves a value as it is, or as its SKU has it."""

    sku: str
    sale_price: Decimal | None = None
    units: int | None = None
    buffer: int | None = None
    remove: bool = False
    price_confirmed: bool = False


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
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.AMEND)
    rules.check_hash(change.base or campaign.content_hash, campaign.content_hash)
    lines, end = _lines(campaign, change.lines), _end(campaign, change, now)
    rules.check_amends(lines, there=campaign.lines.count(), end=end)
    with _as_if(campaign, lines, end) as (before, after):
        broken = _broken(before, after, lines, now)
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


def _lines(campaign: Campaign, wishes: Sequence[Wish]) -> list[LineChange]:
    """What the wishes change of the lines there are."""
    named = {wish.sku.strip(): wish for wish in wishes}
    there = _said(campaign, named)
    skus = {sku.code: sku for sku in Sku.objects.filter(code__in=named)}
    if unknown := sorted(set(named) - set(skus)):
        raise BadLine(f"There is no SKU {unknown[0]}. Check the code.", field="sku")
    after = {
        code: _wished(wish, there.get(code), skus[code]) for code, wish in named.items()
    }
    return rules.compared(there, after)


def _said(campaign: Campaign, codes: Mapping[str, Any]) -> dict[str, LineSaid]:
    lines = campaign.lines.filter(sku__code__in=codes).select_related("sku")
    return {line.sku.code: amended.said(line) for line in lines}


def _wished(wish: Wish, now: LineSaid | None, sku: Sku) -> LineSaid | None:
    """The line as it shall be; checked as one of a draft is.

    Raises:
        BadLine, SalePriceAboveList: it names the SKU.
    """
    if wish.remove:
        return None
    base = now or LineSaid(sku.regular_price, Decimal(0), 0, 0)
    same = wish.sale_price is None or wish.sale_price == base.sale_price
    said = LineSaid(
        base.regular_price,
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
        told = f"{sku.code}: {refused.message}"
        raise kind(told, field=refused.field, detail={"sku": sku.code}) from None
    return said


def _end(campaign: Campaign, change: Change, now: datetime) -> dict[str, Any] | None:
    """The end it shall have, with that it has; None where it stays."""
    if change.closes_local is None or change.closes_local == campaign.closes_local:
        return None
    assert campaign.opens_at and campaign.closes_at
    after = closing(campaign, change.closes_local, change.fold)
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
        yield before, _judgeable(campaign, end)
    finally:
        transaction.savepoint_rollback(held)


def _judgeable(campaign: Campaign, end: Mapping[str, Any] | None) -> Candidate:
    closes_at = campaign.closes_at
    if end:
        campaign.closes_at = datetime.fromisoformat(end["after"])
    found = readiness.candidate(campaign)
    campaign.closes_at = closes_at
    return found


def _broken(
    before: Candidate, after: Candidate, lines: Sequence[LineChange], now: datetime
) -> list[Check]:
    codes = [one.sku for one in lines]
    skus = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    return queries.newly_broken(before, after, lines, skus, now=now)


@operation()
def approve_amendment(
    amendment_id: int, *, content_hash: str, actor: User, now: datetime
) -> Amendment:
    """Approve exactly the change that was read, and plan the steps it takes.

    Locks the campaign, then what it tires, its stock, its steps: whatever the sale does
    meanwhile comes before or after.

    Raises:
        WrongState: the sale has ended. AmendmentDecided: it is not proposed any more.
        AuthorCannotApprove: the actor proposed it.
        ContentChanged: it, or the sale below it, is not what was read.
        AmendmentAtWork: prices are being changed at this moment.
        NotAllowedYet: it breaks a rule that the sale kept so far.
        NotEnoughStock: a SKU is short, or less than is sold would be left.
        PriceOwned: another campaign sets the price of one of its SKUs then.
    """
    made = _locked(amendment_id, actor)
    campaign = made.campaign
    rules.after(campaign.state, Event.AMEND)
    rules.check_four_eyes({made.proposed_by_id}, actor.pk)
    rules.check_hash(content_hash, made.content_hash)
    _check_base(made, now)
    lines, before = made.changes, readiness.candidate(campaign)
    amended.write_lines(campaign, lines)
    after = _judgeable(campaign, made.end)
    fatigue.lock({*before.touch.scopes, *after.touch.scopes})
    _check(_broken(before, after, lines, now))
    amended.alter_stock(campaign, lines, actor=actor, now=now)
    if made.end:
        move_end(
            campaign,
            datetime.fromisoformat(made.end["after"]),
            datetime.fromisoformat(made.end["local"]),
            actor=actor,
            now=now,
        )
    own(campaign)
    at_work = delta.write(made, lines, actor=actor, now=now)
    _keep(made, actor=actor, now=now, at_work=at_work)
    return made


def _locked(amendment_id: int, actor: User) -> Amendment:
    """The amendment, its campaign locked first.

    Raises:
        AmendmentDecided: somebody decided about it.
        OutOfScope: the actor is limited to other categories or markets.
    """
    found = Amendment.objects.select_related("campaign").get(pk=amendment_id)
    campaign = locked(found.campaign.code, actor)
    made = Amendment.objects.select_for_update().get(pk=amendment_id)
    made.campaign = campaign
    rules.check_proposed(made.state)
    return made


def _check_base(made: Amendment, now: datetime) -> None:
    """Refuse what was proposed for a sale that says something else by now.

    Raises:
        ContentChanged: propose it again.
        AmendmentAtWork: an earlier one is being applied.
        WindowPassed: its end is over by now.
    """
    campaign = made.campaign
    if made.base_hash != campaign.content_hash:
        raise ContentChanged(f"{VOID}. Propose it again, for the sale as it is now.")
    if campaign.amendments.filter(state=AmendmentState.APPROVED).exists():
        raise AmendmentAtWork(
            "An earlier amendment is still being applied. Wait until its steps are "
            "done, or look at the run sheet."
        )
    if made.end:
        assert campaign.opens_at
        end = datetime.fromisoformat(made.end["after"])
        rules.check_new_end(campaign.opens_at, end, now)


def _check(broken: Sequence[Check]) -> None:
    hard = [check for check in broken if check.tone == "bad"]
    if hard:
        more = f" And {len(hard) - 1} more." if len(hard) > 1 else ""
        raise NotAllowedYet(
            f"{hard[0].text.rstrip('.')}.{more}",
            detail={"blockers": [check.text for check in hard]},
        )


def _keep(made: Amendment, *, actor: User, now: datetime, at_work: bool) -> None:
    """Note the decision, and the content the sale has now."""
    campaign = made.campaign
    campaign.content_hash = hash_of(campaign)
    campaign.version += 1
    campaign.updated_at = now
    campaign.save(update_fields=["content_hash", "version", "updated_at"])
    touch = footprints.columns(footprints.touch(campaign), at=now)
    Footprint.objects.update_or_create(campaign=campaign, defaults=touch)
    made.state = AmendmentState.APPROVED if at_work else AmendmentState.APPLIED
    made.decided_by, made.decided_at = actor, now
    made.applied_at = None if at_work else now
    made.save()
    Approval.objects.create(
        campaign=campaign,
        kind=Approval.Kind.AMEND if made.end else Approval.Kind.CHANGE,
        content_hash=campaign.content_hash,
        by=actor,
        at=now,
        reason=made.reason,
        verdict={"warnings": [text for _, text in made.verdict]},
    )
    waiting = campaign.amendments.filter(state=AmendmentState.PROPOSED)
    waiting.update(state=AmendmentState.WITHDRAWN, decided_at=now, answer=VOID)
    told = made.told() | {"sale": campaign.content_hash}
    record(actor, "campaign.amend", campaign, now=now, after=told, reason=made.reason)


@operation()
def reject_amendment(
    amendment_id: int, *, reason: str, actor: User, now: datetime
) -> Amendment:
    """Turn an amendment down, saying why.

    Raises:
        ReasonMissing: nobody said why. AmendmentDecided: it is not proposed any more.
    """
    why = rules.check_reason(reason)
    return _settle(
        _locked(amendment_id, actor), AmendmentState.REJECTED, actor, now, why
    )


@operation()
def withdraw_amendment(amendment_id: int, *, actor: User, now: datetime) -> Amendment:
    """Take a proposal back.

    Raises:
        AmendmentDecided: it is not proposed any more.
    """
    return _settle(
        _locked(amendment_id, actor), AmendmentState.WITHDRAWN, actor, now, ""
    )


def _settle(
    made: Amendment, state: AmendmentState, actor: User, now: datetime, why: str
) -> Amendment:
    made.state, made.answer = state, why
    made.decided_by, made.decided_at = actor, now
    made.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    verb = "campaign.turn_down" if why else "campaign.take_back"
    record(actor, verb, made.campaign, now=now, after=made.told(), reason=why)
    return made
