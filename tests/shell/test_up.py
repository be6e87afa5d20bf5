"""What cannot start says so in one sentence, and exits 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT


def up(data: Path, *words: str, public: str = "") -> subprocess.CompletedProcess[str]:
    named = {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EDGE_URL", "ALLOWED_HOSTS"}
    env = {name: value for name, value in os.environ.items() if name not in named}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "up", *words],
        cwd=ROOT,
        env=env | {"DATA_DIR": str(data), "PUBLIC_URL": public},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port", "99999"], "Port 99999 for the console does not exist"),
        (["--host", "0.0.0.0"], "add --no-demo, or leave out --host"),
        (["--host", "0.0.0.0", "--no-demo"], "Set PUBLIC_URL"),
    ],
)
def test_a_start_that_cannot_be_is_refused(
    tmp_path: Path, words: list[str], told: str
) -> None:
    done = up(tmp_path / "data", *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_somebody_has_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = up(tmp_path / "data", "--port", port)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 for the console is not free" in done.stderr
    assert not (tmp_path / "data/postgres").exists()


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    done = up(tmp_path / "data")
    assert done.returncode == 1
    assert "DATA_DIR" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_demo_passwords_are_never_served_without_the_demo(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/seeded").touch()
    done = up(tmp_path / "data", "--no-demo")
    assert done.returncode == 1
    assert "holds the demo retailer" in done.stderr
    assert not (tmp_path / "data/postgres").exists()


def test_a_public_address_without_a_scheme_is_refused(tmp_path: Path) -> None:
    done = up(tmp_path / "data", "--no-demo", public="console.example.com:8000")
    assert done.returncode == 1
    assert "Set PUBLIC_URL" in done.stderr
