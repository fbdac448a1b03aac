#!/usr/bin/env python3
"""Searches for every value of a run where none may be, in six encodings.

Its settings are a JSON file. Until SIGTERM it takes down what `/proc/*/{cmdline,environ}` show;
then it reads every value from the vaults and the secret files, searches what it took down and all
files under `root` but those of `except`, and writes its report. So that silence means something,
it plants values of its own, in each encoding and in a process, and has to find them.
"""

import base64
import hashlib
import json
import os
import pathlib
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

PAUSE_SECONDS = 0.1
SHORTEST = 12
SCOPE = "https://vault.azure.net/.default"


def forms(value):
    """The value in each encoding, by the encoding's name."""
    raw = value.encode()
    found = {
        "raw": {raw},
        "hex": {raw.hex().encode(), raw.hex().upper().encode()},
        "percent": {
            urllib.parse.quote(value, safe="").encode(),
            b"".join(b"%%%02X" % byte for byte in raw),
            b"".join(b"%%%02x" % byte for byte in raw),
        },
        "json": {
            json.dumps(value)[1:-1].encode(),
            json.dumps(value)[1:-1].replace("/", "\\/").encode(),
            "".join(f"\\u{ord(sign):04x}" for sign in value).encode(),
        },
        "utf-16": {value.encode("utf-16-le")},
        "base64": set(),
    }
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw)
        # What touches a neighbour's bits differs, so it is cut off at both ends.
        core = text[-(-offset * 8 // 6) : len(text) - 4]
        found["base64"] |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return found


class Watch:
    """What the argument lists and environments of all processes show, each text once."""

    def __init__(self):
        self.seen = {}

    def look(self):
        for process in os.listdir("/proc"):
            if not process.isdigit():
                continue
            for name in ("cmdline", "environ"):
                try:
                    text = pathlib.Path("/proc", process, name).read_bytes()
                except OSError:
                    continue
                place = f"/proc/{process}/{name}"
                self.seen.setdefault(hashlib.sha256(text).digest(), (place, text))


class Values:
    """Every value of this run: in secret files, and in each version of each secret."""

    def __init__(self, settings):
        self.settings = settings
        self.trust = ssl.create_default_context(cafile=settings["ca"])
        self.all = {}

    def gather(self):
        for pattern in self.settings["valueFiles"]:
            for path in pathlib.Path("/").glob(pattern.lstrip("/")):
                if path.is_file():
                    self.add(path.name, path.read_text().strip())
        token = self.sign_in()
        for vault in self.settings["vaults"]:
            for secret in self.list(f"{vault}/secrets?api-version=7.4", token):
                for version in self.list(f"{secret['id']}/versions?api-version=7.4", token):
                    self.read(version["id"], token)
        return self.all

    def add(self, name, value):
        """Of a connection string the password counts, not what everybody may know."""
        if "://" in value:
            value = urllib.parse.unquote(urllib.parse.urlsplit(value).password or "")
        if len(value) >= SHORTEST and "\n" not in value:
            self.all.setdefault(value, name)

    def read(self, address, token):
        try:
            found = self.get(address + "?api-version=7.4", token)
            self.add(address.split("/secrets/")[1], found["value"])
        except urllib.error.HTTPError as error:
            # A staged version is disabled at the end; its value lives on in its carrier.
            if error.code != 403:
                raise

    def list(self, address, token):
        while address:
            page = self.get(address, token)
            yield from page["value"]
            address = page.get("nextLink")

    def get(self, address, token):
        request = urllib.request.Request(address, headers={"Authorization": "Bearer " + token})
        with urllib.request.urlopen(request, context=self.trust, timeout=30) as answer:
            return json.loads(answer.read())

    def sign_in(self):
        form = {
            "grant_type": "client_credentials",
            "client_id": self.settings["client"],
            "scope": SCOPE,
            "client_secret": pathlib.Path(self.settings["clientSecretFile"]).read_text().strip(),
        }
        address = f"{self.settings['authority']}/{self.settings['tenant']}/oauth2/v2.0/token"
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(address, data, context=self.trust, timeout=30) as answer:
            return json.loads(answer.read())["access_token"]


class Search:
    def __init__(self, values):
        self.needles = [
            (name, kind, form)
            for value, name in values.items()
            for kind, group in forms(value).items()
            for form in group
        ]
        self.found = []
        self.bytes = 0

    def through(self, place, text):
        self.bytes += len(text)
        for name, kind, form in self.needles:
            if form in text:
                self.found.append(f"{name} as {kind} in {place}")

    def files(self, root, exceptions):
        count = 0
        for folder, folders, names in os.walk(root):
            folders[:] = [one for one in folders if os.path.join(folder, one) not in exceptions]
            for name in names:
                path = os.path.join(folder, name)
                if path in exceptions or not os.path.isfile(path):
                    continue
                try:
                    self.through(path, pathlib.Path(path).read_bytes())
                    count += 1
                except FileNotFoundError:
                    continue
        return count


def plant(folder, value):
    """Each form in a file of its own, among other bytes."""
    folder.mkdir()
    for kind, group in forms(value).items():
        for number, form in enumerate(sorted(group)):
            (folder / f"{kind}-{number}").write_bytes(b"before " + form + b" after")


def main():
    settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    decoy = secrets.token_hex(20)
    sleeper = subprocess.Popen(["sh", "-c", "sleep 1; :", decoy], env={"PATH": "/usr/bin:/bin"})
    watch = Watch()
    while not ended.wait(PAUSE_SECONDS):
        watch.look()
    sleeper.wait()
    values = Values(settings).gather()
    search = Search(values)
    files = search.files(settings["root"], set(settings["except"]))
    for place, text in watch.seen.values():
        search.through(place, text)
    planted = secrets.token_urlsafe(24) + "/+"
    folder = pathlib.Path(settings["root"], "planted")
    plant(folder, planted)
    control = Search({planted: "planted", decoy: "decoy"})
    control.files(folder, set())
    for place, text in watch.seen.values():
        control.through(place, text)
    report = {
        "values": len(values),
        "forms": len(search.needles),
        "files": files,
        "megabytes": round(search.bytes / 1e6, 1),
        "processTexts": len(watch.seen),
        "found": search.found,
        "plantedFiles": sum(1 for _ in folder.iterdir()),
        "plantedFound": len({one.split(" in ")[1] for one in control.found if "planted" in one}),
        "decoyFound": any(one.startswith("decoy") and "/proc/" in one for one in control.found),
    }
    pathlib.Path(settings["report"]).write_text(json.dumps(report, indent=2) + "\n")


main()
