# shellcheck shell=bash disable=SC2034,SC2154
# A private RabbitMQ and a private PostgreSQL: loopback, free ports, own files. No system service.

readonly rabbitmq_programs=/usr/lib/rabbitmq/bin

# Ports below the ephemeral range, so that no outgoing connection takes one meanwhile.
free_ports() {
    python3 - "$1" <<'PYTHON'
import random, socket, sys

held, ports = [], []
while len(ports) < int(sys.argv[1]):
    probe = socket.socket()
    port = random.randrange(20_000, 32_000)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(probe)
    ports.append(str(port))
print(*ports)
PYTHON
}

# Fills ${NAME} in a template by the variable of that name, and prints it.
# shellcheck disable=SC2016
render() {
    local text name
    text=$(<"$1")
    while read -r name; do
        [ -n "${!name+x}" ] || fail "$1 needs $name" "set it before rendering"
        text=${text//"\${$name}"/${!name}}
    done < <(grep -o '\${[A-Z_]*}' "$1" | tr -d '${}' | sort -u)
    printf '%s\n' "$text"
}

new_password() { openssl rand -hex 20 | tr -d '\n' >"$secrets/$1"; }

# A test authority, and one certificate for all servers of this machine.
make_certificates() {
    local folder=$here/tls
    mkdir -p "$folder"
    openssl ecparam -name prime256v1 -genkey -noout -out "$secrets/ca.key"
    openssl req -x509 -new -key "$secrets/ca.key" -days 30 -subj '/CN=rekey quickstart' \
        -addext 'basicConstraints=critical,CA:TRUE' \
        -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$folder/ca.pem"
    openssl ecparam -name prime256v1 -genkey -noout -out "$folder/server.key"
    openssl req -new -key "$folder/server.key" -subj '/CN=localhost' -out "$folder/server.csr"
    printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
        'extendedKeyUsage=serverAuth,clientAuth' >"$folder/server.ext"
    openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$secrets/ca.key" \
        -CAcreateserial -days 30 -extfile "$folder/server.ext" -out "$folder/server.pem" 2>/dev/null
    # What the worker signs with, and what deliveries are sealed for at the site.
    make_certificate "$secrets/signer.key" "$folder/signer.pem" digitalSignature
    make_certificate "$secrets/site.key" "$folder/site.pem" keyEncipherment
}

make_certificate() {
    openssl req -x509 -newkey rsa:3072 -nodes -days 30 -subj "/CN=$(basename "$2" .pem)" \
        -addext "keyUsage=critical,$3" -keyout "$1" -out "$2" 2>/dev/null
}

rabbitmq_environment() {
    local loopback='-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false'
    rabbitmq_variables=(
        "PATH=$rabbitmq_programs:/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 "HOME=$here/rabbitmq"
        "ERL_EPMD_PORT=$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1
        "RABBITMQ_NODENAME=rekey-$RABBITMQ_PORT@localhost" "RABBITMQ_NODE_PORT=$RABBITMQ_PORT"
        "RABBITMQ_DIST_PORT=$DISTRIBUTION_PORT" "RABBITMQ_MNESIA_BASE=$here/rabbitmq/mnesia"
        "RABBITMQ_LOG_BASE=$here/rabbitmq/log" "RABBITMQ_CONFIG_FILE=$here/rabbitmq/rabbitmq.conf"
        "RABBITMQ_ENABLED_PLUGINS_FILE=$here/rabbitmq/enabled_plugins"
        "RABBITMQ_GENERATED_CONFIG_DIR=$here/rabbitmq/generated"
        "RABBITMQ_PLUGINS_EXPAND_DIR=$here/rabbitmq/plugins" RABBITMQ_CONF_ENV_FILE=/dev/null
        "RABBITMQ_CTL_ERL_ARGS=$loopback"
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=$loopback +sbwt none +sbwtdcpu none +sbwtdio none"
    )
}

# The broker imports its users from hashes; nobody's password is in its files.
launch_rabbitmq() {
    mkdir -p "$here"/rabbitmq/{mnesia,log,generated} "$secrets/rabbitmq"
    local name
    for name in worker gateway agent client; do new_password "rabbitmq/$name"; done
    bash deploy/rabbitmq/render.sh "$SITE" "$secrets/rabbitmq" >"$here/rabbitmq/definitions.json"
    render "$templates/rabbitmq.conf.template" >"$here/rabbitmq/rabbitmq.conf"
    printf '[].\n' >"$here/rabbitmq/enabled_plugins"
    openssl rand -hex 20 | tr -d '\n' >"$here/rabbitmq/.erlang.cookie"
    chmod 400 "$here/rabbitmq/.erlang.cookie"
    rabbitmq_environment
    launch epmd KILL env -i "${rabbitmq_variables[@]}" epmd -port "$EPMD_PORT" -address 127.0.0.1
    wait_for 10 "epmd listens" epmd is_open "$EPMD_PORT"
    launch rabbitmq TERM env -i "${rabbitmq_variables[@]}" "$rabbitmq_programs/rabbitmq-server"
}

await_rabbitmq() {
    wait_for 120 "RabbitMQ has started" rabbitmq \
        grep -q 'Starting broker... completed' "$logs/rabbitmq.log"
    wait_for 10 "RabbitMQ takes TLS" rabbitmq is_open "$RABBITMQ_TLS_PORT"
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# initdb and postgres refuse root; setpriv replaces itself, so that signals reach the server.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
    else
        "$@"
    fi
}

# Where postgres cannot come as far as here (/root), its data lie in a folder of /var/tmp, which it is
# told by its own name; the link tells `take_down` of it.
choose_postgres_folder() {
    postgres=$here/postgres
    if as_postgres test -x "$here"; then mkdir -m 755 "$postgres"; else
        postgres=$(mktemp -d /var/tmp/rekey-postgres.XXXXXX)
        chmod 755 "$postgres"
        ln -s "$postgres" "$here/postgres"
    fi
}

launch_postgres() {
    local newest data
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    choose_postgres_folder
    data=$postgres/data
    mkdir -m 700 "$data"
    cp "$secrets/postgres" "$postgres/initial"
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$data" "$postgres/initial"; fi
    (cd / && as_postgres "$newest/initdb" -D "$data" -U postgres --pwfile="$postgres/initial" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync --no-instructions) \
        >"$logs/initdb.log"
    rm "$postgres/initial"
    render "$templates/postgresql.conf.template" >>"$data/postgresql.conf"
    printf 'host all all 127.0.0.1/32 scram-sha-256\n' >"$data/pg_hba.conf"
    install -m 600 "$here/tls/server.key" "$data/server.key"
    cp "$here/tls/server.pem" "$data/server.crt"
    local -a command=("$newest/postgres" -D "$data")
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres: "$data/server.key" "$data/server.crt"
        command=(setpriv --reuid=postgres --regid=postgres --clear-groups "${command[@]}")
    fi
    # It goes back to where it was started from, which it may not enter here.
    (cd / && launch postgres INT "${command[@]}")
}

# Statements come on standard input, and the password from a file.
run_sql() {
    PGPASSFILE=$secrets/pgpass PGHOST=127.0.0.1 PGPORT=$POSTGRES_PORT PGUSER=postgres \
        PGDATABASE=${1:-postgres} PGCONNECT_TIMEOUT=10 psql -X -q -A -t -v ON_ERROR_STOP=1
}

await_postgres() {
    printf '*:*:*:*:%s\n' "$(<"$secrets/postgres")" >"$secrets/pgpass"
    wait_for 30 "PostgreSQL takes statements" postgres answers_sql
    ADMINISTRATOR_PASSWORD=$(<"$secrets/postgres-administrator")
    ORDERS_PASSWORD=$(<"$secrets/postgres-orders")
    REPORTS_PASSWORD=$(<"$secrets/postgres-reports")
    OBSERVER_PASSWORD=$(<"$secrets/postgres-observer")
    run_sql <<<'CREATE DATABASE orders'
    render "$templates/roles.sql.template" | run_sql orders
    unset ADMINISTRATOR_PASSWORD ORDERS_PASSWORD REPORTS_PASSWORD OBSERVER_PASSWORD
}

answers_sql() { run_sql <<<'SELECT 1'; }
