"""Telling shops what they may sell: one round to one shop.

A round claims what is due, sends the newest numbers in parts, and notes as shown only
what the shop shows. No call is made with a transaction open. Units are absolute, so
whatever was sent may be sent again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import structlog
from django.db import OperationalError

from console.errors import OutsideFailure, Refusal
from console.providers.operations import open_port
from console.providers.ports import Storefront
from console.stock import clock, noticing
from console.stock.operations import publishing as rows
from console.stock.operations import reading_back
from console.stock.operations.publishing import Round, Row
from console.stock.operations.soldout import watch
from console.stock.operations.wanting import compare
from console.stock.rules import publishing as rules

log = structlog.get_logger(__name__)


class _Over(Exception):
    """The round ends before its time: the shop failed, or the time is over."""


@dataclass
class _Sending:
    """One round at work. refused, taken: SKUs the shop would not, and would, take.

    sold, other: SKUs that were found to be sold there, and not. mute: what pages do
    cannot be told this time; units can.
    """

    shop: Storefront
    round: Round
    until: float
    refused: int = 0
    taken: int = 0
    calls: int = 0
    sold: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    mute: bool = False

    def key(self) -> str:
        """The name of one call: no two calls share one, whatever they say.

        A shop that remembers keys would else take a number that came back for a
        repetition, and go on showing the one between.
        """
        self.calls += 1
        return f"stock/{self.round.connection}/{self.round.fence}/{self.calls}"


def behind() -> list[str]:
    """Compare what shops were told with what may be sold; those to be told or asked."""
    now = clock.now()
    _watch(now)
    compare(now=now)
    return rows.with_work(now=now)


def _watch(now: datetime) -> None:
    """Note what is sold out; whatever comes of it, units are told."""
    try:
        watch(now=now)
    except OperationalError as busy:
        log.info("what is sold out waits", why=str(busy).splitlines()[0])
    except Exception:
        log.exception("cannot see what is sold out")


def run_round(connection: str) -> bool:
    """Tell a shop what is due, and read some again; True if more could go at once."""
    round_ = rows.begin(connection, now=clock.now())
    if round_ is None:
        return False
    try:
        _work(round_)
    except _Over:
        pass
    except Exception:
        log.exception("publishing.bug", shop=connection)
        told = OutsideFailure("Telling it failed. It was logged.", transient=True)
        rows.hold(round_, told, now=clock.now())
    finally:
        more = rows.finish(round_, now=clock.now())
    return more


def _work(round_: Round) -> None:
    try:
        shop = open_port(Storefront, round_.connection)
    except Refusal as refused:
        told = OutsideFailure(refused.message, transient=False, kind=refused.code)
        rows.stop(round_, told, now=clock.now())
        return
    sending = _Sending(shop, round_, time.monotonic() + rules.ROUND_S)
    for part in _parts(round_.rows):
        _tell(sending, part)
    for part in _parts(round_.again):
        _look(sending, part)


def _tell(sending: _Sending, part: Sequence[Row]) -> None:
    """Send one part; of one that is refused as a whole, each half by itself."""
    try:
        _send(sending, part)
    except OutsideFailure as failure:
        _failed(sending, part, failure)


def _failed(sending: _Sending, part: Sequence[Row], failure: OutsideFailure) -> None:
    now, round_ = clock.now(), sending.round
    if failure.transient:
        if failure.kind not in rules.OF_THE_WHOLE_SHOP:
            rows.postpone(round_, part, failure, now=now)
        rows.hold(round_, failure, now=now)
        raise _Over from failure
    if len(part) == 1:
        sending.refused += 1
    if rules.concerns_shop(failure.kind, refused=sending.refused, taken=sending.taken):
        rows.stop(round_, failure, now=now)
        raise _Over from failure
    if len(part) == 1:
        rows.refuse(round_, part[0], failure, now=now)
        return
    middle = len(part) // 2
    _tell(sending, part[:middle])
    _tell(sending, part[middle:])


def _send(sending: _Sending, part: Sequence[Row]) -> None:
    unsure = [row.sku for row in part if row.shown is None]
    known = _known(sending, unsure) if unsure else set()
    here = [row for row in part if row.shown is not None or row.sku in known]
    _check_time(sending)
    units = rows.values(sending.round, part)
    sent = {row.sku: units[row.pk] for row in here if row.pk in units}
    seen: dict[str, int | None] = {}
    if sent:
        sending.shop.publish_stock(sent, key=sending.key())
        seen = sending.shop.stock(list(sent))
    sending.taken += len(sent)
    pages, now = noticing.due(here) if sent else [], clock.now()
    reading_back.settle(sending.round, part, units, seen, pages=pages, now=now)
    if pages:
        _show(sending, pages, units, seen)


def _show(
    sending: _Sending,
    pages: Sequence[Row],
    units: Mapping[int, int],
    seen: Mapping[str, int | None],
) -> None:
    """Have pages do what they should once their units are told; each half by itself
    where they are refused as a whole.
    """
    round_ = sending.round
    if sending.mute:
        return
    try:
        _check_time(sending)
        noticing.show(sending.shop, round_, pages, sending.key)
    except OutsideFailure as failure:
        if len(pages) > 1 and _of_one_page(failure):
            middle = len(pages) // 2
            for half in (pages[:middle], pages[middle:]):
                _show(sending, half, units, seen)
        else:
            _not_shown(sending, pages, failure)
        return
    reading_back.settle(round_, pages, units, seen, now=clock.now())


def _of_one_page(failure: OutsideFailure) -> bool:
    if failure.transient:
        return failure.kind == "conflict"
    return not rules.concerns_shop(failure.kind)


def _not_shown(
    sending: _Sending, pages: Sequence[Row], failure: OutsideFailure
) -> None:
    """Pages that fail hold up no units; who asks for time is left alone."""
    now, round_ = clock.now(), sending.round
    if not failure.transient:
        for page in pages:
            rows.refuse(round_, page, failure, now=now)
        return
    rows.postpone(round_, pages, failure, now=now)
    _page_trouble(sending, failure)


def _page_trouble(sending: _Sending, failure: OutsideFailure) -> None:
    if failure.kind == "rate_limited":
        rows.hold(sending.round, failure, now=clock.now())
        raise _Over from failure
    sending.mute = sending.mute or failure.kind == "unreachable"


def _known(sending: _Sending, skus: Sequence[str]) -> set[str]:
    """Which of these the shop sells: it shows units of them, or else has a price."""
    unsure = [sku for sku in skus if sku not in sending.sold | sending.other]
    if unsure:
        _check_time(sending)
        shown = sending.shop.stock(unsure)
        bare = [sku for sku in unsure if shown.get(sku) is None]
        priced = sending.shop.prices(bare) if bare else {}
        sending.other |= {*bare} - {*priced}
        sending.sold |= {*unsure} - sending.other
    return sending.sold & {*skus}


def _check_time(sending: _Sending) -> None:
    if time.monotonic() > sending.until:
        raise _Over


def _look(sending: _Sending, part: Sequence[Row]) -> None:
    """Read again what was shown, or was not sold there, a while ago."""
    _check_time(sending)
    try:
        seen = sending.shop.stock([row.sku for row in part])
        unknown = [row.sku for row in part if row.state == rules.Publishing.UNKNOWN]
        sold = _known(sending, unknown) if unknown else set()
    except OutsideFailure as failure:
        _unread(sending, part, failure)
        return
    lost, failed = (0, None) if sending.mute else _look_at_pages(sending, part)
    wrong = reading_back.read_back(sending.round, part, seen, sold, now=clock.now())
    wrong += lost
    if failed:
        _page_trouble(sending, failed)
    if wrong:
        name = sending.round.connection
        log.warning("the shop showed something else", shop=name, skus=wrong)


def _look_at_pages(
    sending: _Sending, part: Sequence[Row]
) -> tuple[int, OutsideFailure | None]:
    """Read again what pages do: how many lost it, or why they could not be read."""
    try:
        lost = noticing.look(sending.shop, sending.round, part, now=clock.now())
    except OutsideFailure as failure:
        name, why = sending.round.connection, failure.message or failure.kind
        log.warning("pages could not be read", shop=name, why=why)
        return 0, failure
    return lost, None


def _unread(sending: _Sending, part: Sequence[Row], failure: OutsideFailure) -> None:
    """Read it again another time; of what can never be read, each half by itself."""
    now, round_ = clock.now(), sending.round
    if not failure.transient and not rules.concerns_shop(failure.kind):
        if len(part) > 1:
            middle = len(part) // 2
            _look(sending, part[:middle])
            _look(sending, part[middle:])
            return
        rows.pass_over(round_, part, failure, now=now)
        return
    if failure.transient:
        if failure.kind not in rules.OF_THE_WHOLE_SHOP:
            rows.pass_over(round_, part, failure, now=now)
        rows.hold(round_, failure, now=now)
    else:
        rows.stop(round_, failure, now=now)
    raise _Over from failure


def _parts(found: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """What was tried least first; the oftener it failed, the smaller its parts.

    So one SKU that a shop cannot take is soon alone, and holds no other up.
    """
    order = sorted(found, key=lambda row: row.tries)
    for tries, same in groupby(order, key=lambda row: row.tries):
        size, part = max(1, rules.PART >> tries), list(same)
        for start in range(0, len(part), size):
            yield part[start : start + size]
