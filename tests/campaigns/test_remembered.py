"""What the lines of campaigns say is remembered by the version that said it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pytest_django import Settings

from console.campaigns.models import Campaign
from console.campaigns.queries.remembered import remembered
from tests import make

pytestmark = pytest.mark.django_db


class Reader:
    """Says the name of each campaign, and keeps how many it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, campaigns: Sequence[Campaign]) -> dict[int, str]:
        self.asked.append(len(campaigns))
        return {one.pk: one.name for one in campaigns}


def told(campaigns: Sequence[Campaign], read: Reader) -> list[str]:
    found = remembered("name", campaigns, read)
    return [found[one.pk] for one in campaigns]


def test_only_what_is_unknown_is_read() -> None:
    one, other = make.campaign(name="Autumn"), make.campaign(name="Winter")
    read = Reader()
    assert told([one], read) == ["Autumn"]
    assert told([one, other], read) == ["Autumn", "Winter"]
    assert told([one, other], read) == ["Autumn", "Winter"]
    assert told([], read) == []
    assert read.asked == [1, 1]


def test_another_version_is_read_anew() -> None:
    one, read = make.campaign(name="Autumn"), Reader()
    told([one], read)
    one.name, one.version = "Winter", one.version + 1
    assert told([one], read) == ["Winter"]


def test_without_redis_everything_is_read(settings: Settings) -> None:
    away = {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {name: at | away for name, at in settings.CACHES.items()}
    one, read = make.campaign(name="Autumn"), Reader()
    assert told([one], read) == told([one], read) == ["Autumn"]
    assert read.asked == [1, 1]
