#!/usr/bin/env bash
# Fills definitions.json.template and prints it; passwords are read from files and never shown.
#
#   render.sh SITE FOLDER > definitions.json
#
# FOLDER holds the files worker, gateway, agent and client, each with one password (a newline at
# its end does not count). The result holds salted hashes only, as RabbitMQ keeps them.
set -euo pipefail

readonly template="${BASH_SOURCE[0]%/*}/definitions.json.template"

fail() {
    printf 'render: error: %s\n' "$1" >&2
    printf 'render: hint: %s\n' "$2" >&2
    exit "$3"
}

[ "$#" -eq 2 ] || fail "two arguments are needed" "render.sh SITE FOLDER > definitions.json" 64
readonly site=$1 folder=$2
[[ $site =~ ^[a-z0-9-]+$ ]] || fail "'$site' is no site name" "use a-z, 0-9 and -" 64

# rabbit_password_hashing_sha256: base64 of four bytes of salt and SHA-256 over salt and password.
password_hash() {
    local file=$folder/$1 salt
    [ -s "$file" ] || fail "$file is not there or empty" "write the password of $1 into it" 78
    salt=$(mktemp)
    openssl rand -out "$salt" 4
    { cat "$salt" && printf '%s' "$(<"$file")"; } | openssl dgst -sha256 -binary |
        cat "$salt" - | base64 -w 0
    rm -f "$salt"
}

text=$(<"$template")
text=${text//"\${SITE}"/$site}
for name in worker gateway agent client; do
    hash=$(password_hash "$name")
    text=${text//"\${${name^^}_PASSWORD_HASH}"/$hash}
done
printf '%s\n' "$text"
