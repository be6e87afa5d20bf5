"""The calendar page with 500 campaigns: `planning.calendar_ms_p95`, each zoom."""

from __future__ import annotations

import statistics
import time

from bench import say
from bench.planning import _world
from bench.stage import database

ROUNDS = 30
LIMIT_MS = 150
CAMPAIGNS = 500


def main() -> None:
    """Print the slowest zoom; a year shows fifty of them, the score needs all."""
    with database():
        _world.shop(CAMPAIGNS, shared=CAMPAIGNS)
        _squeeze()
        _world.analyze()
        times = {zoom: _times(zoom) for zoom in ("month", "quarter", "year")}
    for zoom, found in times.items():
        p95 = statistics.quantiles(found, n=20)[-1]
        say(f"planning.calendar_ms_p95 {zoom}", p95, "ms", limit=LIMIT_MS, n=ROUNDS)


def _squeeze() -> None:
    """Let all of them run within the year that is shown."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_campaign set"
            " opens_at = now + (opens_at - now) / 20,"
            " closes_at = now + (opens_at - now) / 20 + interval '4 hours'"
            " from (select timestamptz '2026-07-01') as t(now) where code <> 'FS-0001'"
        )


def _times(zoom: str) -> list[float]:
    from django.contrib.auth.models import Group, User
    from django.test import Client, override_settings

    person, _ = User.objects.get_or_create(username="reader")
    person.groups.add(Group.objects.get_or_create(name="merchandiser")[0])
    client = Client()
    client.force_login(person)
    found = []
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={"staticfiles": plain}, ALLOWED_HOSTS=["*"]):
        for round_ in range(ROUNDS + 3):
            began = time.perf_counter()
            page = client.get("/calendar/", {"zoom": zoom, "at": "2026-07-01"})
            if round_ > 2:
                found.append((time.perf_counter() - began) * 1000)
    assert page.status_code == 200
    return found


if __name__ == "__main__":
    main()
