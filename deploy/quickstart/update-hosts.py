#!/usr/bin/env python3
"""The runbook: takes the new client secret, and writes down the digest of what arrived."""

import hashlib
import json
import pathlib
import sys

job = json.load(sys.stdin)
value = job["parameters"].get("ClientSecret", "")
if not isinstance(value, str):
    value = json.dumps(value)
digest = hashlib.sha256(value.encode()).hexdigest()
pathlib.Path("received.sha256").write_text(digest + "\n")
print("delivered")
print(f"sha256 {digest} on {job.get('runOn') or 'Azure'}")
