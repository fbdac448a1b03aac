"""Event Grid: handshakes, near-expiry events, retries, authentication."""

import http.server
import json
import ssl
import threading
import time

import jwt
import pytest
import requests

SECONDS = 20


class Receiver:
    """A webhook that remembers what it got and answers as it is told."""

    def __init__(self, azure):
        self.requests = []
        self.statuses = []
        self.agrees = True
        receiver = self

        class Answers(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_OPTIONS(self):
                receiver.requests.append(("OPTIONS", dict(self.headers), None))
                self.send_response(200)
                self.send_header("Allow", "POST")
                if receiver.agrees:
                    origin = self.headers["WebHook-Request-Origin"]
                    self.send_header("WebHook-Allowed-Origin", origin)
                    self.send_header("WebHook-Allowed-Rate", "*")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                kind = self.headers["aeg-event-type"]
                receiver.requests.append((kind, dict(self.headers), body))
                answer, status = b"", 200
                if kind == "SubscriptionValidation":
                    code = body[0]["data"]["validationCode"] if receiver.agrees else "wrong"
                    answer = json.dumps({"validationResponse": code}).encode()
                elif receiver.statuses:
                    status = receiver.statuses.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        private = azure.directory / "private"
        context.load_cert_chain(private / "server.pem", private / "server.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of_kind(self, kind):
        return [one for one in list(self.requests) if one[0] == kind]


def until(condition, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def receiver(azure, control):
    receiver = Receiver(azure)
    yield receiver
    receiver.server.shutdown()


@pytest.fixture
def vault(azure, control, name):
    """A vault of its own, so that no other test's secrets raise events."""
    short = name[-12:]
    declared = {"name": short, "permissions": {"observer": ["*"]}}
    azure.vaults[short] = control.call("POST", "/vaults", declared)["url"]
    return short


def subscribe(control, receiver, vault, name, **members):
    body = {"name": name, "vaults": [vault], "url": receiver.url, **members}
    control.call("POST", "/subscriptions", body)


def state(control, name):
    known = control.call("GET", "/subscriptions")["subscriptions"]
    return next(one["state"] for one in known if one["name"] == name)


def make(control, vault, secret="orders", seconds=86400):
    body = {"expiresInSeconds": seconds}
    return control.call("PUT", f"/vaults/{vault}/secrets/{secret}", body)["version"]


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_a_secret_near_its_expiry_is_announced_once(azure, control, receiver, vault, name, schema):
    subscribe(
        control, receiver, vault, name, schema=schema, eventTypes=["SecretNearExpiry"]
    )
    until(lambda: state(control, name) == "Succeeded")
    version = make(control, vault)
    make(control, vault, "later", 90 * 86400)
    kind, headers, body = until(lambda: receiver.of_kind("Notification"))[0]
    assert headers["aeg-subscription-name"] == name
    event = body[0] if schema == "eventgrid" else body
    data = event["data"]
    assert event["subject"] == data["ObjectName"] == "orders"
    assert data["Version"] == version and data["VaultName"] == vault
    assert data["Id"] == f"{azure.vaults[vault]}/secrets/orders/{version}"
    if schema == "eventgrid":
        assert event["eventType"] == "Microsoft.KeyVault.SecretNearExpiry"
        assert receiver.of_kind("SubscriptionValidation")
    else:
        assert event["type"] == "Microsoft.KeyVault.SecretNearExpiry"
        assert event["specversion"] == "1.0"
        assert headers["content-type"].startswith("application/cloudevents+json")
        asked = receiver.of_kind("OPTIONS")[0][1]
        assert asked["WebHook-Request-Origin"] == "eventgrid.azure.net"
    time.sleep(1)
    assert len(receiver.of_kind("Notification")) == 1


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_nothing_is_sent_before_the_receiver_has_agreed(control, receiver, vault, name, schema):
    receiver.agrees = False
    subscribe(control, receiver, vault, name, schema=schema)
    until(lambda: state(control, name) == "AwaitingManualAction")
    make(control, vault)
    time.sleep(1)
    assert not receiver.of_kind("Notification")
    receiver.agrees = True
    until(lambda: state(control, name) == "Succeeded")
    until(lambda: receiver.of_kind("Notification"))


def deliveries(control, name):
    known = control.call("GET", "/deliveries")["deliveries"]
    return [one for one in known if one["subscription"] == name]


def test_a_delivery_is_tried_again_but_not_after_a_refusal(azure, control, receiver, vault, name):
    subscribe(control, receiver, vault, name, eventTypes=["SecretNewVersionCreated"])
    until(lambda: state(control, name) == "Succeeded")
    receiver.statuses = [503, 500]
    azure.secrets(vault).set_secret("retried", "x")
    done = until(lambda: [one for one in deliveries(control, name) if one["outcome"] != "pending"])
    assert done[0]["outcome"] == "delivered" and done[0]["statuses"] == [503, 500, 200]
    counts = [one[1]["aeg-delivery-count"] for one in receiver.of_kind("Notification")]
    assert counts == ["0", "1", "2"]
    receiver.statuses = [401]
    azure.secrets(vault).set_secret("refused", "x")
    dropped = until(
        lambda: [one for one in deliveries(control, name) if one["outcome"] == "dropped"]
    )
    assert dropped[0]["statuses"] == [401]


def test_deliveries_carry_a_secret_header_or_a_token(azure, control, receiver, vault, name):
    file = azure.directory / f"{name}.header"
    file.write_text("the header's value")
    headers = {"X-Rekey-Secret": f"file:{file}"}
    subscribe(control, receiver, vault, name, headers=headers)
    until(lambda: state(control, name) == "Succeeded")
    assert receiver.requests[-1][1]["X-Rekey-Secret"] == "the header's value"
    shown = json.dumps(control.call("GET", "/subscriptions"))
    assert "the header's value" not in shown
    entra = {"audience": "api://rekey-gateway", "application": "stranger"}
    subscribe(control, receiver, vault, name, schema="cloudevents", entra=entra)
    until(lambda: state(control, name) == "Succeeded")
    token = receiver.of_kind("OPTIONS")[-1][1]["authorization"].split()[1]
    uri = f"{azure.authority}/{azure.tenant}/discovery/v2.0/keys"
    key = jwt.PyJWK(requests.get(uri, timeout=10).json()["keys"][0])
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="api://rekey-gateway")
    assert claims["appid"] == azure.clients["stranger"]["id"]


def test_an_event_can_be_sent_again_on_request(control, receiver, vault, name):
    subscribe(control, receiver, vault, name, eventTypes=["SecretNearExpiry"])
    until(lambda: state(control, name) == "Succeeded")
    make(control, vault, seconds=90 * 86400)
    body = {"type": "SecretNearExpiry", "vault": vault, "name": "orders", "copies": 5}
    ids = control.call("POST", "/events", body, expect=202)["events"]
    until(lambda: len(receiver.of_kind("Notification")) == 5)
    seen = {one[2][0]["id"] for one in receiver.of_kind("Notification")}
    assert seen == set(ids)


def test_a_changed_expiry_raises_no_event(azure, control, receiver, vault, name):
    import datetime

    subscribe(control, receiver, vault, name, eventTypes=["SecretNearExpiry"])
    until(lambda: state(control, name) == "Succeeded")
    client = azure.secrets(vault)
    client.set_secret("patched", "x")
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    client.update_secret_properties("patched", expires_on=tomorrow)
    make(control, vault, "witness")
    until(lambda: receiver.of_kind("Notification"))
    time.sleep(0.6)
    subjects = [one[2][0]["subject"] for one in receiver.of_kind("Notification")]
    assert subjects == ["witness"]


def test_one_event_can_be_delivered_several_times(control, receiver, vault, name):
    subscribe(control, receiver, vault, name, eventTypes=["SecretNearExpiry"])
    until(lambda: state(control, name) == "Succeeded")
    make(control, vault, seconds=90 * 86400)
    body = {"type": "SecretNearExpiry", "vault": vault, "name": "orders"}
    control.call("POST", "/events", {**body, "copies": 3, "sameId": True})
    until(lambda: len(receiver.of_kind("Notification")) == 3)
    assert len({one[2][0]["id"] for one in receiver.of_kind("Notification")}) == 1
