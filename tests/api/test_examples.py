"""The examples of docs/api.md and docs/commands.md are run as they are written."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from console.campaigns.models import Campaign
from console.people import tokens
from console.prices import operations as prices
from console.shell import policy
from tests import make

ROOT = Path(settings.BASE_DIR)


def block(page: str) -> str:
    found = re.search(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert found
    return found[1]


def token(role: str, name: str) -> str:
    owner = make.user(role, name=name)
    held = policy.permissions(frozenset({policy.Role(role)}))
    now = timezone.now()
    return tokens.issue("docs", scopes=held, days=1, actor=owner, now=now).secret


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_the_sale_in_nine_requests(live_server: Any, tmp_path: Path) -> None:
    make.audience("Everyone")
    sku = make.sku("BOOT-42")
    make.level(sku)
    past = timezone.now() - timedelta(days=400)
    prices.note(sku.code, Decimal(100), from_at=past)
    env = {
        "URL": live_server.url,
        "TOKEN": token("merchandiser", "aino"),
        "APPROVER": token("approver", "ruth"),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    run = ["bash", "-euo", "pipefail", "-c", block("docs/api.md")]
    done = subprocess.run(run, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.buyer_limit) == ("armed", 2), done.stdout
    assert (tmp_path / f"{campaign.code}.json").read_text().startswith("{")


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make.user("merchandiser", name="aino")
    make.campaign(code="FS-0007")
    for line in block("docs/commands.md").splitlines():
        command, _, file = line.partition(" > ")
        name, *args = command.split()[1:]
        with Path(file or "screen").open("w") as out:
            call_command(name, *args, stdout=out)
    assert Campaign.objects.get(code="FS-0107").state == "in_review"


def test_every_command_of_ours_is_in_the_docs() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    found = ROOT.glob("console/*/management/commands/[a-z]*.py")
    assert [path.stem for path in found if f"`{path.stem}" not in text] == []
