"""Groups rise after a lead time, sink by themselves, and refuse stale writers."""

from __future__ import annotations

import time

from tests.sandbox.stand import Sandbox, until

WEB = "/cloud/groups/web"


def _web(sandbox: Sandbox, **facts: object) -> None:
    web = {"name": "web", "floor": 2, "maximum": 20, "lead_time_s": 1.0}
    sandbox.put("/cloud/groups", [web | facts])


def test_serving_rises_gradually_within_the_lead_time(sandbox: Sandbox) -> None:
    _web(sandbox, lead_time_s=3)
    before = sandbox.get(WEB)
    began = time.monotonic()
    reply = sandbox.http.patch(
        WEB, json={"floor": 12}, headers={"If-Match": before["version"]}
    )
    assert reply.status_code == 202
    assert (reply.json()["desired"], reply.json()["serving"]) == (12, 2)
    some = until(lambda: 2 < sandbox.get(WEB)["serving"] < 12)
    assert some
    until(lambda: sandbox.get(WEB)["serving"] == 12)
    assert time.monotonic() - began >= 1.5


def test_desired_sinks_back_to_the_floor_one_by_one(sandbox: Sandbox) -> None:
    _web(sandbox, floor=6, sink_every_s=0.2, lead_time_s=0)
    version = sandbox.get(WEB)["version"]
    sandbox.http.patch(WEB, json={"floor": 3}, headers={"If-Match": version})
    assert sandbox.get(WEB)["desired"] == 6
    seen = []
    until(lambda: seen.append(sandbox.get(WEB)["desired"]) or seen[-1] == 3)
    assert sorted(set(seen), reverse=True) == [6, 5, 4, 3]
    assert sandbox.get(WEB)["serving"] == 3


def test_a_stale_version_is_refused(sandbox: Sandbox) -> None:
    _web(sandbox)
    stale = {"If-Match": sandbox.get(WEB)["version"]}
    assert sandbox.http.patch(WEB, json={"floor": 3}, headers=stale).status_code == 202
    reply = sandbox.http.patch(WEB, json={"floor": 4}, headers=stale)
    assert (reply.status_code, reply.json()["field"]) == (409, "If-Match")
    assert sandbox.get(WEB)["floor"] == 3


def test_what_makes_no_sense_is_refused_naming_the_field(sandbox: Sandbox) -> None:
    _web(sandbox)
    any_version = {"If-Match": "*"}
    for body, field in [
        ({"floor": 21}, "floor"),
        ({"floor": -1}, "floor"),
        ({"floor": "many"}, "floor"),
        ({"flor": 3}, "flor"),
    ]:
        reply = sandbox.http.patch(WEB, json=body, headers=any_version)
        assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert sandbox.http.patch(WEB, json={"floor": 3}).json()["field"] == "If-Match"
    assert sandbox.http.get("/cloud/groups/nobody").status_code == 404


def test_refuses_with_retry_after_when_told_to(sandbox: Sandbox) -> None:
    _web(sandbox)
    sandbox.put("/faults", {"cloud_429": 1, "retry_after_s": 3})
    reply = sandbox.http.get(WEB)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "3")
    assert sandbox.get("/cloud/health")["error_share"] == 1
    sandbox.put("/faults", {"cloud_429": 0})
    assert sandbox.http.get(WEB).status_code == 200


def test_machines_that_do_not_boot_never_serve(sandbox: Sandbox) -> None:
    _web(sandbox, lead_time_s=0)
    sandbox.put("/faults", {"cloud_boot_fail": 1})
    sandbox.http.patch(WEB, json={"floor": 5}, headers={"If-Match": "*"})
    group = sandbox.get(WEB)
    assert (group["desired"], group["serving"]) == (5, 2)
    assert "did not boot" in sandbox.get("/cloud/health")["note"]
