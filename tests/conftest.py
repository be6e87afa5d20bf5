"""What every test gets."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django import Settings

# How long an example takes depends on what else the machine does.
hypothesis.register_profile(
    "console", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("console")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Between transactional tests Django empties every table by TRUNCATE.

    Append-only tables refuse that, so here their refusal is switched off; the tests
    about it switch it on again.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select tgrelid::regclass::text, quote_ident(tgname) from pg_trigger"
            " where not tgisinternal and tgtype & 32 = 32"
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"alter table {table} disable trigger {trigger}")


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings) -> None:
    """Templates name static files without a collected manifest."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
