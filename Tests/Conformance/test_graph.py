"""Microsoft Graph: credentials of an application, as documented and recorded."""

import msal
import pytest
import requests


class Graph:
    def __init__(self, azure, name="rekey"):
        known = azure.clients[name]
        client = msal.ConfidentialClientApplication(
            known["id"],
            client_credential=known["secret"],
            authority=f"{azure.authority}/{azure.tenant}",
            instance_discovery=False,
        )
        token = client.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        self.base = f"{azure.graph}/v1.0"
        self.headers = {"Authorization": f"Bearer {token['access_token']}"}

    def get(self, path, **query):
        return requests.get(self.base + path, params=query, headers=self.headers, timeout=10)

    def post(self, path, body=None):
        return requests.post(self.base + path, json=body, headers=self.headers, timeout=10)

    def add(self, object_id, **members):
        body = {"passwordCredential": members}
        return self.post(f"/applications/{object_id}/addPassword", body)

    def remove(self, object_id, key_id):
        return self.post(f"/applications/{object_id}/removePassword", {"keyId": key_id})

    def passwords(self, object_id):
        return self.get(f"/applications/{object_id}").json()["passwordCredentials"]


@pytest.fixture
def graph(azure, control):
    return Graph(azure)


@pytest.fixture
def orders(azure):
    return azure.clients["orders-api"]


def test_an_application_is_found_by_its_application_id(graph, orders):
    found = graph.get("/applications", **{"$filter": f"appId eq '{orders['id']}'"})
    assert [one["id"] for one in found.json()["value"]] == [orders["object"]]
    alternate = graph.get(f"/applications(appId='{orders['id']}')", **{"$select": "id,appId"})
    members = set(alternate.json()) - {"@odata.context"}
    assert members == {"id", "appId"} and alternate.json()["id"] == orders["object"]


def test_the_application_id_is_not_the_object_id(graph, orders):
    missing = graph.get(f"/applications/{orders['id']}")
    assert missing.status_code == 404
    error = missing.json()["error"]
    assert error["code"] == "Request_ResourceNotFound"
    assert {"date", "request-id", "client-request-id"} <= set(error["innerError"])


def test_a_secret_is_shown_once_and_works_until_it_is_removed(azure, control, graph, orders):
    added = graph.add(orders["object"], displayName="rotation/1")
    assert added.status_code == 200 and "x-ms-resource-unit" in added.headers
    made = added.json()
    assert 16 <= len(made["secretText"]) <= 64
    assert made["hint"] == made["secretText"][:3]
    shown = [one for one in graph.passwords(orders["object"]) if one["keyId"] == made["keyId"]]
    assert shown[0]["secretText"] is None and shown[0]["displayName"] == "rotation/1"
    azure.clients["rotated"] = {"id": orders["id"], "secret": made["secretText"]}
    scope = "https://vault.azure.net/.default"
    assert azure.credential("rotated").get_token(scope).token
    assert graph.remove(orders["object"], made["keyId"]).status_code == 204
    with pytest.raises(Exception) as refused:
        azure.credential("rotated").get_token(scope)
    assert "AADSTS7000215" in str(refused.value)
    changes = [one.get("changed", {}) for one in control.changes(0, "graph")]
    mine = [one["kind"] for one in changes if one.get("keyId") == made["keyId"]]
    assert mine == ["passwordAdded", "passwordRemoved"]
    assert made["secretText"] not in (azure.directory / "changes.jsonl").read_text()


def test_a_password_lasts_two_years_unless_told_otherwise(graph, orders):
    made = graph.post(f"/applications/{orders['object']}/addPassword").json()
    assert int(made["endDateTime"][:4]) - int(made["startDateTime"][:4]) == 2
    end = {"endDateTime": "2199-01-01T00:00:00Z"}
    other = graph.add(orders["object"], **end).json()
    assert other["endDateTime"] == end["endDateTime"]
    for one in (made, other):
        graph.remove(orders["object"], one["keyId"])


def test_removing_an_absent_password_is_a_bad_request(graph, orders):
    key = "00000000-0000-4000-8000-000000000000"
    refused = graph.remove(orders["object"], key)
    assert refused.status_code == 400
    assert "No password credential found with keyId" in refused.json()["error"]["message"]


def test_owners_are_told_and_only_they_may_write(azure, graph, orders):
    owners = graph.get(f"/applications/{orders['object']}/owners").json()["value"]
    assert [one["appId"] for one in owners] == [azure.clients["rekey"]["id"]]
    refused = graph.add(azure.clients["stranger"]["object"], displayName="x")
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "Authorization_RequestDenied"
    assert Graph(azure, "observer").add(orders["object"]).status_code == 403
    assert Graph(azure, "stranger").get("/applications").status_code == 403


def test_personal_applications_hold_two_passwords(azure, graph):
    personal = azure.clients["personal-app"]["object"]
    second = graph.add(personal, displayName="second")
    assert second.status_code == 200
    third = graph.add(personal, displayName="third")
    assert third.status_code == 400 and "credential limit" in third.json()["error"]["message"]
    graph.remove(personal, second.json()["keyId"])


def test_reads_lag_behind_writes_and_flap(control, graph, orders):
    control.fault(api="graph", kind="lag", seconds=3600)
    made = graph.add(orders["object"], displayName="late").json()
    names = [one["displayName"] for one in graph.passwords(orders["object"])]
    assert "late" not in names
    control.fault(api="graph", kind="lag", seconds=0)
    control.fault(api="graph", kind="flap", seconds=3600)
    seen = {
        "late" in [one["displayName"] for one in graph.passwords(orders["object"])]
        for _ in range(4)
    }
    assert seen == {True, False}
    control.fault(api="graph", kind="flap", seconds=0)
    assert "late" in [one["displayName"] for one in graph.passwords(orders["object"])]
    graph.remove(orders["object"], made["keyId"])


def test_no_token_and_a_wrong_token_are_unauthorized(azure):
    url = f"{azure.graph}/v1.0/applications"
    assert requests.get(url, timeout=10).status_code == 401
    answer = requests.get(url, headers={"Authorization": "Bearer x"}, timeout=10)
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
