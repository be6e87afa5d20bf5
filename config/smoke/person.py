"""A person at a browser, as far as HTTP goes: cookies, forms and their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2


class Unexpected(Exception):
    """The console answered what a person would not have expected."""


class Person:
    """Signed in with one click in the demo; follows redirects like a browser."""

    def __init__(self, base: str, role: str) -> None:
        """Open the login page and sign in by role."""
        self.base = base
        self.role = role
        self.client = httpx2.Client(
            base_url=base, follow_redirects=True, timeout=15, trust_env=False
        )
        self.get("/account/login/")
        self.post("/account/demo/", {"role": role, "next": "/healthz"})

    def get(self, path: str, **query: str) -> httpx2.Response:
        """Open a page.

        Raises:
            Unexpected: the answer was not 200.
        """
        return self._expect(self.client.get(path, params=query))

    def asked_by(self, path: str) -> dict[str, str]:
        """The headers to ask with: a part of a page alone leads to its page."""
        led = self.client.get(path, follow_redirects=False).is_redirect
        return {"HX-Request": "true"} if led else {}

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        files: dict[str, Any] | None = None,
    ) -> httpx2.Response:
        """Send a form with its token.

        Raises:
            Unexpected: the answer was not 200 after redirects.
        """
        token = self.client.cookies.get("doorbuster-csrf") or ""
        headers = {"X-CSRFToken": token, "Referer": self.base}
        return self._expect(
            self.client.post(path, data=dict(form or {}), files=files, headers=headers)
        )

    def _expect(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.status_code != 200:
            path = answer.request.url.path
            raise Unexpected(
                f"{self.role} got {answer.status_code} at {path}: {answer.text[:2000]}"
            )
        return answer
