"""The stack says in one sentence why it cannot start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from console.shell.stack.places import CannotStart, Places, check_port


def places(root: Path) -> Places:
    return Places(root / "data", root / "data/run")


def test_a_second_start_from_the_same_folder_is_refused(tmp_path: Path) -> None:
    here = places(tmp_path)
    here.make()
    with here.lock(), pytest.raises(CannotStart, match="already runs"):
        here.lock()


def test_a_lock_left_by_a_dead_process_is_not_in_the_way(tmp_path: Path) -> None:
    here = places(tmp_path)
    here.make()
    (here.root / "lock").write_text("99999")
    with here.lock() as lock:
        assert not lock.closed


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(CannotStart, match="DATA_DIR"):
        places(tmp_path).make()


def test_a_taken_port_is_named_with_the_option_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} .* --port"):
            check_port("127.0.0.1", port, what="console", option="--port")


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(CannotStart, match="from 1 to 65535 with --port"):
        check_port("127.0.0.1", port, what="console", option="--port")


def test_a_folder_of_sockets_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Another account could lay a link where it foresees the temporary folder."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        Places(tmp_path / "data", tmp_path / "run").make()


def test_the_folder_of_sockets_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o777)
    Places(tmp_path / "data", tmp_path / "run").make()
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    here = places(tmp_path)
    here.make()
    here.keep_secrets()
    first = (here.root / "secret_key").read_text()
    here.keep_secrets()
    assert (here.root / "secret_key").read_text() == first
    assert (here.root / "secret_key").stat().st_mode & 0o777 == 0o600
