"""A campaign as a file: the same after a round trip, void after one edited byte."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.audit.models import Entry
from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Line
from console.campaigns.rules import (
    BadLine,
    WrongState,
)
from console.campaigns.rules.bundles import (
    Bundle,
    BundleChanged,
    BundleUnreadable,
    Row,
    changes,
    read,
    split,
    write,
)
from console.campaigns.rules.sources import Source, SourceKind
from console.campaigns.terms import BadTerm
from console.prices.rules import Method
from console.prices.rules.charms import Pricing
from tests import make
from tests.campaigns.bundlekit import SLOW, bring_in, made, plans
from tests.examples import examples
from tests.make import NOW

pytestmark = pytest.mark.django_db
SOURCE = Source(
    SourceKind.CATEGORY, "Boots", Pricing(Method.PERCENT_OFF_REGULAR, Decimal(30)), 5, 0
).spelled()


@given(plan=plans())
@examples(40, SLOW)
def test_export_of_import_is_the_same_file(plan: Any) -> None:
    draft = made(plan)
    text = bundles.exported(draft.code)
    Line.objects.filter(campaign=draft).delete()
    Campaign.objects.filter(pk=draft.pk).delete()
    told = bring_in(text)
    assert told.created
    assert bundles.exported(draft.code) == text
    assert bundles.difference(read(text.encode())[0]) == []


@given(before=plans(), after=plans())
@examples(15, SLOW)
def test_a_draft_becomes_equal_to_any_bundle(before: Any, after: Any) -> None:
    draft, other = made(before), made(after)
    bundle = replace(bundles.of(other), code=draft.code)
    unsigned = write(bundle)
    found = bundles.opened(unsigned.encode(), unsigned=True)
    signed = replace(found, signed=True)
    actor = make.user("merchandiser")
    assert not bundles.bring_in(signed, actor=actor, now=NOW).created
    assert changes(bundles.of(Campaign.objects.get(pk=draft.pk)), bundle) == []


@given(data=st.data())
@examples(60, SLOW)
def test_one_edited_byte_voids_the_signature(data: Any) -> None:
    if not Campaign.objects.exists():
        make.campaign(code="FS-7")
    raw = bundles.exported("FS-7").encode()
    place = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    edited = raw[:place] + bytes([other]) + raw[place + 1 :]
    with pytest.raises((BundleChanged, BundleUnreadable)):
        bundles.opened(edited)


def test_the_sentence_says_what_to_do() -> None:
    text = bundles.exported(make.campaign().code).replace("Alpine", "Alpina")
    with pytest.raises(BundleChanged, match=r"does not hold.*Export it again"):
        bundles.opened(text.encode())


def test_a_file_is_one_line_a_term_and_one_line_a_sku() -> None:
    draft = make.campaign(lines=3)
    text = bundles.exported(draft.code)
    skus = [row for row in text.splitlines() if '"sku": ' in row]
    assert len(skus) == 3 and skus == sorted(skus)
    assert '    "name": "Alpine Shell Doorbuster",' in text.splitlines()
    assert json.loads(text)["signature"]


def test_an_armed_campaign_tells_who_approved_it_under_which_policies() -> None:
    armed = make.armed()
    told = json.loads(bundles.exported(armed.code))
    assert told["state"] == "armed"
    assert told["content_hash"] == armed.content_hash
    (approval,) = told["approvals"]
    assert (approval["kind"], approval["content_hash"]) == (
        "approve",
        armed.content_hash,
    )
    assert list(told["policies"].values()) == [1]


def test_lines_of_a_filter_stay_the_filters() -> None:
    draft = make.campaign(lines=0)
    make.sku("A", category="Boots")
    pricing = Pricing(Method.PERCENT_OFF_REGULAR, Decimal(30))
    kind = SourceKind.CATEGORY
    campaigns.fill(
        draft.code, kind, "Boots", pricing=pricing, units=5, actor=draft.author, now=NOW
    )
    text = bundles.exported(draft.code)
    assert '"source": "category Boots", "source_price": "70.00"' in text
    copy = bring_in(text, code="COPY-1").campaign
    assert copy.lines.get().filtered
    assert copy.lines.get().source.campaign == copy
    bring_in(text)
    assert draft.lines.get().filtered, "and those of the plan itself"


def test_a_file_that_knows_no_filters_of_lines_is_read() -> None:
    draft = make.campaign(lines=2)
    text = bundles.exported(draft.code)
    assert "source_price" not in text
    assert not any(one.filtered for one in bring_in(text).campaign.lines.all())


@pytest.mark.parametrize("price", ["", "NaN", "-1", "0", "1.2345", "9" * 30])
def test_a_price_no_filter_gave_is_refused(price: str) -> None:
    draft = make.campaign()
    bundle = bundles.of(draft)
    terms = {**bundle.terms, "sources": [SOURCE]}
    row = replace(bundle.lines[0], source="category Boots", source_price=price)
    text = write(replace(bundle, terms=terms, lines=[row]))
    with pytest.raises((BadLine, BundleUnreadable)):
        bring_in(text, unsigned=True)


def test_only_a_draft_is_changed_by_a_bundle() -> None:
    text = bundles.exported(make.armed().code)
    with pytest.raises(WrongState, match="drafts only"):
        bring_in(text)


def test_an_armed_plan_comes_in_as_a_draft_under_another_code() -> None:
    armed = make.armed()
    told = bring_in(bundles.exported(armed.code), code="COPY-1")
    assert told.created and told.campaign.state == "draft"
    one, two = (bundles.of(c) for c in Campaign.objects.order_by("pk"))
    assert (one.terms, one.lines) == (two.terms, two.lines)
    assert not told.campaign.approvals.exists()


def test_nobodys_confirmation_is_taken_from_an_unsigned_file() -> None:
    draft = make.campaign()
    bundle = bundles.of(draft)
    sure = [replace(row, price_confirmed=True) for row in bundle.lines]
    text = write(replace(bundle, lines=sure))
    bring_in(text, unsigned=True)
    assert not Line.objects.get().price_confirmed
    entry = Entry.objects.get(verb="campaign.bring_in")
    assert entry.after["signed"] is False


def test_a_sku_or_an_audience_that_is_not_here_is_named() -> None:
    bundle = bundles.of(make.campaign(lines=0))
    row = Row("NOPE", "10.00", "5.00", 1, 0)
    with pytest.raises(BadLine, match="no SKU NOPE"):
        bring_in(write(replace(bundle, lines=[row])), unsigned=True)
    other = {**bundle.terms, "audience": "martians"}
    with pytest.raises(BadTerm, match="no audience martians"):
        bring_in(write(replace(bundle, terms=other)), unsigned=True)


def test_a_line_that_cannot_be_is_named_and_nothing_is_kept() -> None:
    bundle = bundles.of(make.campaign())
    low = [replace(row, sale_price="100.00") for row in bundle.lines]
    with pytest.raises(Exception, match=r"SKU-.*not below the list price"):
        bring_in(write(replace(bundle, lines=low)), unsigned=True)
    assert bundles.of(Campaign.objects.get()) == bundle


def _mangled() -> dict[str, Any]:
    row = {"sku": "A", "regular_price": "2.00", "sale_price": "1.00", "units": 1,
           "buffer": 0, "price_confirmed": False}  # fmt: skip
    return {
        "not JSON": "{",
        "a list": "[]",
        "another format": {"format": "2"},
        "a field too many": {"colour": "red"},
        "a field too few": {"terms": ...},
        "a bad code": {"code": "../etc"},
        "nested terms": {"terms": {"name": {"a": 1}}},
        "a line with floats": {"lines": [row | {"units": 1.5}]},
        "a line of booleans": {"lines": [row | {"units": True}]},
        "one SKU twice": {"lines": [row, row]},
    }


@pytest.mark.parametrize("what,wrong", _mangled().items())
def test_what_is_no_bundle_is_refused_in_one_sentence(what: str, wrong: Any) -> None:
    record = {"content_hash": "", "state": "draft", "override_reason": "",
              "policies": {}, "approvals": []}  # fmt: skip
    text = write(Bundle("FS-1", {"name": "A"}, [], record))
    if isinstance(wrong, dict):
        said = json.loads(text) | wrong
        text = json.dumps({k: v for k, v in said.items() if v is not ...})
    else:
        text = wrong
    with pytest.raises(BundleUnreadable, match="Export it again"):
        read(text.encode())


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100_000])
def test_json_that_plays_tricks_is_refused(text: str) -> None:
    with pytest.raises(BundleUnreadable):
        read(text.encode())


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(BundleUnreadable, match="32 MB"):
        read(b" " * (32 * 2**20 + 1))


def test_the_signature_is_that_of_the_file_without_it() -> None:
    text = bundles.exported(make.campaign().code)
    body, signature = split(text)
    assert write(read(text.encode())[0]) == body
    assert write(read(text.encode())[0], signature) == text
