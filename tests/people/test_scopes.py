"""What a person is limited to: the rule, the table, and the page that sets it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.people.models import Scope
from console.people.queries import limit_of
from console.people.rules import Limit, OutOfScope, check_scope
from tests import make

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("limit", "categories", "markets", "inside"),
    [
        (Limit(), {"Tents"}, {"DE"}, True),
        (Limit({"Tents"}), {"Tents"}, {"DE"}, True),
        (Limit({"Tents"}), {"Tents", "Boots"}, NONE, False),
        (Limit({"Tents"}), NONE, NONE, True),
        (Limit(NONE, {"DE"}), {"Tents"}, {"DE"}, True),
        (Limit(NONE, {"DE"}), {"Tents"}, {"DE", "FI"}, False),
        (Limit({"Tents"}, {"DE"}), {"Tents"}, {"FI"}, False),
    ],
)
def test_all_of_it_must_be_inside(
    limit: Limit, categories: set[str], markets: set[str], inside: bool
) -> None:
    if inside:
        check_scope(limit, categories, markets)
        return
    with pytest.raises(OutOfScope, match="You are limited to"):
        check_scope(limit, categories, markets)


@pytest.mark.django_db
def test_an_admin_limits_a_person_and_lifts_the_limit(client: Client) -> None:
    mara = make.user("approver", name="mara")
    client.force_login(make.user("admin"))
    there = reverse("people:edit", args=[mara.pk])
    said = {"name": "Mara Kent", "roles": "approver", "shown": "approver"}
    wrong = said | {"markets": "Germany"}
    assert "is no country code" in client.post(there, wrong).text
    client.post(there, said | {"categories": "Tents, Boots", "markets": "de"})
    assert limit_of(mara) == Limit({"Boots", "Tents"}, {"DE"})
    assert "only Boots, Tents; DE" in client.get(reverse("people:list")).text
    assert 'value="Boots, Tents"' in client.get(there).text
    told = Entry.objects.filter(verb="person.edit").latest("pk")
    assert (told.before or {})["limited_to"] == ""
    assert (told.after or {})["limited_to"] == "Boots, Tents; DE"
    client.post(there, said)
    assert limit_of(mara) == Limit()
    assert not Scope.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_a_scope_that_limits_nothing() -> None:
    with pytest.raises(IntegrityError, match="scope_limits"), transaction.atomic():
        Scope.objects.create(user=make.user("viewer"))
