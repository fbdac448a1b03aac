#!/usr/bin/env bash
# Shows Rekey at work on this machine: a real RabbitMQ, a real PostgreSQL, and a double of Azure.
#
#   deploy/quickstart.sh          runs it all, and leaves it up to look at
#   deploy/quickstart.sh --once   runs it all, checks what it says, and cleans up
#   deploy/quickstart.sh --down   ends what is up
#
# Everything lives under .rekey/ and listens on 127.0.0.1 only, on free ports. REKEY_BIN_DIR names
# a folder with rekey and azure-standin that are built already.
set -euo pipefail
# Numbers are read and written with a point, and programs speak English.
export LC_ALL=C.UTF-8
umask 077
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SOURCE=$PWD
HERE=$SOURCE/.rekey
SITE=demo
readonly SOURCE HERE SITE
readonly here=$HERE
readonly templates=$SOURCE/deploy/quickstart
readonly secrets=$here/secrets
readonly logs=$here/logs
readonly pids=$here/pids

checks=0
broken=0

step() { printf '\n%6.1f s  %s\n' "$(elapsed)" "$*"; }
evidence() { printf '          · %s\n' "$*"; }

elapsed() { awk -v began="$began" '{ print $1 - began }' /proc/uptime; }

fail() {
    printf 'quickstart: error: %s\n' "$1" >&2
    printf 'quickstart: hint: %s\n' "$2" >&2
    exit 1
}

# check WHAT COMMAND…: counts, and says what is not as it should be.
check() {
    local what=$1
    shift
    checks=$((checks + 1))
    if "$@"; then
        printf '          ✓ %s\n' "$what"
    else
        broken=$((broken + 1))
        printf '          ✗ %s\n' "$what"
    fi
}

# float LEFT OPERATOR RIGHT, for numbers with a fraction.
float() { awk "BEGIN { exit !($1 $2 $3) }"; }

# shellcheck source=deploy/quickstart/processes.sh
. "$templates/processes.sh"
# shellcheck source=deploy/quickstart/servers.sh
. "$templates/servers.sh"
# shellcheck source=deploy/build.sh
. "$SOURCE/deploy/build.sh"
# shellcheck source=deploy/quickstart/parts.sh
. "$templates/parts.sh"
# shellcheck source=deploy/quickstart/application.sh
. "$templates/application.sh"
# shellcheck source=deploy/quickstart/database.sh
. "$templates/database.sh"
# shellcheck source=deploy/quickstart/canary.sh
. "$templates/canary.sh"

build() {
    binaries=${REKEY_BIN_DIR-}
    if [ -z "$binaries" ]; then
        local product
        for product in rekey azure-standin; do
            build_quickly --product "$product"
        done
        binaries=$(swift build --show-bin-path </dev/null)
    fi
    if ! [ -x "$binaries/rekey" ] || ! [ -x "$binaries/azure-standin" ]; then
        fail "no rekey or azure-standin in $binaries" "leave REKEY_BIN_DIR unset to build them"
    fi
}

take_down() {
    stop_all
    if [ -L "$here/postgres" ]; then rm -rf "$(readlink "$here/postgres")"; fi
}

prepare_folders() {
    rm -rf "$here"
    mkdir -m 711 "$here"
    mkdir -m 700 "$secrets"
    mkdir "$logs" "$here/clients"
    local name
    for name in postgres postgres-administrator postgres-orders postgres-reports \
        postgres-observer event-grid api; do
        new_password "$name"
    done
}

# shellcheck disable=SC2034  # the templates use them
choose_ports() {
    read -r RABBITMQ_PORT RABBITMQ_TLS_PORT DISTRIBUTION_PORT EPMD_PORT POSTGRES_PORT GATEWAY_PORT \
        < <(free_ports 6)
}

bring_up() {
    step "starting RabbitMQ, PostgreSQL and the stand-in for Azure"
    prepare_folders
    choose_ports
    make_certificates
    launch_rabbitmq
    launch_postgres
    launch_standin
    await_postgres
    await_rabbitmq
    evidence "RabbitMQ 127.0.0.1:$RABBITMQ_TLS_PORT (TLS), PostgreSQL 127.0.0.1:$POSTGRES_PORT"
    evidence "Azure's stand-in: $AUTHORITY, vaults $APP_VAULT and $STAGING_VAULT"
    step "starting rekey: worker, gateway, sweeper"
    write_configuration
    write_environment
    write_azure_settings
    launch_rekey
    make_site
    launch_agent
    evidence "gateway https://localhost:$GATEWAY_PORT, configuration $REKEY_CONFIG"
}

is_up() {
    local name
    for name in epmd rabbitmq postgres azure-standin rekey agent; do
        is_running "$name" || return 1
    done
}

show_next() {
    cat <<NEXT

Everything stays up until deploy/quickstart.sh --down. To try next:

    . .rekey/env                                     for rekey, Azure's own clients, psql, AMQP
    $binaries/rekey status
    $binaries/rekey history orders-client
    $binaries/rekey plan orders-database
    $binaries/rekey rotate orders-database --wait
    curl --cacert .rekey/ca.pem "\$REKEY_GATEWAY_URL/metrics"
NEXT
}

demonstrate() {
    launch_canary
    demonstrate_application
    demonstrate_alternate
    demonstrate_replace
    demonstrate_canary
}

close() {
    local status=$?
    trap - EXIT
    take_down
    exit "$status"
}

case ${1-} in
--down)
    take_down
    printf 'quickstart: all is down; logs are in %s\n' "$logs"
    exit 0
    ;;
--once | '') once=${1-} ;;
*)
    printf 'usage: deploy/quickstart.sh [--once|--down]\n' >&2
    exit 64
    ;;
esac

if [ -z "$once" ] && is_up; then
    printf 'quickstart: it is up already; deploy/quickstart.sh --down ends it\n'
    exit 0
fi
refuse_strangers
bash deploy/setup.sh
build
read -r began _ </proc/uptime
take_down
trap close EXIT
bring_up
demonstrate
step "the worker after all that"
evidence "rekey run: RssAnon $(memory_of rekey), the agent: $(memory_of agent)"
step "$((checks - broken)) of $checks checks are as said"
if [ -z "$once" ]; then
    trap - EXIT
    show_next
fi
[ "$broken" -eq 0 ]
