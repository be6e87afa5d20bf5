"""Writing a plan: a new campaign, its terms, its lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max

from console.audit.operations import record
from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.operations.changes import (
    difference,
    locked,
    spelled,
    void,
)
from console.campaigns.rules import BadLine, Incomplete
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CODE_LOCK = 5801


@dataclass(frozen=True)
class Terms:
    """What a campaign says besides its lines.

    opens_local, closes_local: naive, on the wall clock of the zone; both or neither.
    fold: 0 or 1 where the wall clock shows a time twice. reach: share of the audience.
    """

    name: str
    audience_id: int
    owner_id: int
    zone: str
    opens_local: datetime | None = None
    closes_local: datetime | None = None
    fold: int | None = None
    category: str = ""
    occasion_id: int | None = None
    on_call_id: int | None = None
    revenue_target: Decimal | None = None
    currency: str = "EUR"
    hold_ttl_s: int = 600
    buyer_limit: int | None = None
    expected_orders_peak: int = 60
    reach: Decimal = Decimal(1)


@dataclass(frozen=True)
class LineTerms:
    """What a line says; None leaves a value as it is."""

    sale_price: Decimal | None = None
    units: int | None = None
    buffer: int | None = None
    regular_price: Decimal | None = None
    price_confirmed: bool | None = None


@transaction.atomic
def create(terms: Terms, *, actor: User, now: datetime, code: str = "") -> Campaign:
    """Begin a plan as a draft; its code counts up unless one is given.

    Raises:
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
        Incomplete: a start without an end, or an end without a start.
    """
    values = _values(terms)
    campaign = Campaign.objects.create(
        code=code or _next_code(),
        author=actor,
        created_at=now,
        updated_at=now,
        **values,
    )
    campaign.editors.add(actor)
    record(actor, "campaign.create", campaign, now=now, after={"name": campaign.name})
    return campaign


def _next_code() -> str:
    """One more than the highest; the lock lets two drafts not get the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CODE_LOCK])
        cursor.execute(
            "SELECT coalesce(max(substr(code, 4)::int), 0) + 1 FROM campaigns_campaign"
            " WHERE code ~ '^FS-[0-9]{1,9}$'"
        )
        return f"FS-{cursor.fetchone()[0]:04d}"


def _values(terms: Terms) -> dict[str, Any]:
    """The columns of some terms, with the window resolved."""
    values = asdict(terms) | {"opens_at": None, "closes_at": None}
    if not terms.name.strip():
        raise Incomplete("Give the sale a name.", field="name")
    rules.zone_of(terms.zone)
    if terms.opens_local is None and terms.closes_local is None:
        return values
    opens, closes = _both(terms)
    window = rules.resolve(opens, closes, terms.zone, fold=terms.fold)
    return values | asdict(window)


def _both(terms: Terms) -> tuple[datetime, datetime]:
    if terms.opens_local is None:
        raise Incomplete("Choose when the sale starts.", field="opens_local")
    if terms.closes_local is None:
        raise Incomplete("Choose when the sale ends.", field="closes_local")
    return terms.opens_local, terms.closes_local


@transaction.atomic
def edit(
    code: str, *, terms: Terms, version: int, actor: User, now: datetime
) -> Campaign:
    """Change the terms of a plan; whatever was decided about the old ones is void.

    version: the one the editor saw. Nothing happens where nothing changed.

    Raises:
        WrongState: its plan is at work already.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
    """
    campaign = locked(code)
    values = _values(terms)
    before, after = difference(
        {name: spelled(getattr(campaign, name)) for name in values},
        {name: spelled(value) for name, value in values.items()},
    )
    if not after:
        return campaign
    rules.check_version(version, campaign.version, before)
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.version += 1
    campaign.save(update_fields=[*values, "version"])
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.edit", campaign, now=now, before=before, after=after)
    return campaign


def touch(campaign: Campaign, *, actor: User, now: datetime) -> None:
    """Note that somebody changed a locked plan: void decisions, remember who.

    Raises:
        WrongState: its plan is at work already.
    """
    void(campaign, actor=actor, now=now)
    campaign.editors.add(actor)


