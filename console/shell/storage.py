"""Static files: hashed names where they were collected, plain ones in development."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Serves far-future cacheable names; a file not collected keeps its plain name."""

    manifest_strict = False
