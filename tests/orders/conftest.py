"""What the tests of orders share: a store's connection, an ERP and a destination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from console.orders import operations
from console.orders.models import Destination
from console.providers.models import Connection
from tests.orders import erp as erps

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def shop(db: None) -> Connection:
    """The connection of a store that signs with SECRET."""
    return Connection.objects.create(
        name="shop",
        driver="sandbox_shop",
        base_url="http://127.0.0.1:9",
        webhook_secret=SECRET,
    )


@pytest.fixture
def erp() -> Iterator[erps.Erp]:
    """A running ERP."""
    with erps.running() as one:
        yield one


@pytest.fixture
def destination(erp: erps.Erp, db: None) -> Destination:
    """Where orders go: the running ERP, at up to 100 a second."""
    Connection.objects.create(
        name="erp", driver="sandbox_erp", base_url=erp.url, secret="x", timeout_s=9
    )
    return operations.add_destination(
        "ERP",
        connection="erp",
        limit_per_s=125,
        actor=None,
        now=timezone.now() - timedelta(days=1),
    )
