"""The sandbox's ERP: takes orders at a limited rate and knows duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from console.providers.client import Api
from console.providers.drivers._sandbox import probe
from console.providers.ports import Probe, Receipt

PER_CALL = 500


class SandboxErp:
    """Hands orders to the sandbox's ERP."""

    label: ClassVar[str] = "Sandbox ERP"

    def __init__(self, api: Api) -> None:
        """Keep the calls."""
        self.api = api

    def deliver(self, order: Mapping[str, Any], *, key: str) -> Receipt:
        """Hand over one order; the same key twice is one order there."""
        self.api.call("POST", "/erp/orders", body=dict(order), key=key)
        return Receipt(accepted=True, operation=str(order.get("ref", "")))

    def known(self, refs: Sequence[str]) -> set[str]:
        """Which of these order references it holds."""
        held: set[str] = set()
        for start in range(0, len(refs), PER_CALL):
            body = {"refs": list(refs[start : start + PER_CALL])}
            answer = self.api.call("POST", "/erp/orders/known", body=body)
            held |= set(answer.read(dict[str, list[str]])["known"])
        return held

    def probe(self) -> Probe:
        """Ask how it did lately."""
        return probe(self.api, "erp")
