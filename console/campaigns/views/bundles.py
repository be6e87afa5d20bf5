"""Campaigns as files: out of a campaign's menu, and in on the page of a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget

from console.campaigns import bundles
from console.campaigns.rules import State
from console.campaigns.rules.bundles import LARGEST
from console.campaigns.views.asked import actor
from console.campaigns.views.changing import Asked, asked
from console.errors import Refusal
from console.shell.forms import SayingForm
from console.shell.parts import asks_for_part
from console.shell.show import done, show


class BundleForm(SayingForm):
    """A bundle, and whether to take one nobody vouches for."""

    file = forms.FileField(
        label="Bundle",
        help_text="The file that Export as bundle gave.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
        error_messages={"required": "Choose a bundle."},
    )
    unsigned = forms.BooleanField(
        label="Take it although its signature does not hold",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )

    def clean(self) -> dict[str, Any]:
        """Open the file, so that its field can say what is wrong."""
        data = super().clean() or {}
        if data.get("file"):
            try:
                content = data["file"].read(LARGEST + 1)
                self.found = bundles.opened(content, unsigned=data["unsigned"])
            except Refusal as refused:
                self.add_error("file", refused.message)
        return data


@require_safe
def export(_request: HttpRequest, code: str) -> HttpResponse:
    """A campaign as one signed file."""
    headers = {"Content-Disposition": f'attachment; filename="{code}.json"'}
    text = bundles.exported(code)
    return HttpResponse(text, content_type="application/json", headers=headers)


def _asked(request: HttpRequest, form: BundleForm, shown: Asked) -> HttpResponse:
    """Show what would change; a page with htmx keeps the file that was chosen."""
    context = {"form": form, "asked": shown}
    if not asks_for_part(request):
        return render(request, "campaigns/bundle.html", context)
    reply = render(request, "campaigns/_bundle_changes.html", context | {"oob": True})
    return reswap(retarget(reply, "#bundle-changes"), "innerHTML")


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Bring a campaign in as a draft: a new one, or one changed, once that is seen."""
    form = BundleForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        status = 422 if form.errors else 200
        return show(request, "campaigns/bundle.html", {"form": form}, status=status)
    bundle = form.found.bundle
    held = bundles.held_as(bundle.code)
    if held and held.state == State.DRAFT:
        shown = asked(bundle, held)
        if request.POST.get("seen") != shown.seen:
            return _asked(request, form, shown)
    told = bundles.bring_in(form.found, actor=actor(request), now=timezone.now())
    code, warning = told.campaign.code, form.found.warning
    word = "Brought in" if told.created else "Changed"
    there = reverse("campaigns:plan", args=[code])
    tone = "warn" if warning else "ok"
    return done(request, f"{word} {code}. {warning}".strip(), to=there, tone=tone)
