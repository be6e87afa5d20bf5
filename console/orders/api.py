"""Orders for programs: signed events of stores in, and what was accepted out."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from console.orders import events, operations, queries, settling
from console.orders.rules import BodyTooLarge
from console.providers import signing
from console.providers.operations import webhook_secrets
from console.stock.operations import Settled

BODY_LIMIT = 256 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, connection: str) -> JsonResponse:
    """Check the signature over the raw body, take what it says in once, answer 200."""
    now = timezone.now()
    secrets = webhook_secrets(connection)
    body = _body(request)
    event_id = signing.verify(request.headers, body, secrets=secrets, now=now)
    said = events.read(body)
    if said is None:
        return JsonResponse({"result": "ignored"})
    if isinstance(said, events.Settling):
        return _settled(settling.settle(connection, said, now=now), said.order.ref)
    told = operations.accept(connection, event_id, said, now=now)
    result = "replayed" if told.replayed else "accepted"
    return JsonResponse({"result": result, "ref": told.order.ref})


def _settled(done: Settled | None, ref: str) -> JsonResponse:
    """The answer to what became of sold units; None: none of ours were."""
    if done is None:
        return JsonResponse({"result": "ignored", "ref": ref})
    result = "replayed" if done.replayed else "accepted"
    return JsonResponse({"result": result, "ref": ref, "units": done.units})


@require_safe
def accepted(request: HttpRequest) -> JsonResponse:
    """The newest 2,000 orders, of one campaign if it is named."""
    found = queries.newest(request.GET.get("campaign") or None)
    return JsonResponse({"orders": found})


def _body(request: HttpRequest) -> bytes:
    """The raw body, bounded before it is read.

    Raises:
        BodyTooLarge: more than 256 kB.
    """
    body = request.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge("An event has at most 256 kB. Split the order.")
    return bytes(body)
