"""The bell that takes a snapshot, and what it hands over."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from console.campaigns.models import Campaign
from console.live import probes, tasks
from console.live.models import Sample
from tests.sandbox.stand import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_snapshot_shows_what_the_round_of_questions_before_it_found(
    sale: Campaign, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EDGE_URL = "http://127.0.0.1:1"
    monkeypatch.setattr(probes, "watch", probes.Watch())
    assert health() == {}
    answered()
    found = health()
    answered()
    assert (found["Database"], found["Edge server"]) == ("ok", "down")


def test_a_bell_while_a_snapshot_is_taken_has_the_next_taken_and_a_third_nothing(
    sale: Campaign,
) -> None:
    with tasks._turn:
        second = looking()
        until(tasks._waiting.locked)
        third = looking()
        third.join(30)
        assert (second.is_alive(), third.is_alive()) == (True, False)
        assert not Sample.objects.exists()
        released = timezone.now()
    second.join(30)
    assert datetime.fromisoformat(Sample.objects.get().data["at"]) >= released
    tasks.look()


def looking() -> threading.Thread:
    """Another thread of the worker that takes a snapshot."""

    def look() -> None:
        try:
            tasks.look()
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    return thread


def answered() -> None:
    """Wait for whoever asks by now."""
    for asking in threading.enumerate():
        if asking.name == "pulses":
            asking.join(30)


def health() -> dict[str, str]:
    """The state of each part in a snapshot taken now."""
    Sample.objects.all().delete()
    tasks.look()
    told = Sample.objects.get().data["health"]
    return {part["name"]: part["state"] for part in told}
