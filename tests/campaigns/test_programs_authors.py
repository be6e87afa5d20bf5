"""Who holds the keys of a program is an author of what it writes."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from console.campaigns import operations as campaigns
from console.campaigns.operations import Change, Wish
from console.campaigns.queries import approvals
from console.campaigns.rules import AuthorCannotApprove, State
from console.people import services
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot() -> User:
    return make.user("service")


def issuer(robot: User) -> User:
    """An admin who gave the program a token."""
    admin, now = make.user("admin"), timezone.now()
    scopes = ["campaigns.edit", "campaigns.submit"]
    name = f"by {admin.username}"
    services.issue(robot.pk, name, scopes=scopes, days=1, actor=admin, now=now)
    return admin


def test_who_issued_a_token_does_not_approve_what_it_wrote(robot: User) -> None:
    holders = [issuer(robot), issuer(robot)]
    sent = make.submitted(author=robot)
    assert approvals.authors(sent) == {robot.pk, *(one.pk for one in holders)}
    for admin in holders:
        with pytest.raises(AuthorCannotApprove, match="token you issued"):
            campaigns.approve(
                sent.code, content_hash=sent.content_hash, actor=admin, now=NOW
            )


def test_another_admin_approves_it(robot: User) -> None:
    """The control: it is the token that counts, not the role."""
    issuer(robot)
    sent = make.submitted(author=robot)
    armed = campaigns.approve(
        sent.code, content_hash=sent.content_hash, actor=make.user("admin"), now=NOW
    )
    assert armed.state == State.ARMED


def test_a_token_that_was_revoked_counts_as_well(robot: User) -> None:
    admin = issuer(robot)
    token = robot.tokens.get()
    services.revoke(token.pk, actor=admin, now=timezone.now())
    assert admin.pk in approvals.authors(make.submitted(author=robot))


def test_who_issued_a_token_does_not_approve_an_amendment_of_it(robot: User) -> None:
    admin, sale = issuer(robot), make.armed()
    code = sale.lines.get().sku.code
    made = campaigns.propose(
        sale.code, Change((Wish(code, units=12),)), actor=robot, now=NOW
    )
    with pytest.raises(AuthorCannotApprove):
        campaigns.approve_amendment(
            made.pk, content_hash=made.content_hash, actor=admin, now=NOW
        )
