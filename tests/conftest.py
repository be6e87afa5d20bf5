"""What every test gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from pytest_django import DjangoDbBlocker

from tests import template
from tests.emptying import empty, end
from tests.examples import register
from tests.figures import pytest_terminal_summary
from tests.make import NOW
from tests.order import pytest_collection_modifyitems
from tests.template import pytest_collection_finish

__all__ = [
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_terminal_summary",
]

register()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database is a copy of one that was migrated for all workers."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Transactional tests leave an empty database behind, and nobody in it at last."""
    TransactionTestCase._fixture_teardown = lambda _case: empty()
    yield
    with django_db_blocker.unblock():
        end()
        # Beside a loop of Playwright's this is not the one that is closed below.
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def _quick_settings() -> Iterator[None]:
    """Static files are named without a collected manifest, and hashes are quick."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": {"BACKEND": plain}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clocks stand still at the instant tests plan from, whatever the date is."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setattr("console.stock.clock.now", lambda: NOW)
