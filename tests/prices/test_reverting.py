"""What becomes of a price after the sale."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.prices.rules.reverting import Fate, Shown, Why, fate

amounts = st.integers(1, 4).map(D)
sales = st.none() | amounts
codes = st.sampled_from(["", "FS-1", "OTHER", "EARLIER"])
shown = st.builds(Shown, amounts, sales, codes)


@given(st.none() | shown, amounts, shown)
def test_only_what_is_ours_or_was_there_before_is_restored(
    before: Shown | None, ours: D, now: Shown
) -> None:
    """No silent overwrite, whatever happened in the sale."""
    what, why = fate(before, ours, now, "FS-1")
    old = before.sale if before else None
    if what is Fate.RESTORE:
        assert now.sale in (ours, old)
        theirs = {"", "FS-1", before.campaign if before else ""}
        assert now.sale is None or now.campaign in theirs
    else:
        assert now.sale is not None or old is not None
    assert (why is not None) is (what is Fate.ASK)


@pytest.mark.parametrize("now,expected", [
    (Shown(D(100), D(60), "FS-1"), (Fate.RESTORE, None)),
    (Shown(D(120), D(60), "FS-1"), (Fate.RESTORE, None)),
    (Shown(D(120), None), (Fate.RESTORE, None)),
    (Shown(D(100), D(55), "FS-1"), (Fate.KEEP, None)),
    (Shown(D(120), D(55), "FS-1"), (Fate.ASK, Why.BASE_CHANGED)),
    (Shown(D(100), D(55), "OTHER"), (Fate.ASK, Why.OTHER_SALE)),
    (Shown(D(100), D(60), "OTHER"), (Fate.ASK, Why.OTHER_SALE)),
])  # fmt: skip
def test_before_ours_and_now_are_compared(now: Shown, expected: Any) -> None:
    assert fate(Shown(D(100), None), D(60), now, "FS-1") == expected
