"""The review of a plan that one person let go alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.campaigns import operations, queries
from console.campaigns.forms.glass import ReviewForm
from console.campaigns.queries import approvals
from console.campaigns.views.asked import CHANGED, actor
from console.shell.show import done, show


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Show who broke the glass and why, or write the review down."""
    head, form = queries.head(code), ReviewForm(request.POST or None)
    if form.is_valid():
        operations.review_glass(
            code, **form.cleaned_data, actor=actor(request), now=timezone.now()
        )
        there = reverse("campaigns:plan", args=[code])
        return done(request, f"{code}: Reviewed", CHANGED, to=there)
    context = {
        "campaign": head,
        "tab": "",
        "form": form,
        "glasses": approvals.glasses(head.campaign),
    }
    status = 422 if form.errors else 200
    return show(request, "campaigns/glass.html", context, status=status)
