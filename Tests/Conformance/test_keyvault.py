"""azure-keyvault-secrets: what the stand-in's vaults must do for Microsoft's client."""

import datetime

import pytest
import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

NEXT_YEAR = datetime.datetime.now(datetime.timezone.utc).replace(
    microsecond=0
) + datetime.timedelta(days=365)


def test_a_value_that_was_set_is_read_back_with_everything_that_was_said_of_it(azure, name):
    client = azure.secrets()
    made = client.set_secret(
        name,
        "first value",
        content_type="text/plain",
        tags={"rekey-write": "one"},
        expires_on=NEXT_YEAR,
    )
    read = client.get_secret(name)
    assert read.value == "first value"
    assert read.properties.version == made.properties.version
    assert read.properties.content_type == "text/plain"
    assert read.properties.tags == {"rekey-write": "one"}
    assert read.properties.expires_on == NEXT_YEAR
    assert read.properties.recovery_level == "Recoverable+Purgeable"
    assert read.id.startswith(azure.vaults["app"] + "/secrets/")


def test_a_set_makes_a_new_version_and_inherits_nothing(azure, name):
    client = azure.secrets()
    first = client.set_secret(name, "same", tags={"a": "b"}, expires_on=NEXT_YEAR)
    second = client.set_secret(name, "same")
    assert first.properties.version != second.properties.version
    latest = client.get_secret(name)
    assert latest.properties.version == second.properties.version
    assert latest.properties.tags is None and latest.properties.expires_on is None
    assert client.get_secret(name, first.properties.version).properties.tags == {"a": "b"}


def test_versions_are_paged_in_the_order_of_their_ids(azure, name):
    client = azure.secrets()
    made = [client.set_secret(name, str(number)).properties.version for number in range(7)]
    pages = client.list_properties_of_secret_versions(name, max_page_size=2).by_page()
    listed = [[item.version for item in page] for page in pages]
    assert [len(page) for page in listed] == [2, 2, 2, 1]
    flat = [version for page in listed for version in page]
    assert flat == sorted(made)
    assert client.get_secret(name).properties.version == made[-1]


def test_secrets_are_listed_in_pages(azure, name):
    client = azure.secrets("staging")
    names = [f"{name}-{number}" for number in range(5)]
    for one in names:
        client.set_secret(one, "x")
    pages = [list(page) for page in client.list_properties_of_secrets(max_page_size=2).by_page()]
    assert all(len(page) <= 2 for page in pages)
    listed = [item.name for page in pages for item in page]
    assert set(names) <= set(listed) and len(listed) == len(set(listed))


def test_an_update_leaves_alone_what_it_does_not_name(azure, name):
    client = azure.secrets()
    version = client.set_secret(name, "x", content_type="a", tags={"a": "b"}).properties.version
    updated = client.update_secret_properties(name, version, expires_on=NEXT_YEAR)
    assert updated.content_type == "a" and updated.tags == {"a": "b"}
    assert updated.expires_on == NEXT_YEAR
    assert client.update_secret_properties(name, tags={"c": "d"}).tags == {"c": "d"}


def test_a_disabled_latest_version_is_forbidden_and_nothing_older_is_given(azure, name):
    client = azure.secrets()
    older = client.set_secret(name, "older").properties.version
    latest = client.set_secret(name, "latest").properties.version
    client.update_secret_properties(name, latest, enabled=False)
    with pytest.raises(HttpResponseError) as refused:
        client.get_secret(name)
    assert refused.value.status_code == 403
    assert refused.value.error.code == "Forbidden"
    assert "disabled secret" in refused.value.message
    assert refused.value.response.json()["error"]["innererror"]["code"] == "SecretDisabled"
    assert client.get_secret(name, older).value == "older"


def test_a_deleted_secret_can_be_seen_recovered_and_read(azure, name):
    client = azure.secrets()
    client.set_secret(name, "kept")
    poller = client.begin_delete_secret(name)
    with pytest.raises(ResourceNotFoundError) as missing:
        client.get_secret(name)
    assert missing.value.error.code == "SecretNotFound"
    poller.wait()
    deleted = client.get_deleted_secret(name)
    assert deleted.recovery_id.endswith(f"/deletedsecrets/{name}")
    assert deleted.scheduled_purge_date > deleted.deleted_date
    assert name in [item.name for item in client.list_deleted_secrets()]
    client.begin_recover_deleted_secret(name).wait()
    assert client.get_secret(name).value == "kept"


def test_a_deleted_secret_is_not_at_once_among_the_deleted_ones(azure, control, name):
    client = azure.secrets()
    client.set_secret(name, "x")
    poller = client.begin_delete_secret(name)
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_secret(name)
    poller.wait()
    assert client.get_deleted_secret(name).name == name


