"""The sandbox's edge: a caching proxy in front of the shop, purged by tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from console.providers.client import Api
from console.providers.drivers._pages import age_of, cache_of
from console.providers.drivers._sandbox import probe
from console.providers.ports import CacheState, Fetched, Probe, Receipt


class SandboxCdn:
    """Warms and purges the sandbox's edge."""

    label: ClassVar[str] = "Sandbox CDN"

    def __init__(self, api: Api) -> None:
        """Keep the calls."""
        self.api = api

    def purge(self, tags: Sequence[str], *, soft: bool, key: str) -> Receipt:
        """Forget what carries these tags."""
        body = {"tags": list(tags), "soft": soft}
        told = self.api.call("POST", "/cdn/purge", body=body, key=key)
        return Receipt(accepted=True, operation=str(told.read(dict[str, Any])["id"]))

    def cached(self, url: str) -> CacheState:
        """Read what the edge holds for an address, by asking for it."""
        answer = self.api.fetch(url)
        return CacheState(cache_of(answer), age_of(answer))

    def fetch(self, url: str) -> Fetched:
        """Fetch a page through the edge, as a shopper would."""
        answer = self.api.fetch(url)
        return Fetched(url, answer.status, cache_of(answer), age_of(answer), answer.ms)

    def probe(self) -> Probe:
        """Ask how it did lately."""
        return probe(self.api, "cdn")
