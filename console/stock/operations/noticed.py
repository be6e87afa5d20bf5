"""What shops can do at all, kept beside them for the look that compares."""

from __future__ import annotations

from console.providers.models import Connection
from console.stock.models import Shopfront
from console.stock.queries.noticed import ways_of


def know_ways() -> None:
    """Keep beside each shop what its pages can do, and whether it is told of units that
    are not there yet (option `publish_backorder`)."""
    fronts = {one.connection: one for one in Shopfront.objects.all()}
    for one in Connection.objects.filter(name__in=fronts):
        front, ways = fronts[one.name], sorted(ways_of(one))
        early = one.options.get("publish_backorder") is True
        if (front.ways, front.early) != (ways, early):
            Shopfront.objects.filter(pk=front.pk).update(ways=ways, early=early)
