"""Moving the end of a sale."""

from __future__ import annotations

import pytest

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.rules import EndUnchanged
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_an_end_that_does_not_move_is_refused_and_leaves_no_trace() -> None:
    sale = make.armed()
    entries = Entry.objects.count()
    with pytest.raises(EndUnchanged) as refused:
        campaigns.extend(
            sale.code,
            closes_local=sale.closes_local,
            actor=make.user("operator"),
            now=NOW,
        )
    assert refused.value.field == "closes_local"
    assert Entry.objects.count() == entries
