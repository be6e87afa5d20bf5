"""Sheets of levels as tests upload, try and write them."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.stock import clock
from console.stock.models import LevelImport
from console.stock.operations import imports
from console.stock.tasks import run_import
from tests import make

HEAD = "sku,location,on_hand,committed,buffer"


def sheet(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def start(
    body: bytes, *, name: str = "levels.csv", by: User | None = None
) -> LevelImport:
    by = by or make.user("operator")
    return imports.start(SimpleUploadedFile(name, body), actor=by, now=clock.now())


def tried(
    body: bytes, *, name: str = "levels.csv", by: User | None = None
) -> LevelImport:
    job = start(body, name=name, by=by)
    run_import(job.pk)
    return LevelImport.objects.get(pk=job.pk)


def written(
    body: bytes, mode: str = "all", *, name: str = "levels.csv", by: User | None = None
) -> LevelImport:
    """Tried and, where it would change something, written."""
    job = tried(body, name=name, by=by)
    if job.state != LevelImport.State.CHECKED:
        return job
    imports.confirm(job.pk, mode=mode, actor=job.by)
    run_import(job.pk)
    return LevelImport.objects.get(pk=job.pk)


def counts(job: LevelImport) -> tuple[int, int, int, int]:
    return job.created, job.updated, job.unchanged, job.failed


def sentences(job: LevelImport) -> dict[int, str]:
    return dict(job.bad.values_list("number", "message"))


def exported(client: Client, form: str = "csv") -> bytes:
    """The sheet of levels that goes out."""
    reply = client.get(reverse("stock:export", args=[form]))
    sent: bytes = reply.getvalue()
    return sent
