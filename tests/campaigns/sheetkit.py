"""Sheets of lines as tests upload, try and apply them."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from console.campaigns.models import Campaign, ImportJob
from console.campaigns.operations import imports
from console.campaigns.queries.imports import preview
from console.campaigns.sheets import Options
from console.campaigns.tasks import run_import
from tests.make import NOW


def sheet(*rows: str, head: str = "sku,sale_price,units,buffer") -> bytes:
    return "\n".join([head, *rows]).encode()


def start(campaign: Campaign, body: bytes, **options: Any) -> ImportJob:
    return imports.start(
        campaign.code,
        SimpleUploadedFile("lines.csv", body),
        options=Options(**options),
        actor=campaign.author,
        now=NOW,
    )


def tried(campaign: Campaign, body: bytes, **options: Any) -> ImportJob:
    job = start(campaign, body, **options)
    run_import(job.pk)
    return ImportJob.objects.get(pk=job.pk)


def applied(campaign: Campaign, body: bytes, mode: str = "all") -> ImportJob:
    job = tried(campaign, body)
    imports.confirm(job.pk, mode=mode, actor=campaign.author)
    run_import(job.pk)
    return ImportJob.objects.get(pk=job.pk)


def counts(job: ImportJob) -> tuple[int, int, int, int, int]:
    told = preview(job)
    return told.created, told.updated, told.unchanged, told.skipped, told.failed
