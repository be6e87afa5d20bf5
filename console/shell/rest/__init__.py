"""What every room's REST endpoints share: problems, permissions, repeats, OpenAPI."""

from __future__ import annotations

BASE = "/api/v1/"
