"""The pages of bundles."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("still_clock")
class TestPages:
    """The link in the menu, and the import on the page of a new campaign."""

    def test_the_menu_leads_to_the_file(self, merchant: Client) -> None:
        code = make.campaign().code
        there = reverse("campaigns:bundle", args=[code])
        assert there in merchant.get(f"/campaigns/{code}/").content.decode()
        reply = merchant.get(there)
        assert reply.content.decode() == bundles.exported(code)
        assert reply["Content-Disposition"] == f'attachment; filename="{code}.json"'

    def test_a_bundle_is_brought_in(self, merchant: Client) -> None:
        draft = make.campaign()
        text = bundles.exported(draft.code)
        campaigns.remove_lines(
            draft.code,
            line_ids=[line.pk for line in draft.lines.all()],
            actor=draft.author,
            now=NOW,
        )
        assert merchant.get("/campaigns/bundle/").status_code == 200
        form = {"file": SimpleUploadedFile("b.json", text.encode())}
        reply = merchant.post("/campaigns/bundle/", form)
        assert reply["Location"] == f"/campaigns/{draft.code}/"
        assert bundles.exported(draft.code) == text

    def test_an_edited_bundle_comes_in_with_a_warning_only(
        self, merchant: Client
    ) -> None:
        text = bundles.exported(make.campaign().code).replace("Alpine", "Alpina")
        form = {"file": SimpleUploadedFile("b.json", text.encode())}
        refused = merchant.post("/campaigns/bundle/", form)
        assert refused.status_code == 422
        assert "signature does not hold" in refused.content.decode()
        form = {"file": SimpleUploadedFile("b.json", text.encode()), "unsigned": "on"}
        page = merchant.post("/campaigns/bundle/", form, follow=True)
        assert "Nobody vouches for this file" in page.content.decode()
        assert Campaign.objects.get().name.startswith("Alpina")
