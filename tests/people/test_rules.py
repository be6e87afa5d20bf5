"""Who may take what from whom."""

from __future__ import annotations

import pytest

from console.people import rules


def test_an_admin_may_ask_and_so_may_doorbuster_itself() -> None:
    rules.check_asks(1, {1, 2})
    rules.check_asks(None, set())


def test_a_former_admin_may_not() -> None:
    with pytest.raises(rules.NoLongerAdmin):
        rules.check_asks(3, {1, 2})


def test_nobody_ends_their_own_account() -> None:
    rules.check_other(1, 2)
    rules.check_other(1, None)
    with pytest.raises(rules.OwnAccount):
        rules.check_other(1, 1)


def test_the_last_admin_stays() -> None:
    rules.check_not_last(1, "mara", {1, 2})
    rules.check_not_last(1, "mara", {2})
    with pytest.raises(rules.LastAdmin, match="mara is the only admin"):
        rules.check_not_last(1, "mara", {1})
