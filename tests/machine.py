"""What the tests need from the machine: installed where it may, else said plainly."""

from __future__ import annotations

import os
import shutil
import subprocess

WANTED = {"chromium": "browser tests"}


def missing() -> dict[str, str]:
    """Programs that are not here, and what cannot run without them."""
    return {name: what for name, what in WANTED.items() if not shutil.which(name)}


def install(names: list[str]) -> None:
    """Ask the distribution; a machine that may not is left as it is."""
    if not names or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    fonts = ["fonts-inter"] if "chromium" in names else []
    for words in (
        ["update"],
        ["install", "-y", "--no-install-recommends", *names, *fonts],
    ):
        subprocess.run(["apt-get", "-qq", *words], env=env, check=False, **quiet)


def main() -> None:
    """Install what is missing and say what stays out."""
    install(list(missing()))
    for name, what in missing().items():
        print(f"SKIPPED: {what}, because {name} is not installed (apt install {name})")


if __name__ == "__main__":
    main()
