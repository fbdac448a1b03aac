#!/bin/sh
# What a site runs after its .env file changed: the value comes on standard input. A real one would
# reload a service; this one writes down the digest of what it was told.
set -eu
sha256sum | cut -d ' ' -f 1 >"${0%/*}/command.sha256"
