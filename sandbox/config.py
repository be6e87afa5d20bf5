"""The settings of the pretend shop: whom it calls, how pages and shoppers behave."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sandbox.curve import Curve
from sandbox.router import checked
from sandbox.state import Store

Url = Annotated[str, Field(pattern=r"^(https?://[^\s/]+\S*)?$", max_length=500)]
Word = Annotated[str, Field(max_length=500)]
GATE = "/api/gate/v1"
SECRETS = ("gate_token", "webhook_secret")


class Config(BaseModel):
    """Settings; without gate_url no shopper comes.

    gate_url: the console's edge server. webhook_secret: whsec_ and base64, or any text
    as it is. curves: per campaign, before `curve`. group: whose machines serve the
    pages. page_stale_s: how long a stale page may be served meanwhile.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gate_url: Url = ""
    gate_token: Word = ""
    webhook_url: Url = ""
    webhook_secret: Word = ""
    curve: Curve = Curve()
    curves: dict[str, Curve] = {}
    seed: Annotated[str, Field(max_length=100)] = ""
    group: Annotated[str, Field(max_length=80)] = "web"
    render_ms: Annotated[float, Field(ge=0, le=10_000)] = 30.0
    render_cpu_ms: Annotated[float, Field(ge=0, le=50)] = 1.0
    page_ttl_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    page_stale_s: Annotated[int, Field(ge=0, le=86_400)] = 30

    @field_validator("seed", mode="before")
    @classmethod
    def _spelled(cls, value: object) -> object:
        return str(value) if type(value) is int else value

    @field_validator("webhook_secret")
    @classmethod
    def _decodes(cls, value: str) -> str:
        secret_key(value)
        return value


def secret_key(spelled: str) -> bytes:
    """The key of a Standard Webhooks secret: base64 after whsec_, else the text.

    Raises:
        ValueError: it is not base64.
    """
    plain = spelled.removeprefix("whsec_")
    if plain == spelled:
        return spelled.encode()
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("write base64 after whsec_") from None


def gate(spelled: str) -> str:
    """Where the gate answers, from the address of the edge server or of the gate."""
    base = spelled.rstrip("/")
    return base if base.endswith(GATE) else base + GATE


class Desk:
    """The settings as they stand."""

    def __init__(self, store: Store, seed: str) -> None:
        """Stand as the last process left them; the seed unless another was set."""
        self.store, self.first_seed = store, seed
        self.now = Config.model_validate(store.load("config").get("shop", {}))

    @property
    def seed(self) -> str:
        """What every dice of the shoppers starts from."""
        return self.now.seed or self.first_seed

    def curve(self, campaign: str) -> Curve:
        """How shoppers come to this campaign."""
        return self.now.curves.get(campaign, self.now.curve)

    async def change(self, changed: dict[str, Any]) -> None:
        """Change the settings that are named; within `curve`, too.

        Raises:
            Refused: naming the field.
        """
        old = self.now.model_dump(mode="json", exclude_defaults=True)
        if isinstance(changed.get("curve"), dict):
            changed = changed | {"curve": old.get("curve", {}) | changed["curve"]}
        self.now = checked(Config, json.dumps(old | changed).encode())
        kept = self.now.model_dump(mode="json", exclude_defaults=True)
        self.store.put("config", "shop", kept)
        await self.store.saved()

    def shown(self) -> dict[str, Any]:
        """The settings without secrets."""
        told = self.now.model_dump(mode="json") | {"seed": self.seed}
        return told | {name: bool(told[name]) for name in SECRETS}
