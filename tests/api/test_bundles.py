"""Campaigns as files, by program."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console.campaigns import bundles
from console.campaigns.models import Campaign
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check

pytestmark = pytest.mark.django_db


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("sale.json", text.encode())


def test_a_campaign_goes_out_and_comes_in(merchant: Caller) -> None:
    code = make.campaign().code
    reply = merchant.get(f"/campaigns/{code}/bundle")
    check(reply)
    text = reply.content.decode()
    assert text == bundles.exported(code)
    told = check(merchant.upload("/bundles", file=file(text)))
    assert (told["created"], told["signed"], told["warning"]) == (False, True, "")
    assert check(merchant.upload("/bundles/difference", file=file(text))) == []


def test_an_edited_file_needs_a_word(merchant: Caller) -> None:
    text = bundles.exported(make.campaign().code).replace("Alpine", "Alpina")
    refused = merchant.upload("/bundles", file=file(text))
    assert (refused.status_code, check(refused)["code"]) == (409, "bundle_changed")
    assert Campaign.objects.get().name.startswith("Alpine")
    form = {"file": file(text), "unsigned": "true"}
    found = check(merchant.upload("/bundles/difference", **form))
    assert [one["what"] for one in found] == ["terms.name"]
    form = {"file": file(text), "unsigned": "true"}
    told = check(merchant.upload("/bundles", **form))
    assert (told["signed"], bool(told["warning"])) == (False, True)
    assert told["campaign"]["name"].startswith("Alpina")


def test_without_a_file_the_field_is_named(merchant: Caller) -> None:
    assert check(merchant.upload("/bundles"))["field"] == "file"
