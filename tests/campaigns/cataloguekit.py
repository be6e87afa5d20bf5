"""Catalogues as tests bring them in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from console.campaigns import operations as campaigns
from console.campaigns.catalogue.reading import read
from console.campaigns.operations import BadRows, Brought
from console.campaigns.queries.places import channels
from console.stock.models import Sku
from tests import make
from tests.make import NOW

FULL = "sku,name,variant,category,brand,list_price,currency,cost"
PAST = "sku,list_price,currency,from_at,remark"


def sheet(head: str, *rows: str) -> bytes:
    return "\n".join([head, *rows]).encode()


def bring(
    head: str, *rows: str, actor: User | None = None, now: datetime = NOW, **said: Any
) -> Brought:
    file = SimpleUploadedFile("catalogue.csv", sheet(head, *rows))
    good, bad = read(file, dict(channels()))
    return campaigns.update_catalogue(
        good, bad, actor=actor or make.user("merchandiser"), now=now, **said
    )


def refused(head: str, *rows: str) -> list[tuple[int, str, str]]:
    """What is wrong with these rows: number, column, sentence."""
    try:
        bring(head, *rows)
    except BadRows as bad:
        return [(x["row"], x["field"], x["message"]) for x in bad.detail["rows"]]
    return []


def sku(code: str) -> Sku:
    return Sku.objects.get(code=code)
