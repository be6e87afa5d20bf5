"""The API as a whole: what it says of itself."""

from __future__ import annotations

from config.api import api


def test_the_description_is_built_once_for_each_place_it_is_mounted_at() -> None:
    once = api.get_openapi_schema()
    assert api.get_openapi_schema() is once
    below = api.get_openapi_schema(path_prefix="/below/")
    assert {path.removeprefix("/below/") for path in below["paths"]} == {
        path.removeprefix("/api/v1/") for path in once["paths"]
    }
