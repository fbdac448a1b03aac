#!/usr/bin/env python3
"""The runbook: takes the new client secret, and writes down the digest of what arrived.

Jobs have no order: one that comes after that of a later value changes nothing.
"""

import hashlib
import json
import pathlib
import sys

job = json.load(sys.stdin)
value = job["parameters"].get("ClientSecret", "")
if not isinstance(value, str):
    value = json.dumps(value)
sequence = int(job["parameters"].get("Sequence", 0))
highest = pathlib.Path("sequence")
if highest.exists() and int(highest.read_text()) > sequence:
    print(f"late: {sequence} came after {highest.read_text().strip()}")
    sys.exit(0)
highest.write_text(f"{sequence}\n")
digest = hashlib.sha256(value.encode()).hexdigest()
pathlib.Path("received.sha256").write_text(digest + "\n")
print("delivered")
print(f"sha256 {digest} on {job.get('runOn') or 'Azure'}")
