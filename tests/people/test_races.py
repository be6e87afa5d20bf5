"""Two at once: the console keeps an admin, a link is used once."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Q

from console.people import operations as people
from console.people.operations import Invitation
from console.people.rules import NoLongerAdmin
from console.shell.policy import Role
from tests import make
from tests.make import NOW
from tests.people.test_operations import PHRASE, added, details, token
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _role_groups() -> None:
    """A transactional test begins with empty tables; migrations made these rows."""
    make.user(*Role, name="somebody").delete()


def each_demotes_the_other(acts: Any) -> tuple[list[Any], int]:
    """What two admins got, and how many admins are left."""
    pair = [make.user("admin"), make.user("admin")]
    told = in_parallel(2, lambda n: acts(pair[1 - n], pair[n]))
    left = User.objects.filter(
        pk__in=[one.pk for one in pair], groups__name="admin", is_active=True
    )
    count = left.count()
    User.objects.filter(pk__in=[one.pk for one in pair]).update(is_active=False)
    return told, count


def demote(person: User, actor: User) -> User:
    return people.edit(person.pk, details(Role.VIEWER), actor=actor, now=NOW)


def close(person: User, actor: User) -> User:
    return people.deactivate(person.pk, actor=actor, now=NOW)


@pytest.mark.parametrize("act", [demote, close])
def test_of_two_admins_who_end_each_other_one_stays(act: Any) -> None:
    for _ in range(5):
        told, left = each_demotes_the_other(act)
        lost = [one for one in told if isinstance(one, Exception)]
        assert ([type(one) for one in lost], left) == ([NoLongerAdmin], 1)


def _admins_without_the_lock() -> Set[int]:
    held = User.objects.filter(
        Q(groups__name=Role.ADMIN) | Q(is_superuser=True), is_active=True
    )
    return set(held.values_list("pk", flat=True))


@pytest.mark.parametrize("act", [demote, close])
def test_control_without_the_lock_nobody_is_left(
    act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the admins without the lock, each still sees the other."""
    monkeypatch.setattr(people, "_admins", _admins_without_the_lock)
    assert 0 in [each_demotes_the_other(act)[1] for _ in range(20)]


def refused(made: Invitation) -> list[type[Exception]]:
    """What those were told who lost when two use one link at once."""

    def use(_: int) -> User:
        return people.set_password(
            made.person.pk, token=token(made), password=PHRASE, now=NOW
        )

    return [type(one) for one in in_parallel(2, use) if isinstance(one, Exception)]


def each_of_many_links() -> list[list[type[Exception]]]:
    made = added()
    told = [refused(made)]
    for _ in range(19):
        told.append(refused(people.invite(made.person.pk, actor=None, now=NOW)))
    return told


def test_of_two_who_use_one_link_one_sets_the_password() -> None:
    assert each_of_many_links() == [[people.LinkEnded]] * 20


def test_control_without_the_row_lock_both_set_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everybody = type(User.objects.all())
    monkeypatch.setattr(everybody, "select_for_update", lambda self, **_: self)
    assert [] in each_of_many_links()
