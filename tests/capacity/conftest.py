"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import make
from tests.sandboxed import Sandbox, running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, connected under the names the steps use."""
    for kind in ("cloud", "cdn", "shop"):
        make.connection(
            kind, f"sandbox_{kind}", base_url=sandbox.url, secret=sandbox.token
        )
    yield sandbox
