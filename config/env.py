"""Every setting a deployment may change, typed, read from the environment."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Env(BaseSettings):
    """Environment variables of Doorbuster; docs/settings.md explains each."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore")

    DEMO: bool = False
    DEBUG: bool = False
    SECRET_KEY: str = ""
    SECRET_KEYS_AT_REST: str = ""
    ALLOWED_HOSTS: str = "127.0.0.1,localhost"
    PUBLIC_URL: str = "http://127.0.0.1:8000"
    EDGE_URL: str = "http://127.0.0.1:8001"
    DATA_DIR: Path = ROOT / ".data"
    DATABASE_URL: str = ""
    REDIS_URL: str = ""
    RETAILER: str = "Tarn & Fell"
    ENVIRONMENT: str = "Production"
    SHOP_ZONE: str = "Europe/Berlin"
    TRUSTED_PROXIES: int = Field(default=0, ge=0)
    PRIVATE_HOSTS_ALLOWED: str = ""
    STEP_LEASE_S: int = Field(default=60, ge=5)
    STEP_TICK_S: float = Field(default=1.0, gt=0)
    LIVE_SAMPLE_S: float = Field(default=0.5, gt=0)
    RELAY_TICK_S: float = Field(default=1.0, gt=0)
    UPLOAD_LIMIT_MB: int = Field(default=20, ge=1)
    ELIGIBLE_VARIANTS_PERCENT: int = Field(default=65, ge=0, le=100)
    ELIGIBLE_UNITS: int = Field(default=1, ge=0)
    SAMPLE_PAGES: int = Field(default=20, ge=0, le=100)
    OFFER_TTL_S: int = Field(default=120, ge=10, le=3600)
    AVAILABILITY_FRESH_S: float = Field(default=2.0, gt=0, le=60)
    SCARCITY_BELOW: int = Field(default=10, ge=0, le=100)
    REDIRECT_HOSTS: str = ""
    ADJUST_ALONE_UNITS: int = Field(default=1_000, ge=0)
    ADJUST_ALONE_VALUE: int = Field(default=50_000, ge=0)
    SANDBOX_URL: str = ""
    SANDBOX_TOKEN: str = ""
    LOG_LEVEL: str = "INFO"

    @property
    def database_url(self) -> str:
        """The configured database, else the embedded one below the data directory."""
        if self.DATABASE_URL:
            return self.DATABASE_URL
        return f"postgresql://doorbuster@/doorbuster?host={self.run_dir}"

    @property
    def redis_url(self) -> str:
        """The configured Redis or Valkey, else the embedded one."""
        return self.REDIS_URL or f"unix://{self.run_dir}/valkey.sock"

    @property
    def allowed_hosts(self) -> list[str]:
        """Host names the web server answers to: those named, and the public one."""
        public = urlsplit(self.PUBLIC_URL).hostname or ""
        named = [host for host in self.ALLOWED_HOSTS.split(",") if host]
        return [*named, f"[{public}]" if ":" in public else public]

    @property
    def redirect_hosts(self) -> list[str]:
        """Hosts that pages may lead to besides those of shops, `host` or `host:port`.

        Raises:
            SystemExit: one is no host, but an address or has a path.
        """
        hosts = [
            one for host in self.REDIRECT_HOSTS.split(",") if (one := host.strip())
        ]
        for one in hosts:
            if any(sign in one for sign in "/@?#\\ ") or "*" in one:
                raise SystemExit(
                    f"REDIRECT_HOSTS names {one!r}: enter hosts only, such as "
                    "shop.example.com, without https:// and path."
                )
        return hosts

    @property
    def broker_url(self) -> str:
        """The same server as Celery spells it."""
        url = self.redis_url
        return (
            "redis+socket://" + url[len("unix://") :]
            if url.startswith("unix://")
            else url
        )

    @property
    def run_dir(self) -> Path:
        """Where the embedded servers put their sockets; a path ends at 107 bytes."""
        data = self.DATA_DIR.resolve()
        if len(str(data)) <= 80:
            return data / "run"
        tag = hashlib.sha256(str(data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"doorbuster-{tag}"

    def secret_key(self) -> str:
        """Django's signing key: from the environment, else the data directory."""
        return self.SECRET_KEY or self._kept("secret_key")

    def keys_at_rest(self) -> list[bytes]:
        """AES-256 keys for secrets at rest, newest first (32 bytes each)."""
        spelled = self.SECRET_KEYS_AT_REST or self._kept("keys_at_rest")
        return [_key(part) for part in spelled.split(",") if part]

    def check_keys(self) -> None:
        """Refuse to serve with keys that anybody could guess.

        Raises:
            SystemExit: a key is neither in the environment nor in the data directory.
        """
        for name in ("secret_key", "keys_at_rest"):
            variable = {"keys_at_rest": "SECRET_KEYS_AT_REST"}.get(name, "SECRET_KEY")
            if not getattr(self, variable) and not (self.DATA_DIR / name).exists():
                raise SystemExit(f"Set {variable}, or start with `manage.py up`.")

    def _kept(self, name: str) -> str:
        path = self.DATA_DIR / name
        return path.read_text().strip() if path.exists() else f"insecure-{name}"


def _key(spelled: str) -> bytes:
    """A 32-byte key: base64 of exactly that, or any phrase, hashed."""
    try:
        raw = base64.b64decode(spelled, validate=True)
    except ValueError:
        raw = b""
    return raw if len(raw) == 32 else hashlib.sha256(spelled.encode()).digest()


env = Env()
