"""The program itself: what it needs to start, and how it ends."""

import json
import signal
import subprocess
import time

import pytest

from conftest import START_SECONDS, binary


@pytest.fixture
def program():
    if binary() is None:
        pytest.skip("the stand-in's program is not known")
    return binary()


def started(program, directory, scenario=None):
    command = [program, "--directory", directory]
    if scenario is not None:
        file = directory / "scenario.json"
        file.write_text(json.dumps(scenario))
        command += ["--scenario", file]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready(process, directory):
    deadline = time.monotonic() + START_SECONDS
    while not (directory / "standin.json").exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline, "it did not start"
        time.sleep(0.05)
    return json.loads((directory / "standin.json").read_text())


def test_it_ends_soon_though_a_script_runs_and_a_client_is_connected(program, tmp_path):
    import requests

    runbook = {"name": "long", "inline": "#!/bin/sh\nexec sleep 600\n"}
    scenario = {
        "applications": [{"name": "caller", "passwords": [{}], "arm": ["*"]}],
        "automation": {"runbooks": [runbook]},
        "settings": {"jobStartSeconds": 0},
    }
    process = started(program, tmp_path, scenario)
    try:
        state = ready(process, tmp_path)
        session = requests.Session()
        session.verify = state["ca"]
        session.trust_env = False
        caller = state["applications"]["caller"]
        form = {
            "grant_type": "client_credentials",
            "client_id": caller["appId"],
            "client_secret": open(caller["passwordFiles"][0]).read(),
            "scope": "https://management.azure.com/.default",
        }
        url = f"{state['authority']}/{state['tenant']}/oauth2/v2.0/token"
        token = session.post(url, data=form, timeout=10).json()["access_token"]
        job = (
            f"{state['arm']}/subscriptions/{state['subscription']}/resourceGroups/"
            f"{state['resourceGroup']}/providers/Microsoft.Automation/automationAccounts/"
            f"{state['automationAccount']}/jobs/one?api-version=2024-10-23"
        )
        headers = {"Authorization": f"Bearer {token}"}
        body = {"properties": {"runbook": {"name": "long"}}}
        assert session.put(job, json=body, headers=headers, timeout=10).status_code == 201
        deadline = time.monotonic() + 10
        while session.get(job, headers=headers, timeout=10).json()["properties"][
            "status"
        ] != "Running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        before = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - before < 5
        assert not (tmp_path / "standin.json").exists()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "scenario, place",
    [
        ({"applications": [{"appId": "x"}]}, "applications[0]: name is missing"),
        ({"settings": {"lag": 1}}, "settings.lag"),
        ({"vaults": [{"name": "a_b"}]}, "vaults.a_b"),
        ({"vaults": [{"name": "a", "permissions": {"nobody": ["get"]}}]}, "no application nobody"),
        (
            {"subscriptions": [{"name": "s", "url": "http://localhost"}]},
            "subscriptions.s.url",
        ),
        (
            {"applications": [{"name": "a", "passwords": [{"valueFrom": "env:NOT_THERE"}]}]},
            "the environment has no NOT_THERE",
        ),
        (
            {"applications": [{"name": "a", "passwords": [{"valueFrom": "hunter2"}]}]},
            "expected generate, env:NAME or file:PATH",
        ),
    ],
)
def test_a_wrong_scenario_is_refused_with_its_place(program, tmp_path, scenario, place):
    process = started(program, tmp_path, scenario)
    output, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 78
    assert errors.startswith("azure-standin: error: ") and place in errors
    assert errors.count("\n") == 1 and "hunter2" not in errors and output == ""
