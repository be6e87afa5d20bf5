"""Campaigns of one category and market in every state, and acts on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import (
    Change,
    Terms,
    Wish,
    imports,
)
from console.campaigns.operations.drafts import Terms as _Terms
from console.campaigns.rules import Anchor, Medium, Told
from console.campaigns.rules.sources import SourceKind
from console.campaigns.sheets import Options
from console.people.models import Scope
from console.prices.rules import Method
from console.prices.rules.charms import Pricing
from console.stock.models import Sku
from tests import make
from tests.campaigns.sheetkit import sheet
from tests.make import NOW

HERE = {"category": "Tents", "markets": ["DE"]}
HOUR = timedelta(hours=1)
HALF = Pricing(Method.PERCENT_OFF_REGULAR, Decimal(50))
DAY_BEFORE = Told(Medium.EMAIL, Anchor.START, -1440)
Act = Callable[[Campaign, dict[str, Any]], Any]


def limited(role: str, **scope: list[str]) -> User:
    person = make.user(role)
    Scope.objects.create(user=person, **scope)
    return person


def draft() -> Campaign:
    one = make.campaign(**HERE)
    Sku.objects.update(category="Tents")
    return one


def review() -> Campaign:
    return make.submitted(**HERE)


def approved() -> Campaign:
    one = review()
    return campaigns.approve(
        one.code, content_hash=one.content_hash, actor=make.user("approver"),
        now=NOW, arm=False,
    )  # fmt: skip


def armed() -> Campaign:
    return make.armed(**HERE)


def live() -> Campaign:
    one = armed()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(one.code, actor=None, now=NOW)
    return one


def paused() -> Campaign:
    one = live()
    campaigns.pause(one.code, actor=make.user("operator"), now=NOW)
    return one


def glass() -> Campaign:
    one = review()
    said = {"reason": "Night", "typed": one.code, "actor": make.user("operator")}
    return campaigns.break_glass(
        one.code, content_hash=one.content_hash, now=NOW, **said
    )


def by(one: Campaign) -> dict[str, Any]:
    return {"actor": one.author, "now": NOW}


def proposed() -> Campaign:
    one = armed()
    code = one.lines.get().sku.code
    campaigns.propose(one.code, Change([Wish(code, sale_price=Decimal(60))]), **by(one))
    return one


def told() -> Campaign:
    one = draft()
    campaigns.announce(one.code, DAY_BEFORE, **by(one))
    return one


def waiting() -> Campaign:
    one = draft()
    campaigns.wait_for(one.code, on=other().code, **by(one))
    return one


def filled() -> Campaign:
    one = draft()
    fill(one, by(one))
    return one


def clashing() -> Campaign:
    """A draft, and another that wants the same price."""
    one, two = draft(), other(**HERE)
    two.lines.create(sku=one.lines.get().sku, regular_price=100, sale_price=80, units=5)
    return one


def other(**terms: Any) -> Campaign:
    held = Campaign.objects.filter(code="OTHER").first()
    return held or make.campaign(code="OTHER", lines=0, **terms)


def fill(one: Campaign, who: dict[str, Any]) -> Any:
    if not Sku.objects.filter(code="TENT-9").exists():
        make.level(make.sku("TENT-9", category="Tents"))
    return campaigns.fill(
        one.code, SourceKind.PREFIX, "TENT", pricing=HALF, units=2, **who
    )


def terms_of(one: Campaign, **changes: Any) -> Terms:
    said = {name: getattr(one, name) for name in _Terms.__dataclass_fields__}
    return Terms(**(said | changes))


def first(one: Campaign) -> int:
    return int(one.lines.get().pk)


def amendment(one: Campaign) -> Amendment:
    return Amendment.objects.get(campaign=one)


def shifted(one: Campaign, hours: int) -> dict[str, Any]:
    assert one.opens_local and one.closes_local
    moved = {"opens_local": one.opens_local, "closes_local": one.closes_local}
    return {name: at + hours * HOUR for name, at in moved.items()}


def bring_in(one: Campaign, who: dict[str, Any]) -> Any:
    bundle = replace(bundles.of(one), terms={**bundles.of(one).terms, "name": "New"})
    return bundles.bring_in(bundles.Opened(bundle, True), **who)


def upload(one: Campaign, who: dict[str, Any]) -> Any:
    file = SimpleUploadedFile("a.csv", sheet("A,70,5,0"))
    return imports.start(one.code, file, options=Options("20", False), **who)


def extend(one: Campaign, who: dict[str, Any]) -> Any:
    closes = shifted(one, 1)["closes_local"]
    return campaigns.extend(one.code, closes_local=closes, countdown=True, **who)


def boots() -> str:
    """A product of another category, in stock and with a history."""
    sku = make.sku("BOOT", category="Boots")
    make.level(sku)
    make.prices.note(sku.code, Decimal(100), from_at=NOW - timedelta(days=60))
    return sku.code


def more(code: str) -> Change:
    return Change([Wish(code, sale_price=Decimal(70), units=5)])
