"""What stands in a bundle beside terms and lines: people, filters, sales it awaits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.rules import (
    UnknownCampaign,
)
from console.campaigns.rules.bundles import (
    Bundle,
    BundleUnreadable,
    read,
    write,
)
from console.campaigns.rules.waiting import WaitsForItself
from tests import make
from tests.campaigns.bundlekit import SLOW, Plan, bring_in, made, plans
from tests.examples import examples
from tests.make import NOW

pytestmark = pytest.mark.django_db


def older(bundle: Bundle, *without: str) -> str:
    """The bundle as it was written before it told of these."""
    said = {n: v for n, v in bundle.terms.items() if n not in without}
    return write(replace(bundle, terms=said))


@given(plan=plans())
@examples(10, SLOW)
def test_what_an_older_bundle_does_not_tell_of_is_left_alone(plan: Plan) -> None:
    draft = made(plan)
    before = bundles.of(draft)
    text = older(
        before, "waits_for", "sources", "announcements", "contacts", "war_room"
    )
    assert bundles.difference(read(text.encode())[0]) == []
    bring_in(text, unsigned=True)
    after = bundles.of(Campaign.objects.get(pk=draft.pk))
    assert after.terms == before.terms


def test_an_older_bundle_makes_a_draft_that_waits_for_nothing() -> None:
    bundle = bundles.of(make.campaign())
    text = older(bundle, "waits_for", "sources")
    one = bring_in(text, unsigned=True, code="COPY-1").campaign
    assert not one.waits_for.exists() and not one.sources.exists()


def test_a_sale_it_waits_for_must_be_here_and_not_wait_for_it() -> None:
    draft, other = make.campaign(), make.campaign()
    bundle = bundles.of(draft)
    gone = write(replace(bundle, terms={**bundle.terms, "waits_for": ["GONE-1"]}))
    with pytest.raises(UnknownCampaign, match="GONE-1, which is not here"):
        bring_in(gone, unsigned=True)
    campaigns.wait_for(other.code, on=draft.code, actor=other.author, now=NOW)
    circle = write(replace(bundle, terms={**bundle.terms, "waits_for": [other.code]}))
    with pytest.raises(WaitsForItself):
        bring_in(circle, unsigned=True)
    assert not draft.waits_for.exists()


BESIDE_THE_POINT = {
    "contacts": ["Mara", "Mara\tLead\t1\t2"],
    "announcements": ["email", "email start 99999999 1", "email start 0 NaN",
                      "email start 0 0.1234"],
    "waits_for": ["../etc", "FS\u00001"],
    "sources": ["category", "category\tfixed\tNaN\t\t5\t0\tBoots",
                "category\tfixed\t1\t\t5\t5\tBoots",
                "category\tfixed\t1.2345\t\t5\t0\tBoots",
                "colour\tfixed\t1\t\t5\t0\tRed",
                "category\tfixed\t1\t\t9999999999\t0\tBoots",
                "category\tfixed\t1\t\t5\t0\t"],
}  # fmt: skip


@pytest.mark.parametrize(
    "name,text", [(n, text) for n, texts in BESIDE_THE_POINT.items() for text in texts]
)
def test_what_cannot_be_read_beside_the_terms_is_refused(name: str, text: str) -> None:
    bundle = bundles.of(make.campaign())
    wrong = write(replace(bundle, terms={**bundle.terms, name: [text]}))
    with pytest.raises(BundleUnreadable, match="Export it again"):
        bring_in(wrong, unsigned=True)


def test_one_filter_stands_in_a_bundle_once() -> None:
    bundle = bundles.of(make.campaign())
    twice = [f"category\tfixed\t{price}\t\t5\t0\tBoots" for price in (1, 2)]
    text = write(replace(bundle, terms={**bundle.terms, "sources": twice}))
    with pytest.raises(BundleUnreadable):
        bring_in(text, unsigned=True)
