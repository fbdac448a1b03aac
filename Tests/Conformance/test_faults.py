"""The faults that the control port switches on, met by Microsoft's client."""

import time

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

IMPATIENT = {"retry_total": 0}


def versions(control, name, vault="app"):
    return control.call("GET", "/accepted")["vaults"][vault].get(name, {}).get("versions", [])


def test_throttling_is_retried_after_the_time_that_the_answer_names(azure, control, name):
    azure.secrets().set_secret(name, "x")
    control.fault(api="keyvault", operation="getSecret", kind="throttle", retryAfter=1, count=1)
    before = time.monotonic()
    assert azure.secrets().get_secret(name).value == "x"
    assert time.monotonic() - before >= 1


def test_throttling_without_a_time(azure, control, name):
    control.fault(api="keyvault", operation="setSecret", kind="throttle", count=1)
    with pytest.raises(HttpResponseError) as refused:
        azure.secrets(**IMPATIENT).set_secret(name, "x")
    assert refused.value.status_code == 429
    assert "Retry-After" not in refused.value.response.headers
    assert versions(control, name) == []


def test_an_answer_can_be_false_after_the_deed(azure, control, name):
    control.fault(
        api="keyvault", operation="setSecret", kind="status", status=503, after=True, count=1
    )
    with pytest.raises(HttpResponseError) as refused:
        azure.secrets(**IMPATIENT).set_secret(name, "x")
    assert refused.value.status_code == 503
    assert len(versions(control, name)) == 1


@pytest.mark.parametrize("kind, made", [("drop", 0), ("drop-after", 1)])
def test_a_connection_can_be_cut_before_and_after_the_deed(azure, control, name, kind, made):
    azure.secrets().get_secret("orders-client-secret")
    control.fault(api="keyvault", operation="setSecret", kind=kind, match=name, skip=1)
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        client = azure.secrets(**IMPATIENT)
        client.set_secret(name, "first passes")
        client.set_secret(name, "second is cut")
    assert len(versions(control, name)) == 1 + made


def test_an_answer_can_be_late(azure, control):
    control.fault(api="login", operation="discovery", kind="delay", seconds=0.5, count=1)
    url = f"{azure.authority}/{azure.tenant}/v2.0/.well-known/openid-configuration"
    before = time.monotonic()
    assert requests.get(url, timeout=10).status_code == 200
    assert time.monotonic() - before >= 0.5


def test_a_silent_server_is_given_up(azure, control):
    control.fault(api="graph", kind="timeout", seconds=3, count=1)
    with pytest.raises(requests.Timeout):
        requests.get(f"{azure.graph}/v1.0/applications", timeout=0.5)


def test_every_fault_says_how_often_it_was_met(azure, control, name):
    fault = control.fault(api="keyvault", kind="throttle", match=name, count=2)
    for _ in range(3):
        requests.get(f"{azure.vaults['app']}/secrets/{name}?api-version=7.4", timeout=10)
    faults = {one["id"]: one for one in control.call("GET", "/faults")["faults"]}
    assert faults[fault["id"]]["hits"] == 2 and faults[fault["id"]]["count"] == 0
    assert control.changes(0)[-1]["status"] == 401


def test_the_control_port_wants_its_token(control):
    assert requests.get(control.url + "/accepted", timeout=10).status_code == 401


def test_time_can_be_moved(azure, control, name):
    control.call("PUT", "/clock", {"offsetSeconds": 86400})
    try:
        made = azure.secrets().set_secret(name, "x").properties.created_on
        assert made.timestamp() - time.time() > 80000
    finally:
        control.call("PUT", "/clock", {"offsetSeconds": 0})
