"""Adding, changing and deactivating people."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.people import operations as people
from console.people.operations import Details, Invitation
from console.people.rules import (
    LastAdmin,
    NoLongerAdmin,
    OwnAccount,
    RolesChanged,
)
from console.shell import policy
from console.shell.policy import Role
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db

PHRASE = "four words of mine"


def details(*roles: Role) -> Details:
    return Details("Mara Kent", "mara@example.com", frozenset(roles or {Role.VIEWER}))


def added(*roles: Role, actor: User | None = None) -> Invitation:
    return people.add("mara", details(*roles), actor=actor, now=NOW)


def token(invitation: Invitation) -> str:
    return invitation.link.rstrip("/").rpartition("/")[2]


def choose(invitation: Invitation) -> User:
    return people.set_password(
        invitation.person.pk, token=token(invitation), password=PHRASE, now=NOW
    )


def last() -> Entry:
    return Entry.objects.latest("position")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    assert client.get(reverse("campaigns:list")).status_code == 200
    return client


def is_out(client: Client) -> bool:
    reply = client.get(reverse("campaigns:list"))
    return reply.status_code == 302 and "login" in reply["Location"]


def test_add_is_in_the_trail_without_the_link() -> None:
    admin = make.user("admin")
    made = added(Role.OPERATOR, Role.VIEWER, actor=admin)
    entry = last()
    assert (entry.verb, entry.actor_id) == ("person.add", admin.pk)
    assert entry.after["roles"] == ["viewer", "operator"]
    assert token(made) not in str(entry.content())
    assert token(made) not in repr(made)


def test_add_refuses_a_name_in_another_case() -> None:
    added()
    with pytest.raises(people.UserNameTaken):
        people.add("MARA", details(), actor=None, now=NOW)
    assert User.objects.count() == 1


def test_nobody_signs_in_before_the_link_was_used(client: Client) -> None:
    made = added()
    assert not made.person.has_usable_password()
    choose(made)
    assert client.login(username="mara", password=PHRASE)


def test_a_link_works_once() -> None:
    made = added()
    choose(made)
    with pytest.raises(people.LinkEnded):
        choose(made)


def test_a_link_ends_after_its_time(settings: Any) -> None:
    made = added()
    settings.PASSWORD_RESET_TIMEOUT = -1
    with pytest.raises(people.LinkEnded):
        choose(made)


def test_a_new_link_ends_the_old_one_and_the_sessions() -> None:
    old = added()
    client = signed_in(choose(old))
    new = people.invite(old.person.pk, actor=make.user("admin"), now=NOW)
    assert is_out(client)
    with pytest.raises(people.LinkEnded):
        choose(old)
    choose(new)


def test_edit_tells_the_trail_the_roles_before_and_after() -> None:
    person = make.user("viewer", name="mara")
    people.edit(person.pk, details(Role.APPROVER), actor=make.user("admin"), now=NOW)
    entry = last()
    assert entry.verb == "person.edit"
    assert (entry.before["roles"], entry.after["roles"]) == (["viewer"], ["approver"])


def test_new_roles_hold_at_the_next_request() -> None:
    person = make.user("operator", name="mara")
    client = signed_in(person)
    assert client.get(reverse("shell:doctor")).status_code == 200
    people.edit(person.pk, details(Role.VIEWER), actor=make.user("admin"), now=NOW)
    assert client.get(reverse("shell:doctor")).status_code == 403


def test_deactivate_ends_sessions_at_once_and_for_good() -> None:
    admin, person = make.user("admin"), make.user("operator", name="mara")
    client = signed_in(person)
    people.deactivate(person.pk, actor=admin, now=NOW)
    assert is_out(client)
    assert last().verb == "person.deactivate"
    people.activate(person.pk, actor=admin, now=NOW)
    assert is_out(client), "an old session came back with the account"


def test_activate_gives_the_roles_back_by_a_new_link(client: Client) -> None:
    admin, person = make.user("admin"), make.user("operator", name="mara")
    people.deactivate(person.pk, actor=admin, now=NOW)
    choose(people.activate(person.pk, actor=admin, now=NOW))
    assert client.login(username="mara", password=PHRASE)
    assert policy.roles(User.objects.get(pk=person.pk)) == {Role.OPERATOR}


def test_a_link_of_a_deactivated_person_does_not_work() -> None:
    made = added()
    people.deactivate(made.person.pk, actor=make.user("admin"), now=NOW)
    with pytest.raises(people.LinkEnded):
        choose(made)
    with pytest.raises(people.AlreadySo):
        people.invite(made.person.pk, actor=None, now=NOW)


def test_nobody_takes_their_own_way_in() -> None:
    admin = make.user("admin")
    make.user("admin")
    with pytest.raises(OwnAccount):
        people.edit(admin.pk, details(Role.VIEWER), actor=admin, now=NOW)
    with pytest.raises(OwnAccount):
        people.deactivate(admin.pk, actor=admin, now=NOW)
    with pytest.raises(OwnAccount):
        people.invite(admin.pk, actor=admin, now=NOW)
    assert not Entry.objects.exists()


def test_an_admin_may_give_themselves_more_roles() -> None:
    admin = make.user("admin")
    people.edit(admin.pk, details(Role.ADMIN, Role.VIEWER), actor=admin, now=NOW)
    assert admin.groups.count() == 2


def test_the_last_admin_stays_whoever_asks() -> None:
    admin = make.user("admin")
    people.deactivate(make.user("admin").pk, actor=admin, now=NOW)
    with pytest.raises(LastAdmin):
        people.deactivate(admin.pk, actor=None, now=NOW)
    with pytest.raises(LastAdmin):
        people.edit(admin.pk, details(Role.VIEWER), actor=None, now=NOW)


def test_a_superuser_counts_as_admin_and_stops_being_one() -> None:
    person = make.user(name="root")
    User.objects.filter(pk=person.pk).update(is_superuser=True)
    with pytest.raises(LastAdmin):
        people.deactivate(person.pk, actor=None, now=NOW)
    people.edit(person.pk, details(Role.VIEWER), actor=make.user("admin"), now=NOW)
    assert policy.roles(User.objects.get(pk=person.pk)) == {Role.VIEWER}


def test_a_former_admin_changes_nothing() -> None:
    former, person = make.user("viewer"), make.user("viewer")
    with pytest.raises(NoLongerAdmin):
        people.edit(person.pk, details(Role.ADMIN), actor=former, now=NOW)
    assert not Entry.objects.exists()


def test_the_trail_names_who_chose_a_password() -> None:
    made = added()
    choose(made)
    assert (last().verb, last().actor_id) == ("person.set_password", made.person.pk)


def test_a_role_whose_group_is_missing_is_not_dropped() -> None:
    Group.objects.all().delete()
    made = people.add("mara", details(Role.OPERATOR), actor=None, now=NOW)
    assert policy.may(made.person, "runbook.act")


def test_roles_that_changed_meanwhile_are_not_written_over() -> None:
    """A typo is corrected on a form that was opened before the role was taken."""
    made = added(Role.OPERATOR, Role.ADMIN)
    make.user("admin")
    people.edit(made.person.pk, details(Role.OPERATOR), actor=None, now=NOW)
    stale = frozenset({Role.OPERATOR, Role.ADMIN})
    with pytest.raises(RolesChanged, match="they are operator now"):
        people.edit(
            made.person.pk,
            Details("Mara Kent-Holt", "", stale, shown=stale),
            actor=None,
            now=NOW,
        )
    kept = User.objects.get(pk=made.person.pk)
    assert set(policy.assigned(kept)) == {Role.OPERATOR}