def test_a_deleted_name_cannot_be_written(azure, name):
    client = azure.secrets()
    client.set_secret(name, "x")
    client.begin_delete_secret(name).wait()
    with pytest.raises(ResourceExistsError) as conflict:
        client.set_secret(name, "y")
    assert conflict.value.status_code == 409
    inner = conflict.value.response.json()["error"]["innererror"]["code"]
    assert inner == "ObjectIsDeletedButRecoverable"


def test_a_purged_name_is_free_again(azure, name):
    client = azure.secrets()
    client.set_secret(name, "x")
    client.begin_delete_secret(name).wait()
    client.purge_deleted_secret(name)
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_secret(name)
    assert client.set_secret(name, "y").value == "y"


def test_a_protected_vault_does_not_purge(azure, control, name):
    client = azure.secrets("staging")
    client.set_secret(name, "x")
    client.begin_delete_secret(name).wait()
    with pytest.raises(HttpResponseError) as refused:
        client.purge_deleted_secret(name)
    assert refused.value.status_code == 403


def test_a_vault_without_soft_delete_deletes_at_once(azure, control, name):
    client = azure.secrets("plain")
    client.set_secret(name, "x")
    assert client.begin_delete_secret(name).result().recovery_id is None
    assert client.set_secret(name, "y").value == "y"


def test_a_missing_secret_and_a_missing_version_are_not_found(azure, name):
    client = azure.secrets()
    with pytest.raises(ResourceNotFoundError):
        client.get_secret(name)
    client.set_secret(name, "x")
    with pytest.raises(ResourceNotFoundError):
        client.get_secret(name, "0" * 32)


@pytest.mark.parametrize(
    "arguments",
    [
        {"value": "x" * (25 * 1024 + 1)},
        {"value": "x", "tags": {f"tag{number}": "x" for number in range(16)}},
        {"value": "x", "content_type": "x" * 256},
    ],
    ids=["value", "tags", "content type"],
)
def test_what_is_over_a_limit_is_a_bad_parameter(azure, name, arguments):
    with pytest.raises(HttpResponseError) as refused:
        azure.secrets().set_secret(name, **arguments)
    assert refused.value.status_code == 400
    assert refused.value.error.code == "BadParameter"


def test_the_first_request_carries_no_value_and_is_challenged(azure, control, name):
    # A vault of its own: the client remembers the challenge of one that it has seen.
    vault = {"name": name[-12:], "permissions": {"observer": ["set"]}}
    azure.vaults[vault["name"]] = control.call("POST", "/vaults", vault)["url"]
    before = control.last()
    azure.secrets(vault["name"]).set_secret(name, "x")
    mine = control.changes(before, "keyvault")
    assert [one["status"] for one in mine] == [401, 200]
    assert all(one["vault"] == vault["name"] for one in mine)
    challenge = requests.put(
        f"{azure.vaults['app']}/secrets/{name}?api-version=7.4", timeout=10
    )
    assert challenge.status_code == 401
    expected = f'Bearer authorization="{azure.authority}/{azure.tenant}", '
    assert challenge.headers["WWW-Authenticate"] == (
        expected + 'resource="https://vault.azure.net"'
    )


def test_a_request_without_api_version_is_refused(azure, name):
    token = azure.credential().get_token("https://vault.azure.net/.default").token
    answer = requests.get(
        f"{azure.vaults['app']}/secrets/{name}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "BadParameter"


def test_a_token_for_another_service_is_not_taken(azure):
    token = azure.credential().get_token("https://graph.microsoft.com/.default").token
    answer = requests.get(
        f"{azure.vaults['app']}/secrets?api-version=7.4",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_permissions_are_per_principal_and_can_be_withdrawn(azure, control, name):
    azure.secrets().set_secret(name, "x")
    with pytest.raises(HttpResponseError) as refused:
        azure.secrets(name="stranger").get_secret(name)
    assert refused.value.status_code == 403
    assert refused.value.response.json()["error"]["innererror"]["code"] == "ForbiddenByRbac"
    rekey = azure.secrets(name="rekey")
    rekey.set_secret(name, "y")
    right = {"principal": "rekey", "api": "keyvault", "vault": "app"}
    control.call("POST", "/permissions/withdraw", right)
    with pytest.raises(HttpResponseError):
        rekey.set_secret(name, "z")
    assert rekey.get_secret(name).value == "y"
    control.call("POST", "/permissions/restore", right)
    assert rekey.set_secret(name, "z").value == "z"


def test_a_wrong_client_secret_is_an_authentication_error(azure):
    azure.clients["wrong"] = {**azure.clients["observer"], "secret": "not the secret"}
    with pytest.raises(ClientAuthenticationError) as refused:
        azure.secrets(name="wrong").get_secret("anything")
    assert "AADSTS7000215" in refused.value.message
