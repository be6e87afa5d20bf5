"""Answers kept for a moment: one read for all who ask at once."""

from __future__ import annotations

import asyncio

import pytest

from console.stock import kept, links
from console.stock.kept import Kept


class Source:
    """Answers slowly, and counts how often it was asked."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails = fails

    async def read(self, *asked: str) -> bytes:
        self.asked.append(asked)
        await asyncio.sleep(0.02)
        if len(self.asked) <= self.fails:
            raise ConnectionError("away")
        return f"{len(self.asked)}".encode()


def test_many_who_ask_at_once_cost_one_read() -> None:
    source = Source()

    async def all_at_once() -> list[bytes]:
        one = Kept(source.read)
        return await asyncio.gather(*(one.answer(("FS-1", "A")) for _ in range(300)))

    assert set(asyncio.run(all_at_once())) == {b"1"}
    assert source.asked == [("FS-1", "A")]


def test_each_question_has_its_own_answer() -> None:
    source = Source()

    async def two() -> list[bytes]:
        one = Kept(source.read)
        return await asyncio.gather(one.answer(("A",)), one.answer(("B",)))

    assert asyncio.run(two()) == [b"2", b"2"]
    assert source.asked == [("A",), ("B",)]


def test_an_answer_is_read_again_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "KEPT_S", 0.05)
    source = Source()

    async def later() -> list[bytes]:
        one = Kept(source.read)
        first = [await one.answer(("A",)), await one.answer(("A",))]
        await asyncio.sleep(0.06)
        return [*first, await one.answer(("A",))]

    assert asyncio.run(later()) == [b"1", b"1", b"2"]


def test_a_failure_is_told_to_all_who_wait_and_not_kept() -> None:
    source = Source(fails=1)

    async def again() -> tuple[list[object], bytes]:
        one = Kept(source.read)
        asked = (one.answer(("A",)) for _ in range(3))
        failed = await asyncio.gather(*asked, return_exceptions=True)
        return failed, await one.answer(("A",))

    failed, then = asyncio.run(again())
    assert [type(one) for one in failed] == [ConnectionError] * 3
    assert then == b"2"


def test_one_who_hangs_up_does_not_take_the_answer_from_the_others() -> None:
    source = Source()

    async def hang_up() -> bytes:
        one = Kept(source.read)
        first = asyncio.ensure_future(one.answer(("A",)))
        second = asyncio.ensure_future(one.answer(("A",)))
        await asyncio.sleep(0.005)
        first.cancel()
        return await second

    assert asyncio.run(hang_up()) == b"1"
    assert len(source.asked) == 1


def test_only_so_many_wait_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_WAITING", 20)
    source = Source()

    async def many() -> list[bytes | BaseException]:
        one = Kept(source.read)
        asking = [one.answer(("A",)) for _ in range(30)]
        return await asyncio.gather(*asking, return_exceptions=True)

    got = asyncio.run(many())
    assert got[:20] == [b"1"] * 20
    assert {type(one) for one in got[20:]} == {links.Busy}
