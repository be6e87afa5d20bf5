"""Roles limited to categories and markets, besides what each act does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, ImportJob, Template
from console.campaigns.operations import LineTerms, Terms, imports
from console.campaigns.operations.drafts import Terms as _Terms
from console.people.models import Scope
from console.people.rules import OutOfScope
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = pytest.mark.django_db


def limited(role: str, *categories: str) -> User:
    person = make.user(role)
    Scope.objects.create(user=person, categories=list(categories))
    return person


def tents(made: Callable[..., Campaign]) -> Campaign:
    one = made(category="Tents")
    Sku.objects.update(category="Tents")
    return one


def _terms(one: Campaign, **changes: Any) -> Terms:
    said = {name: getattr(one, name) for name in _Terms.__dataclass_fields__}
    return Terms(**(said | changes))


def test_a_freeze_of_everything_is_outside_every_scope() -> None:
    with pytest.raises(OutOfScope, match="every category"):
        campaigns.freeze(
            "ERP", starts_at=NOW, ends_at=NOW + timedelta(hours=1),
            actor=limited("operator", "Tents"), now=NOW,
        )  # fmt: skip


def test_a_freeze_of_a_category_is_inside_of_its_scope() -> None:
    said = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1), "now": NOW}
    with pytest.raises(OutOfScope, match="concerns Tents"):
        campaigns.freeze(
            "ERP", category="Tents", actor=limited("operator", "Boots"), **said
        )
    tents_ = limited("operator", "Tents")
    campaigns.freeze("ERP", category="Tents", actor=tents_, **said)


def test_nobody_leads_a_plan_out_of_their_scope() -> None:
    """What a plan becomes counts as well as what it was, and changes nothing."""
    aino = limited("merchandiser", "Boots")
    with pytest.raises(OutOfScope):
        make.campaign(author=aino, category="Tents", lines=0)
    one = make.campaign(author=aino, category="Boots", lines=0)
    with pytest.raises(OutOfScope):
        campaigns.edit(
            one.code, terms=_terms(one, category="Tents"), version=one.version,
            actor=aino, now=NOW,
        )  # fmt: skip
    tent = make.sku("TENT", category="Tents")
    with pytest.raises(OutOfScope):
        campaigns.add_line(
            one.code, sku_code=tent.code, values=LineTerms(sale_price=tent.regular_price
            / 2, units=5), actor=aino, now=NOW,
        )  # fmt: skip
    kept = Campaign.objects.get(pk=one.pk)
    assert (kept.category, kept.lines.count()) == ("Boots", 0)


def test_lists_show_all_and_the_refusal_names_the_category(client: Client) -> None:
    one = make.submitted(category="Tents")
    client.force_login(limited("approver", "Boots"))
    assert one.name in client.get(reverse("campaigns:list")).text
    there = reverse("campaigns:approve", args=[one.code])
    reply = client.post(there, {"content_hash": one.content_hash})
    assert reply.status_code == 403
    assert "limited to Boots, and this concerns Tents" in reply.text


def test_who_is_limited_to_a_market_freezes_nothing_for_all_of_them() -> None:
    ola = make.user("operator")
    Scope.objects.create(user=ola, markets=["DE"])
    with pytest.raises(OutOfScope, match="every market"):
        campaigns.freeze(
            "ERP", starts_at=NOW, ends_at=NOW + timedelta(hours=1), actor=ola, now=NOW
        )


def test_who_is_limited_to_markets_freezes_and_lifts_within_them() -> None:
    for code in ("DE", "FR"):
        market(code)
    ola, hours = (
        make.user("operator"),
        {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)},
    )
    Scope.objects.create(user=ola, markets=["DE"])
    held = campaigns.freeze("Tax", **hours, markets=["DE"], actor=ola, now=NOW)
    assert campaigns.lift(held.pk, actor=ola, now=NOW).lifted_at == NOW
    with pytest.raises(OutOfScope, match="FR"):
        campaigns.freeze("Tax", **hours, markets=["DE", "FR"], actor=ola, now=NOW)
    wide = campaigns.freeze("Tax", **hours, actor=make.user("operator"), now=NOW)
    with pytest.raises(OutOfScope, match="every market"):
        campaigns.lift(wide.pk, actor=ola, now=NOW)


def test_a_sheet_of_other_categories_is_neither_confirmed_nor_given_up() -> None:
    one = tents(make.campaign)
    job = ImportJob.objects.create(
        campaign=one, by=one.author, state="checked", name="a.csv", size=1,
        created_at=NOW,
    )  # fmt: skip
    with pytest.raises(OutOfScope, match="Tents"):
        imports.confirm(job.pk, mode="all", actor=limited("merchandiser", "Boots"))
    with pytest.raises(OutOfScope, match="Tents"):
        imports.cancel(job.pk, actor=limited("merchandiser", "Boots"), now=NOW)
    job.refresh_from_db()
    assert job.state == "checked"


def template() -> Template:
    one = make.campaign(category="", code="S-1")
    Sku.objects.update(category="Tents")
    return campaigns.save_template(
        one.code, name="Tents", with_lines=True, actor=one.author, now=NOW
    )


def test_a_template_of_other_categories_is_neither_dropped_nor_replaced() -> None:
    kept, boots = template(), limited("merchandiser", "Boots")
    with pytest.raises(OutOfScope, match="concerns Tents"):
        campaigns.drop_template(kept.pk, actor=boots, now=NOW)
    own = make.campaign(author=boots, category="Boots", lines=0)
    with pytest.raises(OutOfScope, match="concerns Tents"):
        campaigns.save_template(
            own.code, name="Tents", with_lines=False, actor=boots, now=NOW
        )
    assert Template.objects.get().made_from == "S-1"
    tents_ = limited("merchandiser", "Tents")
    campaigns.drop_template(kept.pk, actor=tents_, now=NOW)
    assert not Template.objects.exists()


def test_a_template_of_other_categories_begins_no_draft() -> None:
    kept, boots = template(), limited("merchandiser", "Boots")
    day = NOW.date() + timedelta(days=1)
    with pytest.raises(OutOfScope, match="concerns Tents"):
        campaigns.use_template(kept.pk, day=day, actor=boots, now=NOW)
    assert Campaign.objects.count() == 1


def test_who_is_out_of_scope_is_not_offered_to_drop_or_give_up(client: Client) -> None:
    kept, one = template(), Campaign.objects.get()
    job = ImportJob.objects.create(
        campaign=one, by=one.author, state="checked", name="a.csv", size=1,
        created_at=NOW,
    )  # fmt: skip
    drop = reverse("campaigns:drop_template", args=[kept.pk])
    give_up = reverse("campaigns:import_cancel", args=[one.code, job.pk])
    for category, offered in {"Boots": False, "Tents": True}.items():
        client.force_login(limited("merchandiser", category))
        assert (drop in client.get(reverse("campaigns:templates")).text) == offered
        there = reverse("campaigns:import_job", args=[one.code, job.pk])
        assert (give_up in client.get(there).text) == offered


def test_an_occasion_that_drafts_of_other_categories_name_keeps_its_name() -> None:
    one = tents(make.campaign)
    said = {"on": NOW.date(), "now": NOW}
    friday = campaigns.add_occasion("Friday", actor=one.author, **said)
    Campaign.objects.update(occasion=friday)
    boots, tents_ = (limited("merchandiser", name) for name in ("Boots", "Tents"))
    with pytest.raises(OutOfScope, match="concerns Tents"):
        campaigns.rename_occasion(friday.pk, "Black Friday", actor=boots, **said)
    campaigns.rename_occasion(friday.pk, "Black Friday", actor=tents_, **said)
    friday.refresh_from_db()
    assert friday.name == "Black Friday"
