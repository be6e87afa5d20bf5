"""Which version of a thing an edit starts from: its ETag, or a number in the body."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Header

from console.errors import Refusal

IfMatch = Annotated[str | None, Header(alias="If-Match")]


class VersionMissing(Refusal):
    """An edit must say which version it changes."""

    code = "version_missing"
    status = 428


def version_of(given: int | None, if_match: str | None) -> int:
    """The version an edit starts from: `version` of the body, or the ETag.

    Raises:
        VersionMissing: neither was sent, or the ETag is not one of ours.
    """
    if given is not None:
        return given
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        raise VersionMissing(
            "Send the version you read, as If-Match or in the body.", field="version"
        )
    return int(text)


def etag(reply: HttpResponse, version: int) -> None:
    """Name the version that an edit of this answer starts from."""
    reply["ETag"] = f'"{version}"'
