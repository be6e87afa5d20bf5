"""What the tests of this room share."""

from __future__ import annotations

from tests.sandboxed import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]
