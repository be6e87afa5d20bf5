"""What may not happen to an account."""

from __future__ import annotations

import pytest

from console.people import rules


def test_an_admin_does_not_shut_themselves_out() -> None:
    with pytest.raises(rules.NotYourself, match="deactivate yourself"):
        rules.check_not_own(7, 7, what="deactivate yourself")
    rules.check_not_own(7, 8, what="deactivate yourself")
    rules.check_not_own(None, 8, what="deactivate yourself")


def test_the_last_admin_stays() -> None:
    with pytest.raises(rules.LastAdmin):
        rules.check_admin_left(7, {7})
    rules.check_admin_left(7, {7, 8})
    rules.check_admin_left(9, {7})
