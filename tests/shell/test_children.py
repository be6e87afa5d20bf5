"""Children that fall are started again; all of them end with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from console.shell.stack.children import Child, Family, spawn


def until(true: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def sleeper(tmp_path: Path, words: str = "import time; time.sleep(60)") -> Child:
    def start() -> subprocess.Popen[bytes]:
        log = tmp_path / "log"
        return spawn(["-c", words], log=log, env=os.environ, cwd=tmp_path)

    return Child("sleeper", start, grace_s=1.0)


def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    said: list[str] = []
    family = Family(say=said.append)
    family.add(child := sleeper(tmp_path))
    watcher = threading.Thread(target=family.watch)
    watcher.start()
    assert child.process
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    assert until(lambda: bool(child.process and child.process.pid != first))
    family.end()
    watcher.join()
    assert child.fallen()
    assert "starting it again" in said[0]


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    family = Family(say=print)
    family.add(child := sleeper(tmp_path, stubborn))
    time.sleep(0.3)
    family.end()
    assert child.process
    assert child.process.returncode == -signal.SIGKILL


def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import os, time; from pathlib import Path\n"
        "from console.shell.stack.children import spawn\n"
        "p = spawn(['-c', 'import time; time.sleep(60)'], log=Path('log'),"
        " env=os.environ, cwd=Path('.'))\n"
        "print(p.pid, flush=True); time.sleep(60)\n"
    )
    env = os.environ | {"PYTHONPATH": str(Path.cwd())}
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=tmp_path, env=env
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.stdout.close()
    parent.kill()
    parent.wait()
    assert until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False
