"""The bell that takes a snapshot, and what it hands over."""

from __future__ import annotations

import threading

import pytest
from pytest_django import Settings

from console.campaigns.models import Campaign
from console.live import probes, tasks
from console.live.models import Sample

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
