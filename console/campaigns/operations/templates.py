"""Templates and clones: what a sale said, begun anew on another day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Line, Occasion, Template
from console.campaigns.operations.changes import (
    check_reach,
    check_scope,
    locked,
    spelled,
)
from console.campaigns.operations.drafts import (
    WHEN,
    Terms,
    carry,
    carry_sold_out,
    create,
)
from console.campaigns.queries import list_prices, reach
from console.campaigns.rules import Folds
from console.campaigns.rules.shape import BadTemplate, Shape, shape_of
from console.fatigue.models import Audience
from console.people.queries import limit_of
from console.people.rules import Limit, OutOfScope
from console.prices.rules import cut
from console.stock.models import Sku
from console.stock.operations import begin_sold_out
from console.stock.queries import sold_out_said

MOST_LINES = 20_000
REFERS: dict[str, Any] = {
    "audience": Audience,
    "occasion": Occasion,
    "owner": User,
    "on_call": User,
}


@operation()
def save_template(
    code: str, *, name: str, with_lines: bool, actor: User, now: datetime
) -> Template:
    """Keep what a sale says, without its date, under a name; one of that name goes.

    What shops do once units are gone is kept too: of the whole sale, and with the lines
    of their SKUs.

    Raises:
        BadTemplate: no name, no date to take the length from, or too many lines.
        OutOfScope: the one of that name is outside of what the actor is limited to.
    """
    campaign = locked(code, actor)
    if not name.strip():
        raise BadTemplate("Give the template a name.", field="name")
    shape = shape_of(campaign.opens_local, campaign.closes_local)
    if with_lines and campaign.lines.count() > MOST_LINES:
        raise BadTemplate(
            f"A template keeps {MOST_LINES:,} lines at most. Save it without lines, "
            "and import them.",
            field="with_lines",
        )
    for old in Template.objects.filter(name=name.strip()):
        _check_scope(old, actor)
    made, _ = Template.objects.update_or_create(
        name=name.strip(),
        defaults={
            "terms": {n: spelled(v) for n, v in _said(campaign).items()}
            | {"sold_out": sold_out_kept(campaign, with_lines=with_lines)},
            "people": {"contacts": campaign.contacts, "war_room": campaign.war_room},
            "lines": list(_lines(campaign)) if with_lines else [],
            "opens": shape.opens,
            "lasts": shape.lasts,
            "made_from": campaign.code,
            "made_by": actor,
            "made_at": now,
        },
    )
    record(
        actor, "campaign.save_template", campaign, now=now, after={"name": made.name}
    )
    return made


def sold_out_kept(campaign: Campaign, *, with_lines: bool) -> list[dict[str, Any]]:
    """What a template of this sale keeps of what shops do once units are gone."""
    skus = campaign.lines.values_list("sku", flat=True) if with_lines else ()
    return sold_out_said(campaign.code, set(skus))


def _said(campaign: Campaign) -> dict[str, Any]:
    """The terms of a campaign, without its window."""
    names = [n for n in Terms.__dataclass_fields__ if n not in WHEN]
    return {name: getattr(campaign, name) for name in names}


def _lines(campaign: Campaign) -> Iterable[dict[str, Any]]:
    for line in campaign.lines.select_related("sku").order_by("position", "pk"):
        yield {
            "sku": line.sku.code,
            "regular_price": rules.plain(line.regular_price),
            "sale_price": rules.plain(line.sale_price),
            "units": line.units,
            "buffer": line.buffer,
        }


@operation()
def use_template(
    template_id: int,
    *,
    day: date,
    opens: time | None = None,
    fold: int | None = None,
    closes_fold: int | None = None,
    name: str = "",
    actor: User,
    now: datetime,
) -> Campaign:
    """Begin a draft from a template on a day, at its wall clock time or another.

    What is gone since (an audience, a person, an occasion, a SKU) is left out; a price
    whose list price moved keeps its depth. The verdict is asked anew. Shops do for it
    what the template keeps once units are gone.

    Raises:
        BadTemplate: its audience or its owner is gone.
        OutOfScope: its products are outside of what the actor is limited to.
        TimeDoesNotExist, TimeIsAmbiguous: the wall clock on that day.
    """
    made_from = Template.objects.get(pk=template_id)
    shape = Shape(opens or made_from.opens, made_from.lasts)
    said = made_from.terms | ({"name": name.strip()} if name.strip() else {})
    draft = _begin(_alive(said), shape, day, Folds(fold, closes_fold), actor, now)
    carry(Campaign(**made_from.people), draft)
    _write(draft, made_from.lines, now)
    check_scope(draft, actor)
    begin_sold_out(
        draft.code,
        made_from.terms.get("sold_out", []),
        skus=set(draft.lines.values_list("sku", flat=True)),
        actor=actor,
        now=now,
        reason=f"from the template {made_from.name}",
    )
    after = {"template": made_from.name}
    record(actor, "campaign.use_template", draft, now=now, after=after)
    return draft


@operation()
def clone(
    code: str,
    *,
    day: date,
    opens: time | None = None,
    fold: int | None = None,
    closes_fold: int | None = None,
    actor: User,
    now: datetime,
) -> Campaign:
    """Copy a campaign, of any state, onto another day; its wall clock times stay.

    Shops do for it what they do for its source once units are gone.

    Raises:
        BadTemplate: it has no date itself.
        TimeDoesNotExist, TimeIsAmbiguous: the wall clock on that day.
    """
    source = locked(code, actor)
    shape = shape_of(source.opens_local, source.closes_local)
    moved = Shape(opens or shape.opens, shape.lasts)
    copy = _begin(_said(source), moved, day, Folds(fold, closes_fold), actor, now)
    carry(source, copy)
    _write(copy, list(_lines(source)), now)
    carry_sold_out(source, copy, actor=actor, now=now)
    record(actor, "campaign.clone", copy, now=now, after={"from": code})
    return copy


def _begin(
    said: Mapping[str, Any],
    shape: Shape,
    day: date,
    folds: Folds,
    actor: User,
    now: datetime,
) -> Campaign:
    opens, closes = shape.on(day)
    terms = Terms(
        **said,
        opens_local=opens,
        closes_local=closes,
        fold=folds.opens,
        closes_fold=folds.closes,
    )
    return create(terms, actor=actor, now=now)


def _alive(said: Mapping[str, Any]) -> dict[str, Any]:
    """Stored terms as values, without what is gone since.

    Raises:
        BadTemplate: there is no sale without an audience and an owner.
    """
    known = {n: v for n, v in said.items() if n in Terms.__dataclass_fields__}
    for field in ("reach", "revenue_target", "budget_discount", "budget_gmv"):
        known[field] = known.get(field) and Decimal(known[field])
    for field, model in REFERS.items():
        key = known.get(f"{field}_id")
        if not key or model.objects.filter(pk=key).exists():
            continue
        if field in ("audience", "owner"):
            raise BadTemplate(f"The {field} of this template is gone. Save it anew.")
        known[f"{field}_id"] = None
    return known


def _write(draft: Campaign, lines: list[dict[str, Any]], now: datetime) -> None:
    """Lines at today's list prices; where those moved, the depth is kept.

    Where none is known in this currency, the one that was said stays.
    """
    skus = Sku.objects.in_bulk([one["sku"] for one in lines], field_name="code")
    listed = {one["sku"]: Decimal(one["regular_price"]) for one in lines}
    listed |= list_prices.known(draft, skus.values(), now=now)
    Line.objects.bulk_create(
        [
            Line(
                campaign=draft,
                sku=sku,
                regular_price=listed[sku.code],
                sale_price=_price(one, listed[sku.code], draft.currency),
                units=one["units"],
                buffer=one["buffer"],
                position=position,
            )
            for position, one in enumerate(lines, start=1)
            if (sku := skus.get(one["sku"])) and listed[sku.code] > 0
        ],
        batch_size=2000,
    )


def _price(said: Mapping[str, Any], regular: Decimal, currency: str) -> Decimal:
    was, sale = Decimal(said["regular_price"]), Decimal(said["sale_price"])
    return sale if was == regular else cut(regular * sale / was, currency)


@operation()
def drop_template(template_id: int, *, actor: User, now: datetime) -> None:
    """Delete a template; sales made from it stay.

    Raises:
        OutOfScope: it is outside of what the actor is limited to.
    """
    gone = Template.objects.get(pk=template_id)
    _check_scope(gone, actor)
    record(actor, "campaign.drop_template", gone, now=now, before={"name": gone.name})
    gone.delete()


def droppable(kept: Iterable[Template], actor: User) -> set[int]:
    """The keys of those that are inside of what a person is limited to."""
    if limit_of(actor) == Limit():
        return {one.pk for one in kept}
    return {one.pk for one in kept if _within(one, actor)}


def _within(kept: Template, actor: User) -> bool:
    try:
        _check_scope(kept, actor)
    except OutOfScope:
        return False
    return True


def _check_scope(kept: Template, actor: User) -> None:
    check_reach(actor, reach.template_categories(kept), reach.template_markets(kept))
