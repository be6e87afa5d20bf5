"""The pages of bundles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def sent(client: Client, text: str, *, htmx: bool = False, **said: str) -> Any:
    """The page after this file was sent."""
    form = {"file": SimpleUploadedFile("b.json", text.encode())} | said
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post("/campaigns/bundle/", form, headers=headers)


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
        reply = sent(merchant, text, seen=sent(merchant, text).context["asked"].seen)
        assert reply["Location"] == f"/campaigns/{draft.code}/"
        assert bundles.exported(draft.code) == text

    def test_what_it_changes_of_a_draft_is_seen_before(self, merchant: Client) -> None:
        draft = make.campaign()
        text, line = bundles.exported(draft.code), draft.lines.get()
        campaigns.edit_line(
            line.pk,
            values=LineTerms(Decimal(65)),
            version=line.version,
            actor=draft.author,
            now=NOW,
        )
        shown = sent(merchant, text, htmx=True)
        assert shown["HX-Retarget"] == "#bundle-changes"
        assert shown["HX-Reswap"] == "innerHTML"
        assert 'id="bundle-changes"' not in shown.text
        assert sent(merchant, text).text.count('id="bundle-changes"') == 1
        (change,) = shown.context["asked"].changes
        assert change == (f"{line.sku.code}, sale price", "65.00", "70.00")
        assert f"Change the draft {draft.code}" in shown.text
        assert draft.lines.get().sale_price == 65
        campaigns.edit_line(
            line.pk,
            values=LineTerms(Decimal(66)),
            version=draft.lines.get().version,
            actor=draft.author,
            now=NOW,
        )
        old = shown.context["asked"].seen
        again = sent(merchant, text, seen=old)
        assert "Choose the same file again to agree" in again.text
        assert draft.lines.get().sale_price == 66
        sent(merchant, text, seen=again.context["asked"].seen)
        assert draft.lines.get().sale_price == 70

    def test_a_new_campaign_and_one_that_is_no_draft_are_not_asked_about(
        self, merchant: Client
    ) -> None:
        armed = make.armed()
        text = bundles.exported(armed.code)
        assert sent(merchant, text).status_code == 409
        new = bundles.exported(make.campaign().code).replace(
            Campaign.objects.latest("pk").code, "FS-0777"
        )
        reply = sent(merchant, new, unsigned="on")
        assert reply["Location"] == "/campaigns/FS-0777/"

    def test_an_edited_bundle_comes_in_with_a_warning_only(
        self, merchant: Client
    ) -> None:
        text = bundles.exported(make.campaign().code).replace("Alpine", "Alpina")
        form = {"file": SimpleUploadedFile("b.json", text.encode())}
        refused = merchant.post("/campaigns/bundle/", form)
        assert refused.status_code == 422
        assert "signature does not hold" in refused.content.decode()
        form = {"file": SimpleUploadedFile("b.json", text.encode()), "unsigned": "on"}
        seen = merchant.post("/campaigns/bundle/", form).context["asked"].seen
        form["file"] = SimpleUploadedFile("b.json", text.encode())
        form["seen"] = seen
        page = merchant.post("/campaigns/bundle/", form, follow=True)
        assert "Nobody vouches for this file" in page.content.decode()
        assert Campaign.objects.get().name.startswith("Alpina")
