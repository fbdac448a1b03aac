#!/usr/bin/env python3
"""Looks at Azure's stand-in from outside. Values are compared by digest and never printed.

    azure.py sign-in SETTINGS FILE      asks for a token with the client secret in FILE
    azure.py put SETTINGS VAULT NAME    a new version of a secret, its value left as it is
    azure.py accepted SETTINGS NAME     digests of the application's client secrets, one a line
    azure.py latest SETTINGS VAULT NAME digest of the vault's latest version
    azure.py versions SETTINGS VAULT NAME   how many versions there are
    azure.py jobs SETTINGS              runbook, worker group, status and digest of each job
    azure.py delivered SETTINGS NAME    how often an event about the secret was delivered
    azure.py job-file SETTINGS          what each job's script wrote down
    azure.py variable FILE NAME         digest of a variable's value in a .env file

SETTINGS is a JSON file: control, controlToken, authority, tenant, client, application, ca, jobs,
expiresInSeconds.
"""

import hashlib
import json
import pathlib
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class StandIn:
    def __init__(self, path):
        self.settings = json.loads(pathlib.Path(path).read_text())
        self.trust = ssl.create_default_context(cafile=self.settings["ca"])

    def control(self, method, path, body=None):
        token = pathlib.Path(self.settings["controlToken"]).read_text().strip()
        request = urllib.request.Request(
            self.settings["control"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def sign_in(self, file):
        """`accepted`, or the number of the refusal, such as `AADSTS7000215`."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.settings["client"],
            "client_secret": pathlib.Path(file).read_text().strip(),
            "scope": "https://graph.microsoft.com/.default",
        }
        address = f"{self.settings['authority']}/{self.settings['tenant']}/oauth2/v2.0/token"
        data = urllib.parse.urlencode(form).encode()
        try:
            with urllib.request.urlopen(address, data, context=self.trust, timeout=30) as answer:
                return "accepted" if "access_token" in json.loads(answer.read()) else "unclear"
        except urllib.error.HTTPError as error:
            return json.loads(error.read())["error_description"].split(":")[0]

    def put(self, vault, name):
        secret = {
            "name": name,
            "valueFrom": "application:" + self.settings["application"],
            "expiresInSeconds": self.settings["expiresInSeconds"],
        }
        return self.control("PUT", f"/vaults/{vault}/secrets/{name}", secret)["version"]

    def accepted(self, name):
        passwords = self.control("GET", "/accepted")["applications"][name]["passwords"]
        return "\n".join(one["digest"] for one in passwords if one["accepted"])

    def secret(self, vault, name):
        return self.control("GET", "/accepted")["vaults"][vault][name]

    def latest(self, vault, name):
        return self.secret(vault, name)["digest"]

    def versions(self, vault, name):
        return len(self.secret(vault, name)["versions"])

    def jobs(self):
        lines = []
        for job in self.control("GET", "/jobs")["jobs"]:
            sent = job["parameters"].get("ClientSecret", "-")
            lines.append(f"{job['runbook']} {job['runOn']} {job['status']} {sent}")
        return "\n".join(lines)

    def job_file(self):
        folder = pathlib.Path(self.settings["jobs"])
        return "\n".join(path.read_text().strip() for path in folder.glob("*/received.sha256"))

    def delivered(self, name):
        deliveries = self.control("GET", "/deliveries")["deliveries"]
        return sum(one["name"] == name and one["outcome"] == "delivered" for one in deliveries)


def variable(file, name):
    for line in pathlib.Path(file).read_text().splitlines():
        key, mark, value = line.partition("=")
        if mark and key.strip() == name:
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            return digest(value)
    return "absent"


def main():
    action, settings, *rest = sys.argv[1:]
    if action == "variable":
        print(variable(settings, *rest) if pathlib.Path(settings).exists() else "no file")
        return
    print(getattr(StandIn(settings), action.replace("-", "_"))(*rest))


main()
