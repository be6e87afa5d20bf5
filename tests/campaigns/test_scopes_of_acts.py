"""Every act on a campaign, inside and outside of a category and a market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from inspect import signature

import pytest

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign, Undo
from console.campaigns.operations import (
    Change,
    LineTerms,
    MarketTerms,
    Way,
    Wish,
    imports,
)
from console.campaigns.rules.reaching import Contact
from console.campaigns.rules.sources import SourceKind
from console.people.rules import OutOfScope
from tests import make
from tests.campaigns.scopekit import (
    DAY_BEFORE,
    HALF,
    Act,
    amendment,
    approved,
    armed,
    boots,
    bring_in,
    clashing,
    draft,
    extend,
    fill,
    filled,
    first,
    glass,
    limited,
    live,
    more,
    other,
    paused,
    proposed,
    review,
    shifted,
    terms_of,
    told,
    upload,
    waiting,
)
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two markets; nobody hears the bell."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)
    for code in ("AT", "DE"):
        terms = MarketTerms(code, code, "UTC", "EUR", (code,))
        campaigns.save_market(terms, actor=make.user("admin"), now=NOW)


OPERATIONS: dict[str, tuple[str, Callable[[], Campaign], Act]] = {
    "edit": ("merchandiser", draft, lambda one, by: campaigns.edit(
        one.code, terms=terms_of(one, name="New"), version=one.version, **by)),
    "move": ("merchandiser", draft, lambda one, by: campaigns.move(
        one.code, version=one.version, **shifted(one, 1), **by)),
    "resolve": ("merchandiser", draft, lambda one, by: campaigns.resolve(
        one.code, **by)),
    "add_line": ("merchandiser", draft, lambda one, by: campaigns.add_line(
        one.code, sku_code=make.sku(category="Tents").code,
        values=LineTerms(sale_price=Decimal(70), units=5), **by)),
    "edit_line": ("merchandiser", draft, lambda one, by: campaigns.edit_line(
        first(one), values=LineTerms(units=11), version=1, **by)),
    "set_percent": ("merchandiser", draft, lambda one, by: campaigns.set_percent(
        one.code, "depth", line_ids=[first(one)], percent=Decimal(40), **by)),
    "price": ("merchandiser", draft, lambda one, by: campaigns.set_price(
        one.code, HALF, line_ids=None, **by)),
    "fill": ("merchandiser", draft, fill),
    "forget_source": ("merchandiser", filled, lambda one, by: campaigns.forget_source(
        one.code, one.sources.get().pk, **by)),
    "undo": ("merchandiser", filled, lambda one, by: campaigns.undo(
        one.code, Undo.objects.get().pk, **by)),
    "remove_lines": ("merchandiser", draft, lambda one, by: campaigns.remove_lines(
        one.code, line_ids=[first(one)], **by)),
    "import": ("merchandiser", draft, upload),
    "bring_in": ("merchandiser", draft, bring_in),
    "announce": ("merchandiser", draft, lambda one, by: campaigns.announce(
        one.code, DAY_BEFORE, **by)),
    "change_told": ("merchandiser", told, lambda one, by: campaigns.announce(
        one.code, replace(DAY_BEFORE, minutes=-60), pk=one.announcements.get().pk,
        **by)),
    "unannounce": ("merchandiser", told, lambda one, by: campaigns.unannounce(
        one.code, one.announcements.get().pk, **by)),
    "wait_for": ("merchandiser", draft, lambda one, by: campaigns.wait_for(
        one.code, on=other().code, **by)),
    "wait_no_more": ("merchandiser", waiting, lambda one, by: campaigns.wait_no_more(
        one.code, on="OTHER", **by)),
    "set_contacts": ("merchandiser", armed, lambda one, by: campaigns.set_contacts(
        one.code, [Contact("Mara", "", "1")], **by)),
    "decide": ("merchandiser", armed, lambda one, by: campaigns.decide(
        one.code, text="On we go", **by)),
    "leave": ("merchandiser", clashing, lambda one, by: campaigns.settle(
        one.code, "OTHER", Way.EXCLUDE, **by)),
    "take_over": ("merchandiser", clashing, lambda one, by: campaigns.settle(
        one.code, "OTHER", Way.TAKE_OVER, **by)),
    "move_behind": ("merchandiser", clashing, lambda one, by: campaigns.settle(
        one.code, "OTHER", Way.MOVE, **by)),
    "duplicate": ("merchandiser", draft, lambda one, by: campaigns.duplicate(
        one.code, **by)),
    "clone": ("merchandiser", draft, lambda one, by: campaigns.clone(
        one.code, day=NOW.date() + timedelta(days=9), **by)),
    "save_template": ("merchandiser", draft, lambda one, by: campaigns.save_template(
        one.code, name="Tents", with_lines=True, **by)),
    "discard": ("merchandiser", draft, lambda one, by: campaigns.discard(
        one.code, **by)),
    "submit": ("merchandiser", draft, lambda one, by: campaigns.submit(
        one.code, **by)),
    "withdraw": ("merchandiser", review, lambda one, by: campaigns.withdraw(
        one.code, **by)),
    "propose": ("merchandiser", armed, lambda one, by: campaigns.propose(
        one.code, Change([Wish(one.lines.get().sku.code, units=9)]), **by)),
    "withdraw_amendment": ("merchandiser", proposed, lambda one, by:
        campaigns.withdraw_amendment(amendment(one).pk, **by)),
    "approve_amendment": ("approver", proposed, lambda one, by:
        campaigns.approve_amendment(
            amendment(one).pk, content_hash=amendment(one).content_hash, **by)),
    "reject_amendment": ("approver", proposed, lambda one, by:
        campaigns.reject_amendment(amendment(one).pk, reason="No", **by)),
    "approve": ("approver", review, lambda one, by: campaigns.approve(
        one.code, content_hash=one.content_hash, **by)),
    "reject": ("approver", review, lambda one, by: campaigns.reject(
        one.code, reason="No", **by)),
    "arm": ("approver", approved, lambda one, by: campaigns.arm(one.code, **by)),
    "review_glass": ("approver", glass, lambda one, by: campaigns.review_glass(
        one.code, decision="right", note="Fine", **by)),
    "break_glass": ("commander", review, lambda one, by: campaigns.break_glass(
        one.code, content_hash=one.content_hash, reason="x", typed=one.code, **by)),
    "extend": ("operator", live, extend),
    "pause": ("operator", live, lambda one, by: campaigns.pause(one.code, **by)),
    "resume": ("operator", paused, lambda one, by: campaigns.resume(one.code, **by)),
    "end_now": ("operator", live, lambda one, by: campaigns.end_now(
        one.code, reason="x", **by)),
    "abort": ("operator", armed, lambda one, by: campaigns.abort(
        one.code, reason="x", **by)),
}  # fmt: skip
SCOPES: dict[str, tuple[dict[str, list[str]], dict[str, list[str]], str]] = {
    "category": (
        {"categories": ["Boots"]}, {"categories": ["Boots", "Tents"]}, "Tents",
    ),
    "market": ({"markets": ["AT"]}, {"markets": ["AT", "DE"]}, "DE"),
}  # fmt: skip


CALLED = {"price": "set_price", "change_told": "announce"} | dict.fromkeys(
    ("leave", "take_over", "move_behind"), "settle"
)
"""Acts that are named otherwise than the operation they call."""
ELSEWHERE = (
    "create freeze lift drop_template use_template rename_occasion update_catalogue"
)
"""In test_scopes.py, test_catalogue.py: they concern no campaign that is there."""
UNLIMITED = "add_channel place_shop save_market save_table add_occasion drop_occasion"
"""They belong to the whole shop."""
ITSELF = "warm ready open end close"
"""Doorbuster alone does these."""


def test_every_operation_of_a_person_is_held_against_the_scopes() -> None:
    acts = {
        name
        for name in campaigns.__all__
        if "actor" in getattr(signature(getattr(campaigns, name)), "parameters", {})
    }
    held = {CALLED.get(name, name) for name in OPERATIONS} - {"import", "bring_in"}
    assert acts - held == set(f"{ELSEWHERE} {UNLIMITED} {ITSELF}".split())


@pytest.mark.parametrize("kind", SCOPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_inside_the_scope_a_role_acts_and_outside_it_does_not(
    name: str, kind: str
) -> None:
    role, made, act = OPERATIONS[name]
    outside, inside, word = SCOPES[kind]
    one = made()
    with pytest.raises(OutOfScope, match=f"concerns {word}") as refused:
        act(one, {"actor": limited(role, **outside), "now": NOW})
    assert refused.value.status == 403
    act(one, {"actor": limited(role, **inside), "now": NOW})


def test_no_amendment_leads_a_sale_out_of_the_scope_of_who_proposes_it() -> None:
    one = armed()
    tents = limited("merchandiser", categories=["Tents"])
    with pytest.raises(OutOfScope, match="concerns Boots"):
        campaigns.propose(one.code, more(boots()), actor=tents, now=NOW)
    assert not Amendment.objects.exists()


def test_no_amendment_leads_a_sale_out_of_the_scope_of_who_approves_it() -> None:
    one = armed()
    made = campaigns.propose(one.code, more(boots()), actor=one.author, now=NOW)
    tents = limited("approver", categories=["Tents"])
    with pytest.raises(OutOfScope, match="concerns Boots"):
        campaigns.approve_amendment(
            made.pk, content_hash=made.content_hash, actor=tents, now=NOW
        )
    assert (one.lines.count(), amendment(one).state) == (1, "proposed")


def test_a_filter_of_other_categories_fills_nothing() -> None:
    one = draft()
    boots()
    tents = limited("merchandiser", categories=["Tents"])
    with pytest.raises(OutOfScope, match="concerns Boots"):
        campaigns.fill(
            one.code, SourceKind.CATEGORY, "Boots", pricing=HALF, units=2,
            actor=tents, now=NOW,
        )  # fmt: skip
    assert (one.lines.count(), one.sources.count()) == (1, 0)


def test_a_bundle_of_other_categories_or_markets_makes_no_draft() -> None:
    one = draft()
    found = bundles.Opened(bundles.of(one), True)
    for scope in ({"categories": ["Boots"]}, {"markets": ["AT"]}):
        with pytest.raises(OutOfScope):
            bundles.bring_in(
                found, actor=limited("merchandiser", **scope), now=NOW, code="COPY"
            )
    assert not Campaign.objects.filter(code="COPY").exists()


def test_taking_over_from_a_plan_outside_of_the_scope_is_refused() -> None:
    """The other plan is the one that changes."""
    one, two = draft(), other(category="Boots", markets=["DE"])
    two.lines.create(sku=one.lines.get().sku, regular_price=100, sale_price=80, units=5)
    tents = limited("merchandiser", categories=["Tents"])
    with pytest.raises(OutOfScope, match="concerns Boots"):
        campaigns.settle(one.code, "OTHER", Way.TAKE_OVER, actor=tents, now=NOW)
    assert two.lines.count() == 1
