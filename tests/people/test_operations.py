"""Accounts: made, changed, shut and opened again, each with its line in the trail."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command

from console.audit.models import Entry
from console.people import operations, queries, rules
from console.people.operations import Terms
from console.shell import policy
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db


def terms(*roles: str) -> Terms:
    return Terms("Mara", "Holt", roles or ("viewer",))


def test_a_new_account_has_roles_and_no_password() -> None:
    admin = make.user("admin")
    mara = operations.add("mara", terms("viewer", "operator"), actor=admin, now=NOW)
    assert not mara.has_usable_password()
    assert policy.may(mara, "runbook.act")
    told = Entry.objects.get(verb="people.add")
    assert told.actor_id == admin.pk
    assert told.after == {"name": "Mara Holt", "roles": ["viewer", "operator"]}


def test_a_role_whose_group_is_missing_is_not_dropped() -> None:
    Group.objects.all().delete()
    mara = operations.add("mara", terms("operator"), actor=None, now=NOW)
    assert policy.may(mara, "runbook.act")


def test_a_role_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="king"):
        operations.add("mara", terms("king"), actor=None, now=NOW)
    assert not User.objects.exists()


def test_a_name_is_taken_whatever_its_capitals() -> None:
    operations.add("mara", terms(), actor=None, now=NOW)
    with pytest.raises(rules.NameTaken) as refused:
        operations.add("Mara", terms(), actor=None, now=NOW)
    assert refused.value.field == "username"
    assert User.objects.count() == 1


def test_changed_roles_are_told_before_and_after() -> None:
    admin, lena = make.user("admin"), make.user("approver")
    operations.edit(lena.pk, terms("viewer"), actor=admin, now=NOW)
    told = Entry.objects.get(verb="people.edit")
    assert told.before["roles"] == ["approver"]
    assert told.after["roles"] == ["viewer"]
    assert not policy.may(User.objects.get(pk=lena.pk), "campaigns.approve")


def test_nobody_takes_their_own_admin_role_or_shuts_themselves_out() -> None:
    admin, _other = make.user("admin"), make.user("admin")
    with pytest.raises(rules.NotYourself):
        operations.edit(admin.pk, terms("viewer"), actor=admin, now=NOW)
    with pytest.raises(rules.NotYourself):
        operations.deactivate(admin.pk, actor=admin, now=NOW)
    operations.edit(admin.pk, terms("admin", "viewer"), actor=admin, now=NOW)


def test_the_last_active_admin_stays() -> None:
    admin, gone = make.user("admin"), make.user("admin")
    operations.deactivate(gone.pk, actor=admin, now=NOW)
    with pytest.raises(rules.LastAdmin):
        operations.deactivate(admin.pk, actor=None, now=NOW)
    with pytest.raises(rules.LastAdmin):
        operations.edit(admin.pk, terms("viewer"), actor=None, now=NOW)
    operations.activate(gone.pk, actor=admin, now=NOW)
    operations.deactivate(admin.pk, actor=gone, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_demote_each_other_one_stays() -> None:
    done = _duel()
    assert [type(one) for one in done if one] == [rules.LastAdmin]
    assert len(operations._admins()) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_nobody_would_be_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted, both = operations._admins, Barrier(2)

    def at_once() -> set[int]:
        found = counted()
        both.wait(10)
        return found

    bare = User.objects.select_for_update(no_key=True)
    monkeypatch.setattr(operations, "_locked", lambda pk: bare.get(pk=pk))
    monkeypatch.setattr(operations, "_admins", at_once)
    assert not any(_duel())
    assert counted() == set()


def _duel() -> list[Any]:
    pair = [make.user("admin"), make.user("admin")]

    def demote(number: int) -> None:
        actor, other = pair[number], pair[1 - number]
        operations.edit(other.pk, terms("viewer"), actor=actor, now=NOW)

    return in_parallel(2, demote)


def test_a_link_works_until_another_is_made() -> None:
    mara = operations.add("mara", terms(), actor=None, now=NOW)
    first = queries.link(mara)
    again = operations.invite(mara.pk, actor=None, now=NOW)
    assert queries.link(again) != first


def test_the_first_admin_is_made_from_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("add_person", "mara", "--role", "admin", "--name", "Mara Holt")
    assert "/account/welcome/" in capsys.readouterr().out
    assert User.objects.get().get_full_name() == "Mara Holt"
    with pytest.raises(CommandError, match="already an account called mara"):
        call_command("add_person", "mara", "--role", "admin")
