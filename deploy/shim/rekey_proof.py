#!/usr/bin/env python3
"""Proves to Rekey which credential this process holds; see README.md beside it. Copy it freely.

In an application: rekey_proof.answer(body, "orders-api", {"orders-database": lambda: password})
By itself, with its settings in the environment: REKEY_LISTEN=127.0.0.1:8090 REKEY_TOKEN=...
REKEY_WORKLOAD=orders-api REKEY_CREDENTIALS='{"orders-database": "/run/secrets/password"}'
"""
import hashlib
import hmac
import http.server
import json
import os
import pathlib

LIMIT = 4096  # bytes of a request


def proof(value, nonce, workload, credential):
    """`value` is the bare credential in bytes, as the application signs in with it."""
    key = hashlib.pbkdf2_hmac("sha256", value, nonce, 100_000, 32)
    parts = (b"rekey-proof-v1", nonce, workload.encode(), credential.encode())
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(key, framed, hashlib.sha256).hexdigest()


def answer(body, workload, holders):
    """The status and JSON for a challenge; `holders` says by credential what is held just now."""
    try:
        asked = json.loads(body)
        nonce, credential = bytes.fromhex(asked["nonce"]), asked["credential"]
        is_ours = len(nonce) == 32 and asked["workload"] == workload
    except (ValueError, KeyError, TypeError):
        return 400, b"{}"
    if not is_ours or credential not in holders:
        return 404, b"{}"
    value = holders[credential]()
    return 200, json.dumps({"proof": proof(value, nonce, workload, credential)}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LIMIT))
        given = (self.headers.get("Authorization") or "").encode()
        if hmac.compare_digest(given, os.environ["REKEY_TOKEN"].encode()):
            status, text = answer(body, os.environ["REKEY_WORKLOAD"], self.server.holders)
        else:
            status, text = 401, b"{}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    host, port = os.environ["REKEY_LISTEN"].rsplit(":", 1)
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    files = json.loads(os.environ["REKEY_CREDENTIALS"])
    server.holders = {name: pathlib.Path(path).read_bytes for name, path in files.items()}
    server.serve_forever()
