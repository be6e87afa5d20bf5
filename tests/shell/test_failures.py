"""What a person reads when something is refused, missing, or broke."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path
from pytest_django import Settings

from config import urls
from console.errors import OutsideFailure, Refusal
from console.shell import failures
from console.shell.show import done
from tests import make

pytestmark = pytest.mark.django_db


def refusing(_request: HttpRequest) -> HttpResponse:
    """A view that says no."""
    raise Refusal("Only 3 units are free.", code="not_enough_stock", field="units")


def failing(_request: HttpRequest) -> HttpResponse:
    """A view whose other side is away."""
    raise OutsideFailure("The CDN does not answer.", transient=True)


def breaking(_request: HttpRequest) -> HttpResponse:
    """A view with a bug."""
    raise ZeroDivisionError


def losing(_request: HttpRequest) -> HttpResponse:
    """A view that meets a database that is away."""
    raise OperationalError("connection refused")


def writing(request: HttpRequest) -> HttpResponse:
    """A view that wrote something."""
    return done(request, "Added 200 units", "stock-changed", undo="/undo/")


def leading(request: HttpRequest) -> HttpResponse:
    """A view that wrote something and leads on."""
    return done(request, "Created FS-0041", to="/settings/doctor/")


HERE = {
    "refusing": refusing,
    "failing": failing,
    "breaking": breaking,
    "losing": losing,
    "writing": writing,
    "leading": leading,
}
urlpatterns = [
    path("", include(urls.urlpatterns)),
    *(path(f"here/{name}/", view, name=f"{name}") for name, view in HERE.items()),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An admin on a site with a few views that go wrong."""
    from config import access

    known = access.access_table()
    table = known | dict.fromkeys(HERE, "login")
    monkeypatch.setattr(access, "access_table", lambda: table)
    client.force_login(make.user("admin"))
    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF=__name__):
        yield client


def test_a_refusal_is_a_page_with_the_sentence_and_the_id(visitor: Client) -> None:
    reply = visitor.get("/here/refusing/")
    assert reply.status_code == 409
    assert "Only 3 units are free." in reply.content.decode()
    assert reply["X-Request-Id"] in reply.content.decode()


def test_a_refusal_is_a_toast_for_htmx_and_the_page_stays(visitor: Client) -> None:
    reply = visitor.get("/here/refusing/", headers=HTMX)
    assert (reply.status_code, reply["HX-Reswap"]) == (409, "none")
    assert 'hx-swap-oob="beforeend:#toasts"' in reply.content.decode()
    assert json.loads(reply["HX-Trigger"])["refused"]["field"] == "units"


def test_a_refusal_is_json_for_a_program(visitor: Client) -> None:
    reply = visitor.get("/here/refusing/", headers={"Accept": "application/json"})
    assert reply.json()["code"] == "not_enough_stock"


def test_an_outside_failure_says_they_failed(visitor: Client) -> None:
    reply = visitor.get("/here/failing/")
    assert reply.status_code == 503
    assert "The other side does not answer" in reply.content.decode()


def test_a_way_back_leads_to_our_own_pages_only(visitor: Client) -> None:
    ours = visitor.get("/here/refusing/", headers={"Referer": "http://testserver/x/"})
    theirs = visitor.get("/here/refusing/", headers={"Referer": "http://evil.example/"})
    assert "Go back" in ours.content.decode()
    assert "Go back" not in theirs.content.decode()


def test_a_page_that_is_not_there_says_so(visitor: Client) -> None:
    reply = visitor.get("/no/such/place/")
    assert reply.status_code == 404
    assert "Nothing is here" in reply.content.decode()


def test_a_stranger_also_gets_a_page(client: Client) -> None:
    assert "Nothing is here" in client.get("/no/such/place/").content.decode()


def test_a_forbidden_page_says_who_may(client: Client) -> None:
    client.force_login(make.user("viewer"))
    reply = client.get("/settings/doctor/")
    assert reply.status_code == 403
    assert (
        "This needs the role admin, auditor, commander or operator."
        in reply.content.decode()
    )


def test_a_bug_is_a_page_with_an_id_and_the_policy(visitor: Client) -> None:
    reply = visitor.get("/here/breaking/")
    assert reply.status_code == 500
    assert reply["X-Request-Id"] in reply.content.decode()
    assert "script-src 'self'" in reply["Content-Security-Policy"]


def test_a_lost_database_is_told_apart(visitor: Client) -> None:
    reply = visitor.get("/here/losing/")
    assert reply.status_code == 503
    assert "The database does not answer" in reply.content.decode()


def test_the_broken_page_asks_nothing_of_the_database(
    rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert failures.broke(rf.get("/")).status_code == 500


def test_a_form_without_its_token_says_reload() -> None:
    strict = Client(enforce_csrf_checks=True)
    reply = strict.post("/account/demo/", {"role": "viewer"})
    assert reply.status_code == 403
    assert "Reload it" in reply.content.decode()


def test_a_file_too_large_is_refused_before_any_view(settings: Settings) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    strict = Client(enforce_csrf_checks=True)
    strict.get("/account/login/")
    file = SimpleUploadedFile("lines.csv", b"x" * 2_000_000)
    reply = strict.post("/account/demo/", {"file": file})
    assert reply.status_code == 413
    assert "The file is larger than 1 MB." in reply.content.decode()


def test_a_write_tells_the_page_what_changed(visitor: Client) -> None:
    reply = visitor.post("/here/writing/", headers=HTMX)
    said = json.loads(reply["HX-Trigger"])
    assert reply.status_code == 204
    assert set(said) == {"stock-changed", "toast"}
    assert said["toast"]["undo"] == "/undo/"


def test_a_write_from_a_plain_form_leads_on_with_a_message(visitor: Client) -> None:
    reply = visitor.post("/here/leading/", follow=True)
    assert reply.redirect_chain == [("/settings/doctor/", 302)]
    assert "Created FS-0041" in reply.content.decode()


def test_a_write_from_htmx_may_lead_on_too(visitor: Client) -> None:
    reply = visitor.post("/here/leading/", headers=HTMX)
    assert reply["HX-Redirect"] == "/settings/doctor/"


def test_a_bug_is_json_for_a_program(visitor: Client) -> None:
    reply = visitor.get("/here/breaking/", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (500, "broke")
    lost = visitor.get("/here/losing/", headers={"Accept": "application/json"})
    assert (lost.status_code, lost.json()["code"]) == (503, "database_away")


def test_a_wrong_host_name_is_a_bad_request(client: Client) -> None:
    client.raise_request_exception = False
    where = {"Host": "evil.example", "Referer": "http://evil.example/"}
    reply = client.get("/", headers=where)
    assert reply.status_code == 400
    assert "Go back" not in reply.text
