"""Writing and discarding a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Terms
from console.campaigns.operations.changes import IF_SET, TERMS
from console.campaigns.rules import (
    Incomplete,
    StaleEdit,
    State,
    WrongState,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def terms_of(campaign: Campaign, **changes: Any) -> Terms:
    said = {name: getattr(campaign, name) for name in Terms.__dataclass_fields__}
    return replace(Terms(**said), **changes)


def test_a_hash_covers_every_term() -> None:
    ours = set(Terms.__dataclass_fields__)
    assert ours <= {*TERMS, *IF_SET}


def test_codes_count_up() -> None:
    first = make.campaign(lines=0, code="FS-0041")
    second = make.campaign(lines=0)
    assert (first.code, second.code) == ("FS-0041", "FS-0042")


def test_create_needs_a_name_and_both_ends() -> None:
    with pytest.raises(Incomplete) as refused:
        make.campaign(name=" ")
    assert refused.value.field == "name"
    with pytest.raises(Incomplete) as refused:
        make.campaign(closes_local=None)
    assert refused.value.field == "closes_local"


def test_edit_of_a_stale_version_is_refused_with_the_newer_values() -> None:
    campaign = make.campaign(lines=0)
    campaigns.edit(
        campaign.code,
        terms=terms_of(campaign, name="Newer"),
        version=1,
        actor=campaign.author,
        now=NOW,
    )
    with pytest.raises(StaleEdit) as refused:
        campaigns.edit(
            campaign.code,
            terms=terms_of(campaign, name="Older"),
            version=1,
            actor=campaign.author,
            now=NOW,
        )
    assert refused.value.detail == {"newer": {"name": "Newer"}, "version": 2}
    assert Campaign.objects.get().name == "Newer"


def test_an_edit_that_changes_nothing_voids_nothing() -> None:
    campaign = make.submitted()
    campaigns.edit(
        campaign.code,
        terms=terms_of(campaign),
        version=99,
        actor=campaign.author,
        now=NOW,
    )
    assert Campaign.objects.get().state == State.IN_REVIEW


def test_only_a_draft_is_discarded() -> None:
    campaign = make.campaign()
    campaigns.discard(campaign.code, actor=campaign.author, now=NOW)
    assert Campaign.objects.get().state == State.ABORTED
    with pytest.raises(WrongState):
        campaigns.discard(campaign.code, actor=campaign.author, now=NOW)
