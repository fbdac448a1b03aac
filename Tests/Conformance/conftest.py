"""Runs Microsoft's own clients against azure-standin, with public options only.

The tests start their own stand-in and end it by its process id: REKEY_STANDIN_BINARY, else
REKEY_BIN_DIR/azure-standin, else what `swift build` has left. Where only the variables of
`.rekey/env` are set they use that running installation; what needs the stand-in's control port
is then skipped.
"""

import json
import os
import pathlib
import signal
import subprocess
import time
import uuid

import pytest
import requests
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient

START_SECONDS = 30
SCENARIO = pathlib.Path(__file__).with_name("scenario.json")
# What needs the whole of Rekey is run by Tests/EndToEndTests, which says what was near its end.
collect_ignore = [] if "REKEY_NEAR_EXPIRY" in os.environ else ["test_rabbitmq.py"]


class Control:
    """The stand-in's control port."""

    def __init__(self, url, token):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, body=None, expect=None):
        answer = self.session.request(method, self.url + path, json=body, timeout=60)
        if expect is not None:
            assert answer.status_code == expect, answer.text
        else:
            assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def fault(self, **members):
        return self.call("PUT", "/faults", members)

    def changes(self, since=0, api=None):
        suffix = f"&api={api}" if api else ""
        return self.call("GET", f"/changes?since={since}{suffix}")["changes"]

    def last(self):
        return self.call("GET", "/changes?since=999999999")["last"]


class Azure:
    """Where everything is, and who asks."""

    def __init__(self, **members):
        self.__dict__.update(members)

    def credential(self, name="observer"):
        known = self.clients[name]
        return ClientSecretCredential(
            self.tenant,
            known["id"],
            known["secret"],
            authority=self.authority,
            disable_instance_discovery=True,
        )

    def secrets(self, vault="app", name="observer", **options):
        return SecretClient(
            self.vaults[vault],
            self.credential(name),
            verify_challenge_resource=False,
            **options,
        )


def binary():
    if os.environ.get("REKEY_STANDIN_BINARY"):
        return pathlib.Path(os.environ["REKEY_STANDIN_BINARY"])
    if os.environ.get("REKEY_BIN_DIR"):
        return pathlib.Path(os.environ["REKEY_BIN_DIR"]) / "azure-standin"
    built = pathlib.Path(__file__).parents[2] / ".build/debug/azure-standin"
    return built if built.exists() and "AZURE_AUTHORITY_HOST" not in os.environ else None


def described(state):
    clients = {}
    for name, known in state["applications"].items():
        files = known["passwordFiles"]
        clients[name] = {
            "id": known["appId"],
            "object": known["objectId"],
            "secret": pathlib.Path(files[0]).read_text() if files else None,
            "certificate": known["certificateFile"],
            "token": known["federatedTokenFile"],
        }
    token = pathlib.Path(state["controlToken"]).read_text()
    return Azure(
        authority=state["authority"],
        graph=state["graph"],
        arm=state["arm"],
        identity=state["identity"],
        identity_header=pathlib.Path(state["identityHeader"]).read_text(),
        tenant=state["tenant"],
        subscription=state["subscription"],
        group=state["resourceGroup"],
        account=state["automationAccount"],
        vaults=state["vaults"],
        ca=state["ca"],
        directory=pathlib.Path(state["ca"]).parent,
        clients=clients,
        control=Control(state["control"], token),
    )


def from_environment():
    environment = os.environ
    if "AZURE_AUTHORITY_HOST" not in environment:
        pytest.skip("neither REKEY_BIN_DIR nor the variables of .rekey/env are set")
    observer = {
        "id": environment["AZURE_CLIENT_ID"],
        "secret": environment["AZURE_CLIENT_SECRET"],
    }
    return Azure(
        authority=environment["AZURE_AUTHORITY_HOST"],
        graph=environment["REKEY_GRAPH_URL"],
        arm=environment["REKEY_ARM_URL"],
        tenant=environment["AZURE_TENANT_ID"],
        subscription=environment["AZURE_SUBSCRIPTION_ID"],
        group=environment["REKEY_RESOURCE_GROUP"],
        account=environment["REKEY_AUTOMATION_ACCOUNT"],
        vaults={
            "app": environment["REKEY_VAULT_URL"],
            "staging": environment["REKEY_STAGING_VAULT_URL"],
        },
        clients={"observer": observer},
        control=None,
    )


@pytest.fixture(scope="session")
def azure(tmp_path_factory):
    program = binary()
    if program is None:
        yield from_environment()
        return
    directory = tmp_path_factory.mktemp("standin")
    log = open(directory / "standin.log", "wb")
    process = subprocess.Popen(
        [program, "--directory", directory, "--scenario", SCENARIO],
        stdout=log,
        stderr=log,
    )
    try:
        ready = directory / "standin.json"
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            assert process.poll() is None, (directory / "standin.log").read_text()
            assert time.monotonic() < deadline, "azure-standin did not start"
            time.sleep(0.05)
        state = json.loads(ready.read_text())
        assert state["pid"] == process.pid
        os.environ["REQUESTS_CA_BUNDLE"] = state["ca"]
        os.environ["SSL_CERT_FILE"] = state["ca"]
        yield described(state)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, "azure-standin did not end cleanly"
        assert not ready.exists()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        log.close()


@pytest.fixture
def control(azure):
    if azure.control is None:
        pytest.skip("the control port of this stand-in is not known")
    yield azure.control
    azure.control.call("DELETE", "/faults")


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"conformance-{uuid.uuid4().hex[:12]}"
