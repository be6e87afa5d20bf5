"""Calls pause after five failures in a row, and one goes through to see."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from pytest_django import Settings

from console.errors import OutsideFailure
from console.providers import breaker, operations, queries
from console.providers.client import Api
from tests import make
from tests.providers import rude as manners
from tests.providers.rude import Rude, rude


@pytest.fixture
def server() -> Iterator[Rude]:
    with rude() as started:
        started.manner = manners.reply(500)
        yield started


def _kind(api: Api) -> str:
    try:
        api.get("/x")
    except OutsideFailure as failure:
        assert failure.transient
        return failure.kind
    return "worked"


def _api(server: Rude) -> Api:
    return Api("Cloud", server.url, timeout_s=2)


def test_the_sixth_call_is_not_made(server: Rude) -> None:
    kinds = [_kind(_api(server)) for _ in range(8)]
    assert kinds == ["failed"] * 5 + ["paused"] * 3
    assert len(server.seen) == 5


def test_a_success_in_between_starts_the_count_again(server: Rude) -> None:
    for _ in range(3):
        server.manner = manners.reply(500)
        assert [_kind(_api(server)) for _ in range(4)] == ["failed"] * 4
        server.manner = manners.reply(200)
        assert _kind(_api(server)) == "worked"


def test_after_the_pause_one_call_sees_whether_it_is_back(server: Rude) -> None:
    with time_machine.travel(make.NOW, tick=False) as clock:
        for _ in range(5):
            _kind(_api(server))
        clock.shift(breaker.PAUSE_S + 1)
        with ThreadPoolExecutor(4) as pool:
            kinds = sorted(pool.map(lambda _: _kind(_api(server)), range(4)))
        assert kinds == ["failed", "paused", "paused", "paused"]
        clock.shift(breaker.PAUSE_S + 1)
        server.manner = manners.reply(200)
        assert [_kind(_api(server)) for _ in range(2)] == ["worked", "worked"]


class Late:
    """The cache, but another call is made and fails just before one takes its place."""

    def __init__(self, other: breaker.Breaker) -> None:
        self.cache, self.other, self.done = breaker.cache, other, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cache, name)

    def add(self, key: str, *rest: Any) -> bool:
        if key.endswith(":one") and not self.done:
            self.done = True
            assert self.other.check()
            self.other.failed()
        return bool(self.cache.add(key, *rest))


def _late(monkeypatch: pytest.MonkeyPatch) -> breaker.Breaker:
    """A breaker that pauses no more, and whose next check is late."""
    one = breaker.Breaker("Cloud", f"http://late-{uuid4()}")
    with time_machine.travel(make.NOW, tick=False):
        for _ in range(breaker.FAILURES_MOST):
            one.failed()
    monkeypatch.setattr(breaker, "cache", Late(one))
    return one


def test_who_reads_the_pause_before_another_call_fails_makes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = _late(monkeypatch)
    later = make.NOW + timedelta(seconds=breaker.PAUSE_S + 1)
    with (
        time_machine.travel(later, tick=False),
        pytest.raises(OutsideFailure, match="calls pause"),
    ):
        one.check()


def test_control_without_the_second_look_both_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = _late(monkeypatch)

    def at_once(self: breaker.Breaker, _until: float) -> bool:
        return bool(breaker.cache.add(self._one, 1, breaker.ONE_CALL_S))

    monkeypatch.setattr(breaker.Breaker, "_is_the_one", at_once)
    later = make.NOW + timedelta(seconds=breaker.PAUSE_S + 1)
    with time_machine.travel(later, tick=False):
        assert one.check()


def test_who_says_when_to_come_back_is_not_broken(server: Rude) -> None:
    server.manner = manners.reply(503, retry_after="1")
    assert {_kind(_api(server)) for _ in range(8)} == {"unreachable"}


@pytest.mark.parametrize("status", [404, 409, 429])
def test_our_own_mistakes_do_not_pause(server: Rude, status: int) -> None:
    server.manner = manners.reply(status)
    for _ in range(8):
        with pytest.raises(OutsideFailure) as caught:
            _api(server).get("/x")
        assert caught.value.kind != "paused"


def test_without_the_cache_nobody_pauses(server: Rude, settings: Settings) -> None:
    settings.CACHES = settings.CACHES | {
        "shared": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    assert {_kind(_api(server)) for _ in range(7)} == {"failed"}


@pytest.mark.django_db
def test_a_pause_is_shown_and_a_test_by_hand_ends_it(server: Rude) -> None:
    row = make.connection("cloud", base_url=server.url)
    for _ in range(5):
        _kind(Api("cloud", server.url))
    assert queries.connections()[0].paused
    server.manner = manners.say({"not": "health"})
    operations.test(row.pk, now=make.NOW)
    assert not queries.connections()[0].paused
