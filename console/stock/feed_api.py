"""Feeds for programs: signed movements in, an answer for each."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from console.providers import signing
from console.stock import clock, feed_body
from console.stock.operations import feeds
from console.stock.rules.feeds import FeedTooLarge

BODY_LIMIT = 512 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, name: str) -> JsonResponse:
    """Check the signature over the raw body, keep each movement once, answer each.

    Nobody signs for a feed that is not there, so no name of one is told.
    """
    now = clock.now()
    feed = feeds.feed_called(name)
    body = _body(request)
    secrets = feed.secret.split() if feed else []
    signing.verify(request.headers, body, secrets=secrets, now=now)
    feed = feeds.active(feed)
    told = feed_body.read(body, now=now)
    answers = feeds.take_in(feed, told, now=now)
    return JsonResponse({"feed": name, "movements": [asdict(one) for one in answers]})


def _body(request: HttpRequest) -> bytes:
    """The raw body, bounded before it is read.

    Raises:
        FeedTooLarge: more than 512 kB.
    """
    body = request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise FeedTooLarge("A message has at most 512 kB. Send several.")
    return bytes(body)
