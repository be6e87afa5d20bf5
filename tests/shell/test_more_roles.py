"""The migration that adds commander, auditor and service."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from console.shell import policy
from console.shell.policy import Role
from tests import make

pytestmark = pytest.mark.django_db
first = import_module("console.shell.migrations.0001_roles")
migration = import_module("console.shell.migrations.0004_more_roles")


@pytest.fixture(autouse=True)
def _migrated() -> None:
    """Transactional tests before these leave no groups behind."""
    Group.objects.all().delete()
    first.make_groups(apps, None)
    migration.make_groups(apps, None)


def test_every_role_has_its_group_after_migrating() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role)


def test_who_was_an_operator_can_still_break_the_glass() -> None:
    tomasz, aino = make.user("operator"), make.user("merchandiser")
    assert not policy.may(tomasz, "campaigns.glass")
    migration.keep_the_glass(apps, None)
    tomasz = type(tomasz).objects.get(pk=tomasz.pk)
    assert policy.assigned(tomasz) == [Role.OPERATOR, Role.COMMANDER]
    assert policy.may(tomasz, "campaigns.glass")
    assert policy.assigned(aino) == [Role.MERCHANDISER]
