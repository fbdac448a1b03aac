"""azure-identity and msal: tokens by secret, certificate, federated token and managed identity."""

import jwt
import msal
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

SCOPE = "https://vault.azure.net/.default"


def verified(azure, token):
    keys = jwt.PyJWKClient(f"{azure.authority}/{azure.tenant}/discovery/v2.0/keys")
    keys.fetch_data = lambda: requests.get(keys.uri, timeout=10).json()
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],
        audience="https://vault.azure.net",
        issuer=f"{azure.authority}/{azure.tenant}/v2.0",
    )


def refusal(azure, name, secret):
    with pytest.raises(ClientAuthenticationError) as refused:
        ClientSecretCredential(
            azure.tenant,
            azure.clients[name]["id"] if name in azure.clients else name,
            secret,
            authority=azure.authority,
            disable_instance_discovery=True,
        ).get_token(SCOPE)
    return refused.value.message


def test_a_secret_gives_a_token_that_the_published_key_verifies(azure):
    claims = verified(azure, azure.credential().get_token(SCOPE).token)
    assert claims["appid"] == claims["azp"] == azure.clients["observer"]["id"]
    assert claims["tid"] == azure.tenant and claims["oid"]


def test_a_wrong_and_an_expired_secret_and_an_unknown_application_are_told_apart(azure, control):
    assert "AADSTS7000215" in refusal(azure, "observer", "wrong")
    assert "AADSTS7000222" in refusal(azure, "expired", azure.clients["expired"]["secret"])
    unknown = "00000000-0000-4000-8000-000000000000"
    assert "AADSTS700016" in refusal(azure, unknown, "any")


def test_a_certificate_gives_a_token(azure, control):
    credential = CertificateCredential(
        azure.tenant,
        azure.clients["rekey"]["id"],
        azure.clients["rekey"]["certificate"],
        authority=azure.authority,
        disable_instance_discovery=True,
    )
    assert verified(azure, credential.get_token(SCOPE).token)["appid"]


def test_a_certificate_that_is_not_registered_is_refused(azure, control):
    credential = CertificateCredential(
        azure.tenant,
        azure.clients["observer"]["id"],
        azure.clients["rekey"]["certificate"],
        authority=azure.authority,
        disable_instance_discovery=True,
    )
    with pytest.raises(ClientAuthenticationError) as refused:
        credential.get_token(SCOPE)
    assert "AADSTS700027" in refused.value.message


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_both_kinds_of_client_assertion_are_taken(azure, control, algorithm):
    import base64
    import datetime
    import uuid

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    pem = open(azure.clients["rekey"]["certificate"], "rb").read()
    certificate = x509.load_pem_x509_certificate(pem)
    key = serialization.load_pem_private_key(pem, None)
    field, digest = (
        ("x5t", hashes.SHA1()) if algorithm == "RS256" else ("x5t#S256", hashes.SHA256())
    )
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(digest)).decode().rstrip("=")
    client = azure.clients["rekey"]["id"]
    endpoint = f"{azure.authority}/{azure.tenant}/oauth2/v2.0/token"
    now = datetime.datetime.now(datetime.timezone.utc)
    assertion = jwt.encode(
        {
            "aud": endpoint,
            "iss": client,
            "sub": client,
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "exp": now + datetime.timedelta(minutes=10),
        },
        key,
        algorithm=algorithm,
        headers={field: thumbprint},
    )
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "scope": SCOPE,
    }
    answer = requests.post(endpoint, data=form, timeout=10)
    assert answer.status_code == 200, answer.text
    assert verified(azure, answer.json()["access_token"])["appid"] == client
    form["client_assertion"] = assertion[:-8] + "AAAAAAAA"
    answer = requests.post(endpoint, data=form, timeout=10)
    assert answer.status_code == 401 and answer.json()["error_codes"] == [700027]


def test_a_federated_token_file_gives_a_token(azure, control):
    credential = WorkloadIdentityCredential(
        tenant_id=azure.tenant,
        client_id=azure.clients["rekey"]["id"],
        token_file_path=azure.clients["rekey"]["token"],
        authority=azure.authority,
        disable_instance_discovery=True,
    )
    assert verified(azure, credential.get_token(SCOPE).token)["appid"]


def test_a_federated_token_of_another_application_is_refused(azure, control):
    credential = WorkloadIdentityCredential(
        tenant_id=azure.tenant,
        client_id=azure.clients["observer"]["id"],
        token_file_path=azure.clients["rekey"]["token"],
        authority=azure.authority,
        disable_instance_discovery=True,
    )
    with pytest.raises(ClientAuthenticationError) as refused:
        credential.get_token(SCOPE)
    assert "AADSTS70021" in refused.value.message


def test_a_machine_has_an_identity(azure, control, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", azure.identity)
    token = ManagedIdentityCredential().get_token(SCOPE).token
    assert verified(azure, token)["appid"] == azure.clients["rekey"]["id"]


def test_an_app_service_has_an_identity(azure, control, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure.identity}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", azure.identity_header)
    token = ManagedIdentityCredential().get_token(SCOPE).token
    assert verified(azure, token)["appid"] == azure.clients["rekey"]["id"]


def test_the_identity_endpoint_wants_its_header(azure, control):
    url = f"{azure.identity}/metadata/identity/oauth2/token"
    query = {"api-version": "2018-02-01", "resource": "https://vault.azure.net"}
    assert requests.get(url, params=query, timeout=10).status_code == 400
    answer = requests.get(url, params=query, headers={"Metadata": "true"}, timeout=10)
    assert answer.status_code == 200 and isinstance(answer.json()["expires_on"], str)
    query["client_id"] = "00000000-0000-4000-8000-000000000000"
    answer = requests.get(url, params=query, headers={"Metadata": "true"}, timeout=10)
    assert answer.status_code == 400


def test_msal_gets_a_token_and_a_refusal(azure):
    known = azure.clients["observer"]
    options = {
        "authority": f"{azure.authority}/{azure.tenant}",
        "instance_discovery": False,
    }
    good = msal.ConfidentialClientApplication(
        known["id"], client_credential=known["secret"], **options
    )
    assert good.acquire_token_for_client([SCOPE])["expires_in"] == 3599
    bad = msal.ConfidentialClientApplication(known["id"], client_credential="wrong", **options)
    answer = bad.acquire_token_for_client([SCOPE])
    assert answer["error"] == "invalid_client" and answer["error_codes"] == [7000215]


def test_a_new_secret_is_refused_until_it_is_replicated(azure, control):
    control.fault(api="login", kind="lag", seconds=3600)
    made = control.call("POST", "/applications/stranger/passwords", {"displayName": "new"})
    secret = open(made["file"]).read()
    assert "AADSTS7000215" in refusal(azure, "stranger", secret)
    control.fault(api="login", kind="lag", seconds=0)
    azure.clients["new"] = {"id": azure.clients["stranger"]["id"], "secret": secret}
    assert azure.credential("new").get_token(SCOPE).token
    control.call("DELETE", f"/applications/stranger/passwords/{made['keyId']}")
    assert "AADSTS7000215" in refusal(azure, "stranger", secret)
    kinds = [
        one["changed"]["kind"]
        for one in control.changes(0, "control")
        if one["changed"].get("keyId") == made["keyId"]
    ]
    assert kinds == ["passwordAdded", "passwordRemoved"]
