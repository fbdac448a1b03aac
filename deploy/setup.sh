#!/usr/bin/env bash
# Makes a Debian 12 machine ready to build and test Rekey, and says what it does.
#
# Installs what is missing with apt, and nothing when all is there: then it needs no root. The
# packages of RabbitMQ and PostgreSQL would start system services; a policy-rc.d that answers 101
# prevents that while they are installed, and the old one is put back. The tests and the quickstart
# start private servers of their own.
set -euo pipefail
# Numbers are read and written with a point, and programs speak English.
export LC_ALL=C.UTF-8

readonly swift_minimum=6.2
readonly packages=(
    ca-certificates curl git openssl pkg-config procps
    libcurl4-openssl-dev libpq-dev librabbitmq-dev libsqlite3-dev libssl-dev
    gcc postgresql rabbitmq-server spin
    python3 python3-pip python3-venv
    fish zsh
)
readonly policy=/usr/sbin/policy-rc.d

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: error: %s\n' "$1" >&2
    printf 'setup: hint: %s\n' "$2" >&2
    exit 69
}

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

put_policy_back() {
    rm -f "$policy"
    if [ -e "$saved/policy-rc.d" ]; then cp -p "$saved/policy-rc.d" "$policy"; fi
    rm -rf "$saved"
}

# Runs as root.
install_packages() {
    saved=$(mktemp -d)
    if [ -e "$policy" ]; then cp -p "$policy" "$saved/policy-rc.d"; fi
    trap put_policy_back EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "$@"
}

install_missing() {
    command -v apt-get >/dev/null ||
        fail "this machine has no apt" "on another system install: ${packages[*]}"
    local missing
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -eq 0 ]; then
        say "all ${#packages[@]} packages are installed"
        return
    fi
    say "installing with apt, starting no service: ${missing[*]}"
    if [ "$(id -u)" -eq 0 ]; then
        (install_packages "${missing[@]}" </dev/null)
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n bash "$0" --as-root "${missing[@]}" </dev/null
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        sudo bash "$0" --as-root "${missing[@]}"
    else
        fail "these packages are missing, and installing needs root: ${missing[*]}" \
            "run once as root: bash deploy/setup.sh"
    fi
}

check_programs() {
    local program
    for program in /usr/lib/rabbitmq/bin/rabbitmq-server erl_call epmd psql openssl setpriv python3 \
        gcc spin fish zsh; do
        command -v "$program" >/dev/null ||
            fail "$program is not there although its package is" "reinstall it with apt"
    done
    local module
    for module in libcurl libpq librabbitmq libssl sqlite3; do
        pkg-config --exists "$module" ||
            fail "pkg-config does not find $module" "reinstall its -dev package with apt"
    done
}

check_swift() {
    local hint="install it from https://www.swift.org/install/linux and put it on PATH"
    command -v swift >/dev/null || fail "Swift $swift_minimum or newer is needed; none is on PATH" "$hint"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "swift --version names no version" "$hint"
    [ "$(printf '%s\n%s\n' "$swift_minimum" "$version" | sort -V | head -n 1)" = "$swift_minimum" ] ||
        fail "Swift $swift_minimum or newer is needed; this is $version" "$hint"
    say "Swift $version"
}

case ${1-} in
--as-root)
    shift
    install_packages "$@"
    ;;
'')
    install_missing
    check_programs
    check_swift
    say "ready"
    ;;
*)
    printf 'usage: deploy/setup.sh\n' >&2
    exit 64
    ;;
esac
