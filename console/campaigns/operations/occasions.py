"""What may justify a sale: adding an occasion, renaming it, and taking it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction

from console.audit.operations import operation, record
from console.campaigns.models import Campaign, Occasion
from console.campaigns.operations.changes import check_scope
from console.campaigns.queries import versions
from console.campaigns.rules import Incomplete, State, check_year
from console.campaigns.rules.versions import check_seen
from console.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ONCE = "occasion_once_on_a_day"
HOLD = "SELECT 1 FROM campaigns_occasion WHERE id = %s FOR SHARE"
"""Shared, so that plans that name one occasion do not wait for each other."""


class OccasionTaken(Refusal):
    """An occasion of that name is on that day already."""

    code = "occasion_taken"


class OccasionInUse(Refusal):
    """Sales name it as what justifies them."""

    code = "occasion_in_use"


class OccasionGone(Refusal):
    """Somebody took it away since the page was opened."""

    code = "occasion_gone"


def hold(occasion_id: int | None) -> None:
    """Let nobody rename or take away what a plan is about to name, until it is saved.

    Raises:
        OccasionGone: somebody was faster.
    """
    if occasion_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [occasion_id])
        found = cursor.fetchone()
    if found is None:
        raise OccasionGone(
            "That occasion was removed. Choose another one.", field="occasion"
        )


@operation()
def add_occasion(name: str, *, on: date, actor: User, now: datetime) -> Occasion:
    """Add a launch, a holiday or an event that sales of any plan may name.

    on: its day; several of one day are kept apart by name.

    Raises:
        Incomplete: it has no name.
        YearOutOfRange: no calendar shows that day.
        OccasionTaken: that day has one of that name.
    """
    made = Occasion(name=_named(name), on=_day(on))
    _save(made)
    record(actor, "campaign.occasion", made, now=now, after=versions.occasion(made))
    return made


@operation()
def rename_occasion(
    occasion_id: int,
    name: str,
    *,
    on: date,
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Occasion:
    """Give an occasion another name or day, for the drafts that name it as well.

    version: of what was read; None saves over whatever is there.

    Raises:
        Incomplete: it would have no name.
        YearOutOfRange: no calendar shows that day.
        OccasionTaken: that day has another of that name.
        OccasionInUse: a sale that was submitted names it as it is, or one that has
            just come to name it is being changed.
        OccasionGone: somebody took it away.
        OutOfScope: a draft that names it is outside of what the actor is limited to.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
    """
    name, on = _named(name), _day(on)
    if Occasion.objects.filter(pk=occasion_id).exclude(name=name, on=on).exists():
        _check_sent(_naming(occasion_id))  # before it waits for anybody
    drafts = Campaign.objects.select_for_update(of=("self",)).order_by("pk")
    list(drafts.filter(occasion=occasion_id, state=State.DRAFT).values_list("pk"))
    held = _locked(occasion_id)
    before = versions.occasion(held)
    held.name, held.on = name, on
    after = versions.occasion(held)
    check_seen(version, before, after)
    if after == before:
        return held
    _check_drafts(held, actor)
    _save(held)
    record(actor, "campaign.rename_occasion", held, now=now, before=before, after=after)
    return held


@operation()
def drop_occasion(occasion_id: int, *, actor: User, now: datetime) -> None:
    """Take away an occasion that no sale names; templates then leave it out.

    Raises:
        OccasionInUse: sales name it, also those that are over.
        OccasionGone: somebody was faster.
    """
    gone = _locked(occasion_id)
    if codes := _codes(gone):
        raise OccasionInUse(
            f"{gone.name} justifies {_listed(codes)}. Choose another occasion there "
            "first, or keep it.",
            detail={"campaigns": codes},
        )
    before = versions.occasion(gone)
    record(actor, "campaign.drop_occasion", gone, now=now, before=before)
    gone.delete()


def _named(name: str) -> str:
    if not name.strip():
        raise Incomplete("Name the occasion, like Black Friday.", field="name")
    return name.strip()


def _day(on: date) -> date:
    check_year(on, "on")
    return on


def _save(one: Occasion) -> None:
    """Save it; of two that are saved at once, the database refuses the second."""
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
        raise OccasionTaken(
            f"There is {one} already. Choose another name or day.", field="name"
        ) from error


def _locked(occasion_id: int) -> Occasion:
    """The occasion, locked until the transaction ends.

    Raises:
        OccasionGone: it was removed, maybe while we waited for it.
    """
    found = Occasion.objects.select_for_update().filter(pk=occasion_id).first()
    if found is None:
        raise OccasionGone("That occasion was removed. Reload the list.")
    return found


def _naming(occasion_id: int) -> list[Campaign]:
    return list(Campaign.objects.filter(occasion=occasion_id).order_by("pk"))


def _check_drafts(held: Occasion, actor: User) -> None:
    """Drafts may hear of another name; what was submitted stays as it was read."""
    named = _naming(held.pk)
    _check_sent(named)
    _keep_drafts(named)
    for one in named:
        check_scope(one, actor)


def _check_sent(named: Sequence[Campaign]) -> None:
    if codes := [one.code for one in named if one.state != State.DRAFT]:
        raise OccasionInUse(
            f"A sale that was submitted names it: {_listed(codes)}. Add another "
            "occasion instead.",
            detail={"campaigns": codes},
        )


def _keep_drafts(named: Sequence[Campaign]) -> None:
    """Keep them drafts until the transaction ends, also those that came meanwhile.

    Without waiting: who holds one of them may be waiting for the occasion.
    """
    free = Campaign.objects.select_for_update(of=("self",), skip_locked=True)
    there = free.filter(pk__in=[one.pk for one in named], state=State.DRAFT)
    ours = set(there.values_list("pk", flat=True))
    if codes := [one.code for one in named if one.pk not in ours]:
        raise OccasionInUse(
            f"{_listed(codes)} came to name it and is being changed. Try again.",
            detail={"campaigns": codes},
        )


def _codes(one: Occasion) -> list[str]:
    found = Campaign.objects.filter(occasion=one).order_by("pk")
    return list(found.values_list("code", flat=True))


def _listed(codes: list[str]) -> str:
    """`FS-0001`, `FS-0001 and 2 other sales`."""
    more = len(codes) - 1
    if not more:
        return codes[0]
    return f"{codes[0]} and {more} other sale{'s' if more > 1 else ''}"
