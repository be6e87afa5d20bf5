"""Hostile addresses: none of them is ever dialled."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from console.errors import OutsideFailure, Refusal
from console.providers.addresses import why_not
from console.providers.client import Api
from console.providers.dialling import AddressNotAllowed, check_public, resolve

CORPUS = Path(__file__).with_name("hostile.txt").read_text().split()
NAMES = {
    "rebind.example.com": ["93.184.216.34", "127.0.0.1"],
    "inside.example.com": ["10.1.2.3"],
    "meta.example.com": ["169.254.169.254"],
    "nat64.example.com": ["64:ff9b::7f00:1"],
    "mapped.example.com": ["::ffff:10.0.0.1"],
    "cgnat.example.com": ["100.64.3.4"],
}


@pytest.fixture(autouse=True)
def dials(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[list[object]]:
    """Every attempt to open a connection; the resolver knows a few hostile names."""
    settings.PRIVATE_HOSTS_ALLOWED = []
    dialled: list[object] = []
    ask = socket.getaddrinfo

    def dial(address: object, *args: object, **kwargs: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    def lookup(host: str, port: int, *args: int) -> list[object]:
        given = NAMES.get(host)
        if given is None:
            return list(ask(host, port, *args))
        return [(0, 0, 0, "", (address, port)) for address in given]

    monkeypatch.setattr(socket, "create_connection", dial)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield dialled


def _hostile() -> list[str]:
    return [*CORPUS, *(f"https://{name}/" for name in NAMES)]


def test_the_corpus_is_large_enough() -> None:
    assert len(set(_hostile())) >= 90


@pytest.mark.parametrize("url", _hostile())
def test_a_hostile_address_is_never_dialled(url: str, dials: list[object]) -> None:
    with pytest.raises((Refusal, OutsideFailure)) as caught:
        Api("Shop", "https://shop.example.com", timeout_s=3).fetch(url)
    assert dials == []
    assert caught.value.message


@pytest.mark.parametrize("url", _hostile())
def test_a_connection_to_it_is_refused_by_name(url: str) -> None:
    with pytest.raises(AddressNotAllowed) as caught:
        check_public(url, field="base_url")
    assert caught.value.field == "base_url"


def test_control_a_public_address_is_dialled(dials: list[object]) -> None:
    with pytest.raises(OutsideFailure, match="cannot be reached"):
        Api("Shop", "", timeout_s=3).fetch("http://93.184.216.34/")
    assert dials == [("93.184.216.34", 80)]


def test_the_checked_address_is_dialled_and_not_looked_up_again(
    dials: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    def lookup(host: str, port: int, *args: int) -> list[object]:
        return [(0, 0, 0, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(OutsideFailure):
        Api("Shop", "", timeout_s=3).fetch("http://flips.example.com/")
    assert dials == [("93.184.216.34", 80)]


def test_every_name_is_looked_up_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = threading.Event()

    def lookup(*args: object) -> list[object]:
        asked.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(OutsideFailure, match="did not answer in time"):
        Api("Shop", "", timeout_s=0.3).fetch("http://slow.example.com/")
    asked.set()


def test_a_named_private_host_may_be_called(settings: Settings) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1:9", "localhost:*"]
    assert resolve("127.0.0.1", 9) == ["127.0.0.1"]
    assert resolve("LocalHost", 4711)
    with pytest.raises(AddressNotAllowed, match=r"add 127\.0\.0\.1:10 to PRIVATE"):
        resolve("127.0.0.1", 10)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "11.0.0.1"]
)
def test_public_addresses_pass(address: str) -> None:
    assert why_not(address) == ""
