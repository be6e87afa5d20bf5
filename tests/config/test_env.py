"""Keys that anybody could guess never serve a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.env import Env


def test_without_keys_nothing_is_served(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="SECRET_KEY"):
        Env(DATA_DIR=tmp_path, SECRET_KEY="", SECRET_KEYS_AT_REST="").check_keys()


def test_the_key_at_rest_is_asked_for_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="SECRET_KEYS_AT_REST"):
        Env(DATA_DIR=tmp_path, SECRET_KEY="x", SECRET_KEYS_AT_REST="").check_keys()


def test_keys_from_the_environment_are_enough(tmp_path: Path) -> None:
    Env(DATA_DIR=tmp_path, SECRET_KEY="x", SECRET_KEYS_AT_REST="y").check_keys()


def test_keys_kept_in_the_data_directory_are_enough(tmp_path: Path) -> None:
    for name in ("secret_key", "keys_at_rest"):
        (tmp_path / name).write_text("kept")
    Env(DATA_DIR=tmp_path, SECRET_KEY="", SECRET_KEYS_AT_REST="").check_keys()


@pytest.mark.parametrize(
    ("public", "host"),
    [
        ("https://console.example.com", "console.example.com"),
        ("http://10.1.2.3:8000", "10.1.2.3"),
        ("http://[::1]:8000", "[::1]"),
    ],
)
def test_the_public_address_is_always_answered(public: str, host: str) -> None:
    hosts = Env(PUBLIC_URL=public, ALLOWED_HOSTS="other.example.com").allowed_hosts
    assert hosts == ["other.example.com", host]


def test_hosts_of_redirects_are_hosts_and_nothing_else() -> None:
    env = Env(REDIRECT_HOSTS=" outlet.example, [::1]:8443 ,")
    assert env.redirect_hosts == ["outlet.example", "[::1]:8443"]
    for wrong in ("https://outlet.example", "outlet.example/sale", "*.example"):
        with pytest.raises(SystemExit, match="REDIRECT_HOSTS"):
            _ = Env(REDIRECT_HOSTS=wrong).redirect_hosts
