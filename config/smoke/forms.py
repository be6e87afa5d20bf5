"""Reads the forms of a page the way a browser does: fields, and what they hold."""

from __future__ import annotations

from html.parser import HTMLParser


class Forms(HTMLParser):
    """Every form of a page: its address and the values it would send."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = self._area = ""
        self._first = self._inside = False
        self.feed(html)

    def to(self, path: str) -> dict[str, str]:
        """The values of the first form that is sent to this address.

        Raises:
            LookupError: the page has no such form.
        """
        for action, values in self.found:
            if action == path:
                return dict(values)
        raise LookupError(f"no form to {path}, only {[a for a, _ in self.found]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the current one."""
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((told.get("action", ""), {}))
            self._inside = True
        elif not self._inside or "disabled" in told:
            return
        elif tag == "input":
            self._input(told)
        elif tag == "select":
            self._select, self._first = told.get("name", ""), True
        elif tag == "textarea" and told.get("name"):
            self._area = told["name"]
            self._values[self._area] = ""
        elif tag == "option" and self._select:
            self._option(told)

    def handle_endtag(self, tag: str) -> None:
        """Leave a field."""
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Keep what a text area holds."""
        if self._area:
            self._values[self._area] += data

    @property
    def _values(self) -> dict[str, str]:
        return self.found[-1][1]

    def _input(self, told: dict[str, str]) -> None:
        kind = told.get("type", "text")
        box = kind in ("checkbox", "radio")
        sent = "checked" in told if box else kind not in ("submit", "button", "file")
        if told.get("name") and sent:
            self._values[told["name"]] = told.get("value", "on" if box else "")

    def _option(self, told: dict[str, str]) -> None:
        """A browser sends the selected option, else the first."""
        if self._first or "selected" in told:
            self._values[self._select] = told.get("value", "")
        self._first = False
