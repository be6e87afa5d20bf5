"""Services: programs that act by tokens an admin issues, and never sign in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.audit.models import Entry
from console.errors import Refusal
from console.people import operations as people
from console.people import services
from console.people.models import PersonalToken
from console.people.operations import Details
from console.shell.policy import Role
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/api/v1/campaigns"
SUBMIT = "/api/v1/campaigns/none/submit"
DUPLICATE = "/api/v1/campaigns/none/duplicate"


@pytest.fixture
def admin() -> User:
    return make.user("admin", name="maren")


@pytest.fixture
def robot() -> User:
    return make.user("service", name="feeder")


def issue(robot: User, by: User, *scopes: str, name: str = "nightly") -> str:
    now = timezone.now()
    told = services.issue(robot.pk, name, scopes=scopes, days=30, actor=by, now=now)
    return told.secret


def call(client: Client, secret: str, path: str = LIST, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    if body:
        kind = "application/json"
        return client.post(path, body["json"], content_type=kind, headers=headers)
    return client.get(path, headers=headers)


def add(admin: User, *roles: Role, name: str = "feeder") -> people.Invitation:
    details = Details("Nightly Feeder", "", frozenset(roles))
    return people.add(name, details, actor=admin, now=timezone.now())


def test_a_service_reads_by_its_token(client: Client, robot: User, admin: User) -> None:
    assert call(client, issue(robot, admin)).status_code == 200


def test_a_token_of_a_service_may_its_scopes_and_no_more(
    client: Client, robot: User, admin: User
) -> None:
    secret = issue(robot, admin, "campaigns.edit")
    assert call(client, secret, DUPLICATE, json={}).status_code == 404
    assert call(client, secret, SUBMIT, json={}).json()["code"] == "scope_missing"


@pytest.mark.parametrize(
    "scope", ["campaigns.approve", "campaigns.glass", "people.edit", "fatigue.edit"]
)
def test_what_needs_a_persons_judgement_is_no_scope_of_a_service(
    robot: User, admin: User, scope: str
) -> None:
    with pytest.raises(Refusal) as refused:
        issue(robot, admin, scope)
    assert refused.value.code == "scope_not_held"


def test_the_trail_says_who_issued_and_who_revoked(robot: User, admin: User) -> None:
    issue(robot, admin)
    token = PersonalToken.objects.get()
    services.revoke(token.pk, actor=admin, now=timezone.now())
    told = list(Entry.objects.order_by("position").values_list("verb", "actor_name"))
    assert told == [("person.issue_token", "maren"), ("person.revoke_token", "maren")]
    assert Entry.objects.first().after["owner"] == "feeder"  # type: ignore[union-attr]


def test_a_revoked_token_of_a_service_ends_at_once(
    client: Client, robot: User, admin: User
) -> None:
    secret = issue(robot, admin)
    token = PersonalToken.objects.get()
    services.revoke(token.pk, actor=admin, now=timezone.now())
    assert call(client, secret).json()["code"] == "token_unknown"


def test_nobody_issues_or_revokes_a_persons_token_for_them(admin: User) -> None:
    aino = make.user("merchandiser", name="aino")
    token = PersonalToken.objects.create(
        owner=aino, name="mine", start="dbp_mine1", hash=b"x" * 32, scopes=[],
        created_at=make.NOW, expires_at=make.NOW.replace(year=2027),
    )  # fmt: skip
    for act in (
        lambda: issue(aino, admin),
        lambda: services.revoke(token.pk, actor=admin, now=timezone.now()),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "no_service"


def test_only_an_admin_issues_tokens_of_a_service(robot: User, admin: User) -> None:
    with pytest.raises(Refusal) as refused:
        issue(robot, make.user("operator"))
    assert refused.value.code == "no_longer_admin"


def test_a_deactivated_service_is_given_no_token_and_its_own_end(
    client: Client, robot: User, admin: User
) -> None:
    secret = issue(robot, admin)
    people.deactivate(robot.pk, actor=admin, now=timezone.now())
    assert call(client, secret).status_code == 401
    with pytest.raises(Refusal) as refused:
        issue(robot, admin, name="another")
    assert refused.value.code == "service_closed"


def test_a_service_is_added_and_activated_without_a_link(admin: User) -> None:
    made = add(admin, Role.SERVICE)
    assert made.link == ""
    people.deactivate(made.person.pk, actor=admin, now=timezone.now())
    again = people.activate(made.person.pk, actor=admin, now=timezone.now())
    assert again.link == ""
    with pytest.raises(Refusal) as refused:
        people.invite(made.person.pk, actor=admin, now=timezone.now())
    assert refused.value.code == "never_signs_in"


def test_a_service_holds_no_other_role_and_never_becomes_a_person(
    admin: User, robot: User
) -> None:
    aino = make.user("merchandiser", name="aino")
    now = timezone.now()
    roles = {"robot": frozenset({Role.VIEWER}), "aino": frozenset({Role.SERVICE})}
    for act in (
        lambda: add(admin, Role.SERVICE, Role.ADMIN, name="both"),
        lambda: people.edit(
            robot.pk, Details("", "", roles["robot"]), actor=admin, now=now
        ),
        lambda: people.edit(
            aino.pk, Details("", "", roles["aino"]), actor=admin, now=now
        ),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "service_alone"


def test_a_service_does_not_sign_in_even_with_a_password(
    client: Client, robot: User
) -> None:
    robot.set_password("doorbuster-2026")
    robot.save()
    entered = {"login": "feeder", "password": "doorbuster-2026"}
    reply = client.post(reverse("account_login"), entered)
    assert reply.status_code == 200
    assert "_auth_user_id" not in client.session


def test_control_a_person_signs_in_with_the_same_password(client: Client) -> None:
    aino = make.user("viewer", name="aino")
    aino.set_password("doorbuster-2026")
    aino.save()
    entered = {"login": "aino", "password": "doorbuster-2026"}
    assert client.post(reverse("account_login"), entered).status_code == 302


def test_a_session_of_a_service_opens_nothing(client: Client, robot: User) -> None:
    client.force_login(robot)
    assert client.get("/campaigns/").status_code == 403
    assert client.get(LIST).status_code == 403


def test_a_service_acts_in_no_command(robot: User) -> None:
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="feeder lacks the role"):
        call_command("arm", "FS-0001", username="feeder")


def test_an_admin_issues_and_revokes_on_the_pages(
    client: Client, robot: User, admin: User
) -> None:
    client.force_login(admin)
    there = reverse("people:service", args=[robot.pk])
    assert there in client.get("/settings/people/").text
    entered = {"name": "nightly", "days": 30, "scopes": ["campaigns.edit"]}
    page = client.post(there, entered)
    secret = page.context["issued"].secret
    assert secret in page.text
    assert page["Cache-Control"] == "no-store"
    assert call(Client(), secret).status_code == 200
    away = reverse("people:revoke_service", args=[PersonalToken.objects.get().pk])
    assert "nightly" in client.get(away).text
    assert client.post(away).status_code == 302
    assert call(Client(), secret).status_code == 401


def test_the_page_offers_a_service_only_what_it_may(
    client: Client, robot: User, admin: User
) -> None:
    client.force_login(admin)
    page = client.get(reverse("people:service", args=[robot.pk])).text
    assert "campaigns.edit" in page
    assert "campaigns.approve" not in page


def test_a_persons_account_has_no_page_of_a_service(
    client: Client, admin: User
) -> None:
    client.force_login(admin)
    aino = make.user("merchandiser")
    assert client.get(reverse("people:service", args=[aino.pk])).status_code == 404


def test_the_auditor_sees_the_people_and_is_offered_no_act(client: Client) -> None:
    make.user("operator", name="tomasz")
    client.force_login(make.user("auditor", name="viktor"))
    page = client.get("/settings/people/").text
    assert "tomasz" in page
    assert "Add person" not in page and ">Edit<" not in page


def test_the_auditor_writes_nothing_down(client: Client) -> None:
    client.force_login(make.user("auditor"))
    there = reverse("campaigns:decide", args=["FS-0001"])
    assert client.post(there, {"text": "So be it"}).status_code == 403
