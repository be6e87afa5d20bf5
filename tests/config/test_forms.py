"""The smoke test fills in forms as a browser would."""

from __future__ import annotations

import pytest

from config.smoke.forms import Forms

PAGE = """
<form action="/a/"><input name="q" value="x"><input type="checkbox" name="no">
<input type="checkbox" name="yes" checked><input name="gone" disabled value="1">
<select name="first"><option value="1"><option value="2"></select>
<select name="chosen"><option value="1"><option value="2" selected></select>
<textarea name="why">because
of it</textarea><input type="submit" name="go" value="Go"></form>
<form action="/b/"><input name="q" value="y"><input name="bare"></form><input name="z">
"""


def test_a_form_sends_what_a_browser_would() -> None:
    assert Forms(PAGE).to("/a/") == {
        "q": "x",
        "yes": "on",
        "first": "1",
        "chosen": "2",
        "why": "because\nof it",
    }


def test_forms_are_told_apart_by_their_address() -> None:
    assert Forms(PAGE).to("/b/") == {"q": "y", "bare": ""}


def test_a_missing_form_is_named() -> None:
    with pytest.raises(LookupError, match="/c/"):
        Forms(PAGE).to("/c/")
