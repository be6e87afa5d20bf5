"""An outside system: dials that count how often they were turned, and may hang."""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Dials:
    """A server on a free port; `turned` counts every change it was told to make.

    hang: a target whose next change is made at once but answered only after `let_go`.
    """

    def __init__(self) -> None:
        """Start to listen."""
        self.at: Counter[str] = Counter()
        self.turned: Counter[str] = Counter()
        self.hang = ""
        self.hanging = threading.Event()
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        dials = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(dials.at[self.path.split("/")[1]])

            def do_PUT(self) -> None:
                _, target, value = self.path.split("/")
                dials.turn(target, int(value))
                self._answer(dials.at[target])

            def _answer(self, value: int) -> None:
                body = str(value).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # who asked was killed meanwhile

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def turn(self, target: str, value: int) -> None:
        """Make the change, and hang if that was asked for."""
        with self.lock:
            self.at[target] = value
            self.turned[target] += 1
        if target == self.hang:
            self.hang = ""
            self.hanging.set()
            self.let_go.wait(60)

    def hang_on(self, target: str) -> None:
        """Answer the next change of this dial only when let go."""
        self.hanging.clear()
        self.let_go.clear()
        self.hang = target

    def close(self) -> None:
        """Stop listening."""
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()
