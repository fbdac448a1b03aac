#!/usr/bin/env python3
"""A workload: signs in to PostgreSQL anew at least 50 times a second, and counts what fails.

Its settings are a JSON file, named by the first argument; its report goes to another. It reads the
connection string from Key Vault by its own identity: each time, or again after `cacheSeconds`.
SIGTERM ends it.
"""

import ctypes
import http.client
import json
import pathlib
import signal
import ssl
import sys
import threading
import time
import urllib.parse

RATE = 75
THREADS = 8
TOKEN_SCOPE = "https://vault.azure.net/.default"
CONNECTION_OK = 0


class Library:
    """As much of libpq as a login needs."""

    def __init__(self):
        self.pq = ctypes.CDLL("libpq.so.5")
        for name in ("PQconnectdb", "PQexec"):
            getattr(self.pq, name).restype = ctypes.c_void_p
        self.pq.PQgetvalue.restype = ctypes.c_char_p
        self.pq.PQerrorMessage.restype = ctypes.c_char_p

    def sign_in(self, address):
        """Returns the role that the session acts as, or raises with the server's first line."""
        connection = ctypes.c_void_p(self.pq.PQconnectdb(address.encode()))
        try:
            if self.pq.PQstatus(connection) != CONNECTION_OK:
                text = self.pq.PQerrorMessage(connection).decode(errors="replace")
                raise ConnectionError(text.strip().split("FATAL:")[-1].strip())
            result = ctypes.c_void_p(self.pq.PQexec(connection, b"SELECT current_user"))
            role = self.pq.PQgetvalue(result, 0, 0)
            self.pq.PQclear(result)
            if role is None:
                raise ConnectionError("the session was lost")
            return role.decode()
        finally:
            self.pq.PQfinish(connection)


class Vault:
    """Reads one secret over one kept connection; every thread has its own."""

    def __init__(self, settings):
        self.settings = settings
        self.trust = ssl.create_default_context(cafile=settings["ca"])
        self.place = urllib.parse.urlsplit(settings["vault"])
        self.connection = None
        self.token = None

    def read(self):
        if self.token is None or time.monotonic() > self.token[1]:
            self.token = self.sign_in()
        headers = {"Authorization": "Bearer " + self.token[0]}
        path = f"/secrets/{self.settings['secret']}?api-version=7.4"
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.place.hostname, self.place.port, context=self.trust, timeout=10
                )
            try:
                self.connection.request("GET", path, headers=headers)
                answer = self.connection.getresponse()
                body = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.connection = None
                if attempt == 2:
                    raise
        if answer.status != 200:
            raise ConnectionError(f"the vault answers {answer.status}")
        return json.loads(body)["value"]

    def sign_in(self):
        place = urllib.parse.urlsplit(self.settings["authority"])
        connection = http.client.HTTPSConnection(
            place.hostname, place.port, context=self.trust, timeout=10
        )
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials",
            "client_id": self.settings["client"],
            "client_secret": pathlib.Path(self.settings["clientSecretFile"]).read_text().strip(),
            "scope": TOKEN_SCOPE,
        })
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/{self.settings['tenant']}/oauth2/v2.0/token", form, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["access_token"], time.monotonic() + answer["expires_in"] / 2


class Client:
    def __init__(self, settings):
        self.settings = settings
        self.library = Library()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.began = time.monotonic()
        self.next_slot = self.began
        self.cache = None
        self.seconds = {}
        self.failures = []
        self.roles = {}

    def slot(self):
        """The time of the next login; one that came late is not made up for."""
        with self.lock:
            self.next_slot = max(self.next_slot + 1 / RATE, time.monotonic() - 0.5)
            return self.next_slot

    def address(self, vault):
        limit = self.settings["cacheSeconds"]
        if limit == 0:
            return vault.read()
        with self.lock:
            if self.cache is None or time.monotonic() - self.cache[1] > limit:
                read_at = time.monotonic()
                self.cache = (vault.read(), read_at)
            return self.cache[0]

    def work(self):
        vault = Vault(self.settings)
        while not self.ended.is_set():
            pause = self.slot() - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            why, role = None, None
            try:
                role = self.library.sign_in(self.address(vault))
            except (OSError, ValueError, KeyError) as error:
                why = str(error)
            self.note(role, why)

    def note(self, role, why):
        now = time.time()
        with self.lock:
            second = int(time.monotonic() - self.began)
            self.seconds[second] = self.seconds.get(second, 0) + 1
            if why is None:
                self.roles[role] = self.roles.get(role, 0) + 1
            else:
                self.failures.append((now, why))

    def report(self):
        spent = time.monotonic() - self.began
        attempts = sum(self.seconds.values())
        whole = [self.seconds.get(second, 0) for second in range(1, int(spent))]
        times = [at for at, _ in self.failures]
        return {
            "client": self.settings["name"],
            "seconds": round(spent, 2),
            "attempts": attempts,
            "perSecond": round(attempts / spent, 1),
            "slowestSecond": min(whole, default=0),
            "failures": len(self.failures),
            "reasons": sorted({why for _, why in self.failures})[:3],
            "windowSeconds": round(max(times) - min(times), 3) if times else 0,
            "actedAs": self.roles,
        }


def main():
    settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
    client = Client(settings)
    signal.signal(signal.SIGTERM, lambda *_: client.ended.set())
    threads = [threading.Thread(target=client.work, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    client.ended.wait()
    for thread in threads:
        thread.join(15)
    pathlib.Path(settings["report"]).write_text(json.dumps(client.report()) + "\n")


main()
