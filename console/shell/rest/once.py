"""Repeats of a request: the same key gives the same answer, and is acted on once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from console.errors import Refusal
from console.shell.models import Answer
from console.shell.refusals import speak
from console.shell.rest import BASE
from console.shell.rest.routes import SAFE

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = ("Content-Type", "ETag", "Location", "Content-Disposition")
PATIENCE_S = 10
NOT_KEPT = {401, 403, 413, 429}
"""Answers about who asks, not about what was asked: the next try may fare better."""

Act = Callable[[], HttpResponse]
Handler = Callable[[HttpRequest], HttpResponse]


class KeyMalformed(Refusal):
    """An empty key, or one that is too long."""

    code = "idempotency_key_malformed"
    status = 400


class KeyReused(Refusal):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    status = 422


class InProgress(Refusal):
    """The first request with this key is still at work."""

    code = "idempotency_in_progress"


class BodyTooLarge(Refusal):
    """More than a JSON body may have."""

    code = "body_too_large"
    status = 413


class OnceMiddleware:
    """Carries out once what came with a key; the last in line of the gatekeepers."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; what matters happens once the address is resolved."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer a request that carries a key; leave all others to their view."""
        if request.method in SAFE or not request.path.startswith(BASE):
            return None
        try:
            _check_length(request)
            key = request.headers.get(HEADER)
            if key is None:
                return None
            return once(request, _checked(key), lambda: view(request, *args, **kwargs))
        except Refusal as refused:
            return speak(request, refused)


def _check_length(request: HttpRequest) -> None:
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    if sent > limit and request.content_type != "multipart/form-data":
        raise BodyTooLarge(
            f"The body has more than {limit // 2**20} MB. Send a sheet instead.",
            field="body",
        )


def _checked(key: str) -> str:
    if not 1 <= len(key) <= 200:
        raise KeyMalformed(f"{HEADER} has 1 to 200 characters.", field=HEADER)
    return key


def once(request: HttpRequest, key: str, act: Act) -> HttpResponse:
    """The answer to a request: kept from before, or made now and kept with it.

    Key, work and answer are one transaction, so a worker that dies leaves none of them.
    A repeat that arrives meanwhile waits for the first one's answer.

    Raises:
        KeyReused: the same key came with another request.
        InProgress: the first one takes longer than we wait.
    """
    wanted = Answer(
        who=_who(request), key=key, digest=_digest(request), at=timezone.now()
    )
    with transaction.atomic():
        row, new = _claim(wanted)
        if not new:
            return _again(row, bytes(wanted.digest))
        reply = act()
        if reply.status_code >= 500 or reply.status_code in NOT_KEPT:
            transaction.set_rollback(True)
        else:
            _keep(row, reply)
        return reply


def _who(request: HttpRequest) -> str:
    token = getattr(request, "token", None)
    return f"token:{token.pk}" if token else f"user:{request.user.pk}"


def _digest(request: HttpRequest) -> bytes:
    """A hash of what was asked; of a form its fields and files, not their framing."""
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        told.update(request.body)
        return told.digest()
    for name, values in sorted(request.POST.lists()):
        told.update(repr((name, values)).encode())
    for name, file in sorted(request.FILES.items()):
        assert isinstance(file, UploadedFile)
        told.update(repr((name, file.name, file.size)).encode())
        for chunk in file.chunks():
            told.update(chunk)
        file.seek(0)
    return told.digest()


def _claim(wanted: Answer) -> tuple[Answer, bool]:
    """The row of the key, and whether it is new; waits for whoever holds it."""
    given = {"digest": wanted.digest, "at": wanted.at}
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
        try:
            found = Answer.objects.get_or_create(
                who=wanted.who, key=wanted.key, defaults=given
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise InProgress(
                    "The first request with this key is still at work. Ask again soon."
                ) from None
            raise
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return found


def _again(row: Answer, digest: bytes) -> HttpResponse:
    if bytes(row.digest) != digest:
        raise KeyReused(
            f"This {HEADER} came with another request before. Use a new one.",
            field=HEADER,
        )
    reply = HttpResponse(bytes(row.body), status=row.status, headers=row.headers)
    reply[REPLAYED] = "true"
    return reply


def _keep(row: Answer, reply: HttpResponse) -> None:
    row.status, row.body = reply.status_code, reply.content
    row.headers = {name: reply[name] for name in KEPT if name in reply}
    row.save(update_fields=["status", "body", "headers"])


def forget(*, before: datetime) -> int:
    """Drop the answers kept since before an instant; how many."""
    return Answer.objects.filter(at__lt=before).delete()[0]
