"""A plain AMQP client, pika, as a publisher and a subscriber that know nothing of Rekey.

They need the whole of Rekey, which Tests/EndToEndTests starts before it runs these:
AMQP_URL and REKEY_CA; REKEY_REQUESTED, a credential's name; REKEY_NEAR_EXPIRY, another's and that
of its carrier, with a comma between; REKEY_VAULT_URL and REKEY_VERSION of that carrier.
"""

import datetime
import json
import os
import pathlib
import ssl
import time
import uuid

import jsonschema
import pika
import pytest

CONTRACTS = pathlib.Path(__file__).parents[2] / "contracts/events"
PATIENCE_SECONDS = 90


@pytest.fixture
def channel():
    parameters = pika.URLParameters(os.environ["AMQP_URL"])
    context = ssl.create_default_context(cafile=os.environ["REKEY_CA"])
    parameters.ssl_options = pika.SSLOptions(context, parameters.host)
    connection = pika.BlockingConnection(parameters)
    yield connection.channel()
    connection.close()


def subscribe(channel, key):
    queue = f"client.{uuid.uuid4().hex}"
    channel.queue_declare(queue, exclusive=True, auto_delete=True)
    channel.queue_bind(queue, "rekey.events", routing_key=key)
    return queue


def publish(channel, body, kind, name=None):
    channel.confirm_delivery()
    channel.basic_publish(
        "rekey.intake",
        "from.outside",
        json.dumps(body).encode(),
        pika.BasicProperties(
            message_id=name or str(uuid.uuid4()),
            type=kind,
            content_type="application/json",
            delivery_mode=2,
            user_id=pika.URLParameters(os.environ["AMQP_URL"]).credentials.username,
        ),
        mandatory=True,
    )


def first(channel, queue, secret):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        method, properties, body = channel.basic_get(queue, auto_ack=True)
        if method is None:
            channel.connection.process_data_events(time_limit=0.1)
            continue
        event = json.loads(body)
        if event["subject"] == secret:
            return properties, event
    raise AssertionError(f"nothing about {secret} came within {PATIENCE_SECONDS} s")


def validate(event):
    schema = json.loads((CONTRACTS / f"{event['type']}.schema.json").read_text())
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(event)


def test_a_request_is_answered_by_a_completion(channel):
    """`rekey.rotation.requested.v1` in, `rekey.rotation.completed.v1` out, as contracts/ says."""
    secret = os.environ["REKEY_REQUESTED"]
    queue = subscribe(channel, "rotation.completed.#")
    request = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "outside",
        "type": "rekey.rotation.requested.v1",
        "subject": secret,
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {"secret": secret, "reason": "routine"},
    }
    validate(request)
    publish(channel, request, "rekey.rotation.requested.v1")
    properties, event = first(channel, queue, secret)
    assert event["type"] == "rekey.rotation.completed.v1"
    assert properties.type == event["type"]
    assert properties.message_id == event["id"]
    assert properties.delivery_mode == 2
    validate(event)


def test_an_event_grid_event_is_answered_by_a_completion(channel):
    """Event Grid's own schema, published as it is."""
    secret, name = os.environ["REKEY_NEAR_EXPIRY"].split(",")
    queue = subscribe(channel, "rotation.completed.#")
    vault, version = os.environ["REKEY_VAULT_URL"], os.environ["REKEY_VERSION"]
    event = {
        "id": str(uuid.uuid4()),
        "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/app",
        "subject": name,
        "eventType": "Microsoft.KeyVault.SecretNearExpiry",
        "eventTime": "2026-11-21T12:00:00Z",
        "dataVersion": "1",
        "metadataVersion": "1",
        "data": {
            "Id": f"{vault}/secrets/{name}/{version}",
            "VaultName": "app",
            "ObjectType": "Secret",
            "ObjectName": name,
            "Version": version,
            "NBF": None,
            "EXP": 1790000000,
        },
    }
    publish(channel, [event], "Microsoft.KeyVault.SecretNearExpiry")
    _, completed = first(channel, queue, secret)
    validate(completed)
    assert completed["type"] == "rekey.rotation.completed.v1"


def test_an_event_that_is_too_long_is_published(channel):
    """Who published it hears nothing of it: its test in Swift looks where it was parked."""
    publish(channel, {"id": "x" * (70 << 10)}, "rekey.rotation.requested.v1", "too-long")
