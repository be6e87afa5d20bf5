"""Uploads are bounded while they arrive, not after."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from console.errors import Refusal


class UploadTooLarge(Refusal, SuspiciousOperation):
    """The file is bigger than the limit; nothing was kept.

    Often raised while the token of the form is looked for, before any view: there
    Django answers a SuspiciousOperation with handler400, and all else as a bug.
    """

    code = "upload_too_large"
    status = 413


class BoundedUpload(FileUploadHandler):
    """Stops reading a request at the limit of `UPLOAD_LIMIT_MB`."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse at once when the declared length is already too much."""
        self.seen = 0
        if content_length and content_length > self.limit:
            raise self.too_large()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count what arrives and pass it on.

        Raises:
            StopUpload: more arrived than was declared and allowed.
        """
        self.seen += len(raw_data)
        if self.seen > self.limit:
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""

    @property
    def limit(self) -> int:
        """The limit in bytes."""
        return int(settings.UPLOAD_LIMIT_MB) * 1024 * 1024

    def too_large(self) -> UploadTooLarge:
        """The sentence for a person."""
        return UploadTooLarge(
            f"The file is larger than {settings.UPLOAD_LIMIT_MB} MB. "
            "Split it, or ask an admin to raise UPLOAD_LIMIT_MB.",
            field="file",
        )