@transaction.atomic
def add_line(
    code: str,
    *,
    sku_code: str,
    values: LineTerms,
    actor: User,
    now: datetime,
) -> Line:
    """Add a product to a plan, below those it has.

    Raises:
        BadLine: no such SKU, one the plan has already, or a value that cannot be.
        SalePriceAboveList: the sale price is not below the list price.
    """
    campaign = locked(code)
    sku = Sku.objects.filter(code=sku_code.strip()).first()
    if sku is None:
        raise BadLine(
            f"There is no SKU {sku_code}. Check the code, or import a sheet.",
            field="sku",
        )
    if campaign.lines.filter(sku=sku).exists():
        raise BadLine(f"{sku.code} is in this plan already.", field="sku")
    last = campaign.lines.aggregate(last=Max("position"))["last"] or 0
    line = Line(
        campaign=campaign,
        sku=sku,
        regular_price=values.regular_price or sku.regular_price,
        sale_price=values.sale_price or Decimal(0),
        units=values.units or 0,
        buffer=values.buffer or 0,
        position=last + 1,
    )
    _check(line)
    line.save(force_insert=True)
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.add_line", campaign, now=now, after=_told(line))
    return line


@transaction.atomic
def edit_line(
    line_id: int, *, values: LineTerms, version: int, actor: User, now: datetime
) -> Line:
    """Change what a line says; the values of one cell or of several.

    Raises:
        StaleEdit: somebody changed the line since it was read.
        BadLine, SalePriceAboveList: a value that cannot be; nothing was changed.
    """
    code = Line.objects.values_list("campaign__code", flat=True).get(pk=line_id)
    campaign = locked(code)
    line = Line.objects.select_related("sku").get(pk=line_id)
    before = _told(line)
    given = {name: v for name, v in asdict(values).items() if v is not None}
    wanted = {name: spelled(value) for name, value in given.items()}
    if all(before[name] == wanted[name] for name in wanted):
        return line
    rules.check_version(
        version, line.version, {n: v for n, v in before.items() if n in wanted}
    )
    if "sale_price" in given:
        given.setdefault("price_confirmed", False)
    for name, value in given.items():
        setattr(line, name, value)
    _check(line)
    line.version += 1
    line.save(update_fields=[*given, "version"])
    touch(campaign, actor=actor, now=now)
    old, new = difference(before, _told(line))
    new["sku"] = line.sku.code
    record(actor, "campaign.edit_line", campaign, now=now, before=old, after=new)
    return line


@transaction.atomic
def remove_lines(code: str, *, line_ids: list[int], actor: User, now: datetime) -> int:
    """Take products out of a plan; how many there were."""
    campaign = locked(code)
    lines = campaign.lines.filter(pk__in=line_ids)
    codes = sorted(lines.values_list("sku__code", flat=True))
    if not codes:
        return 0
    lines.delete()
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.remove_lines", campaign, now=now, before={"skus": codes})
    return len(codes)


def _check(line: Line) -> None:
    rules.check_offer(
        line.regular_price, line.sale_price, units=line.units, buffer=line.buffer
    )


def _told(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku.code,
        "regular_price": rules.plain(line.regular_price),
        "sale_price": rules.plain(line.sale_price),
        "units": line.units,
        "buffer": line.buffer,
        "price_confirmed": line.price_confirmed,
    }


@transaction.atomic
def duplicate(code: str, *, actor: User, now: datetime) -> Campaign:
    """Copy a plan, without its date, as a new draft of the actor."""
    source = Campaign.objects.get(code=code)
    said = {name: getattr(source, name) for name in Terms.__dataclass_fields__}
    dateless = {"opens_local": None, "closes_local": None, "fold": None}
    copy = create(Terms(**said | dateless), actor=actor, now=now)
    lines = list(source.lines.all())
    for line in lines:
        line.pk, line.campaign, line.version = None, copy, 1
    Line.objects.bulk_create(lines, batch_size=2000)
    return copy
