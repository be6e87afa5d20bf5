"""What cannot start says so in one sentence, and exits 1."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT
from config.smoke.stage import free_ports


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


def test_https_without_an_address_for_the_edge_is_refused(tmp_path: Path) -> None:
    done = up(tmp_path / "data", "--no-demo", public="https://console.example.com")
    assert done.returncode == 1
    assert "Set EDGE_URL" in done.stderr


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "sign", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.soak)]
)
def test_a_stack_started_in_the_background_stops_on_a_signal(
    tmp_path: Path, sign: signal.Signals
) -> None:
    """A script's background job is born with SIGINT ignored."""
    ports = [str(port) for port in free_ports(3)]
    words = ["--port", ports[0], "--edge-port", ports[1], "--sandbox-port", ports[2]]
    env = os.environ | {"DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EDGE_URL"):
        env.pop(name, None)
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "up", "--no-demo", *words],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert child.stdout
    try:
        assert any(b"Ready" in line for line in child.stdout)
        child.send_signal(sign)
        assert child.wait(150) == 0
    finally:
        child.kill()
        child.stdout.close()
