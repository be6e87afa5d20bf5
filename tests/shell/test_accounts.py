"""Accounts as allauth writes them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from console.shell.accounts import ClosedSignup
from tests import make

pytestmark = pytest.mark.django_db


def test_a_password_change_under_way_does_not_undo_a_deactivation() -> None:
    loaded = make.user("viewer")
    User.objects.filter(pk=loaded.pk).update(is_active=False)
    ClosedSignup().set_password(loaded, "a long phrase of mine")
    kept = User.objects.get(pk=loaded.pk)
    assert not kept.is_active
    assert kept.check_password("a long phrase of mine")
