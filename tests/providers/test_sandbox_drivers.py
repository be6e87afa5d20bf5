"""The sandbox's drivers against the sandbox itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from console.errors import OutsideFailure
from console.providers.client import Api
from console.providers.drivers.sandbox_cdn import SandboxCdn
from console.providers.drivers.sandbox_cloud import SandboxCloud
from console.providers.drivers.sandbox_erp import SandboxErp
from console.providers.drivers.sandbox_shop import SandboxShop
from tests.providers import contract
from tests.providers import rude as manners
from tests.providers.rude import rude
from tests.sandboxed import SKUS, Sandbox

_numbers = count(1)


def _api(sandbox: Sandbox, **changes: Any) -> Api:
    said = {"name": "it", "base_url": sandbox.url, "token": sandbox.token} | changes
    return Api(**said)


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Some other web server."""
    with rude() as server:
        server.manner = manners.reply(200, b"<h1>Welcome</h1>")
        yield server.url


@pytest.fixture
def driver(request: pytest.FixtureRequest, sandbox: Sandbox) -> Any:
    return request.cls.kind(_api(sandbox))


@pytest.fixture
def broken(request: pytest.FixtureRequest, sandbox: Sandbox) -> Callable[..., Any]:
    return lambda **changes: request.cls.kind(_api(sandbox, **changes))


@pytest.fixture
def visit(sandbox: Sandbox) -> Callable[[str], Any]:
    return _api(sandbox).fetch


@pytest.fixture
def page(sandbox: Sandbox) -> str:
    return SandboxShop(_api(sandbox)).urls(["SHELL L/XL"])[0]


@pytest.fixture
def tags() -> list[str]:
    return ["sku-BOOT-42", "sku-SHELL-M"]


@pytest.fixture
def group() -> str:
    return "web"


@pytest.fixture
def skus() -> list[str]:
    return SKUS[:2]


@pytest.fixture
def order() -> Callable[[], dict[str, Any]]:
    return lambda: {"ref": f"DB-{next(_numbers)}", "lines": []}


class TestCloud(contract.ScalerContract, contract.ProberContract):
    kind = SandboxCloud

    def test_a_slow_down_carries_how_long(
        self, driver: SandboxCloud, sandbox: Sandbox
    ) -> None:
        sandbox.faults(cloud_429=1, retry_after_s=9)
        with pytest.raises(OutsideFailure) as caught:
            driver.read("web")
        assert caught.value.retry_after_s == 9
        assert caught.value.kind == "rate_limited"


class TestCdn(
    contract.PurgerContract, contract.WarmerContract, contract.ProberContract
):
    kind = SandboxCdn

    @pytest.fixture
    def page(self, sandbox: Sandbox) -> str:
        return SandboxShop(_api(sandbox)).urls(["BOOT-42"])[0]


class TestShop(
    contract.StorefrontContract,
    contract.DisplayContract,
    contract.SoldOutDisplayContract,
    contract.ProberContract,
):
    kind = SandboxShop

    def test_pages_may_be_behind_another_address(self, sandbox: Sandbox) -> None:
        options = {"edge_url": "https://shop.example.com/"}
        shop = SandboxShop(_api(sandbox, options=options))
        assert shop.urls(["A B/C"]) == ["https://shop.example.com/edge/p/A%20B%2FC"]


class TestErp(contract.RelayContract, contract.ProberContract):
    kind = SandboxErp

    def test_a_frozen_erp_is_transient_and_still_knows(
        self, driver: SandboxErp, sandbox: Sandbox
    ) -> None:
        driver.deliver({"ref": "DB-F"}, key="orders/DB-F")
        sandbox.faults(erp_frozen=True, retry_after_s=4)
        with pytest.raises(OutsideFailure) as caught:
            driver.deliver({"ref": "DB-G"}, key="orders/DB-G")
        assert (caught.value.transient, caught.value.retry_after_s) == (True, 4)
        assert driver.known(["DB-F", "DB-G"]) == {"DB-F"}
        assert not driver.probe().ok
