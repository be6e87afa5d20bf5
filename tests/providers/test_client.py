"""The client against a server that really misbehaves."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_django import Settings

from console.errors import OutsideFailure
from console.providers.client import Api
from console.providers.dialling import AddressNotAllowed
from console.providers.ports import Group
from tests.providers import rude as manners
from tests.providers.rude import Rude, rude

GROUP = {
    "name": "web",
    "floor": 2,
    "maximum": 20,
    "desired": 2,
    "serving": 2,
    "lead_time_s": 5,
    "version": "1",
}


@pytest.fixture
def server() -> Iterator[Rude]:
    with rude() as started:
        yield started


def _api(server: Rude, timeout_s: float = 1.0) -> Api:
    return Api("Cloud", server.url, token="s3cret", timeout_s=timeout_s)


def _fails(server: Rude, **given: float) -> OutsideFailure:
    with pytest.raises(OutsideFailure) as caught:
        _api(server, **given).get("/x").read(Group)
    return caught.value


def test_a_good_answer_is_read_into_its_shape(server: Rude) -> None:
    server.manner = manners.say(GROUP | {"extra": True})
    assert _api(server).get("/x").read(Group).maximum == 20


@pytest.mark.parametrize(
    "status,kind,transient",
    [
        (400, "invalid", False),
        (401, "auth", False),
        (403, "auth", False),
        (404, "not_found", False),
        (405, "unsupported", False),
        (409, "conflict", True),
        (412, "conflict", True),
        (418, "invalid", False),
        (422, "invalid", False),
        (423, "in_progress", True),
        (429, "rate_limited", True),
        (500, "failed", True),
        (501, "unsupported", False),
        (503, "unreachable", True),
        (507, "quota", False),
    ],
)
def test_statuses_are_sorted(
    server: Rude, status: int, kind: str, transient: bool
) -> None:
    server.manner = manners.reply(status)
    failure = _fails(server)
    assert (failure.kind, failure.transient) == (kind, transient)
    assert str(status) in failure.message


def test_retry_after_in_seconds_is_honoured(server: Rude) -> None:
    server.manner = manners.reply(429, retry_after="7")
    assert _fails(server).retry_after_s == 7


def test_retry_after_as_a_date_counts_from_their_clock(server: Rude) -> None:
    theirs = datetime(2031, 1, 1, tzinfo=UTC)
    later = theirs + timedelta(seconds=90)
    server.manner = manners.reply(
        503,
        retry_after=format_datetime(later, usegmt=True),
        date=format_datetime(theirs, usegmt=True),
    )
    assert _fails(server).retry_after_s == 90


@pytest.mark.parametrize("spelled", ["soon", "-5", "1e9", ""])
def test_a_nonsense_retry_after_is_ignored(server: Rude, spelled: str) -> None:
    server.manner = manners.reply(429, retry_after=spelled)
    assert _fails(server).retry_after_s is None


def test_retry_after_is_at_most_an_hour(server: Rude) -> None:
    server.manner = manners.reply(429, retry_after="999999")
    assert _fails(server).retry_after_s == 3600


@pytest.mark.parametrize(
    "manner",
    [manners.hang, manners.reset, manners.half, manners.drip, manners.drip_head],
    ids=lambda manner: manner.__name__,
)
def test_a_broken_line_is_transient_and_bounded(
    server: Rude, manner: manners.Manner
) -> None:
    server.manner = manner
    began = time.monotonic()
    failure = _fails(server, timeout_s=0.6)
    assert time.monotonic() - began < 20, "it would never end by itself"
    assert (failure.kind, failure.transient) == ("unreachable", True)


def test_nobody_listening_is_unreachable() -> None:
    with rude() as gone:
        pass
    failure = _fails(gone)
    assert failure.message == "Cloud cannot be reached."
    assert failure.transient


@pytest.mark.parametrize(
    "body",
    [b"<html>hello</html>", b"", b"[]", b'{"name": "web"}', b'{"name": 1}', b"null"],
)
def test_another_schema_is_a_stop(server: Rude, body: bytes) -> None:
    server.manner = manners.reply(200, body)
    failure = _fails(server)
    assert (failure.kind, failure.transient) == ("invalid", False)


def test_a_flood_is_cut_off(server: Rude) -> None:
    server.manner = manners.flood
    assert "more than 8 MB" in _fails(server, timeout_s=5).message


def test_a_redirect_is_not_followed(server: Rude) -> None:
    with rude() as private:
        server.manner = manners.reply(302, location=private.url)
        failure = _fails(server)
        assert private.dialled == 0
    assert "redirects are not followed" in failure.message
    assert not failure.transient


def test_connections_are_used_again_and_keep_no_cookies(server: Rude) -> None:
    server.manner = manners.say(GROUP, set_cookie="a=b")
    for _ in range(3):
        _api(server).get("/x")
    assert server.dialled == 1
    assert not any(b"cookie" in request.lower() for request in server.seen)


def test_host_and_key_are_sent(server: Rude) -> None:
    _api(server).call("POST", "/x", body={"a": 1}, key="campaign:1/floor")
    head = server.seen[0].decode()
    assert f"Host: 127.0.0.1:{server.port}" in head
    assert "Idempotency-Key: campaign:1/floor" in head
    assert "Authorization: Bearer s3cret" in head


def test_a_public_page_is_fetched_without_credentials(server: Rude) -> None:
    server.manner = manners.reply(404, x_cache="MISS")
    answer = _api(server).fetch(f"{server.url}/p/1")
    assert answer.status == 404
    assert b"s3cret" not in server.seen[0]


def test_the_environment_names_no_proxy(
    server: Rude, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rude() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        _api(server).get("/x")
        assert proxy.dialled == 0


def test_a_private_address_is_refused_unless_named(
    server: Rude, settings: Settings
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    with pytest.raises(AddressNotAllowed, match="PRIVATE_HOSTS_ALLOWED"):
        _api(server).get("/x")
    assert server.dialled == 0
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{server.port}"]
    _api(server).get("/x")
    assert server.dialled == 1


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_worker_has_lookups_and_connections_of_its_own(server: Rude) -> None:
    _api(server).get("/x")
    pid = os.fork()
    if pid == 0:
        try:
            _api(server).get("/x")
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    assert server.dialled == 2
