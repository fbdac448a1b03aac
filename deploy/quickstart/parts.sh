# shellcheck shell=bash disable=SC2034,SC2154
# Azure's stand-in, Rekey itself and its site agent.

# field FILE KEY…: a value of a JSON document.
field() {
    python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for word in sys.argv[2:]:
    value = value[int(word) if word.isdigit() else word]
print(value)' "$@"
}

launch_standin() {
    install -m 755 "$templates/update-hosts.py" "$here/update-hosts"
    render "$templates/scenario.json.template" >"$here/scenario.json"
    launch azure-standin TERM "$binaries/azure-standin" --directory "$here/standin" \
        --scenario "$here/scenario.json"
    wait_for 30 "azure-standin is ready" azure-standin test -s "$here/standin/standin.json"
    cat "$here/tls/ca.pem" "$here/standin/ca.pem" >"$here/ca.pem"
    learn_standin
}

# Where the stand-in listens, and what it made.
learn_standin() {
    local facts=$here/standin/standin.json
    TENANT=$(field "$facts" tenant)
    SUBSCRIPTION=$(field "$facts" subscription)
    RESOURCE_GROUP=$(field "$facts" resourceGroup)
    AUTOMATION_ACCOUNT=$(field "$facts" automationAccount)
    AUTHORITY=$(field "$facts" authority)
    GRAPH=$(field "$facts" graph)
    ARM=$(field "$facts" arm)
    CONTROL=$(field "$facts" control)
    APP_VAULT=$(field "$facts" vaults app)
    STAGING_VAULT=$(field "$facts" vaults staging)
    REKEY_CLIENT=$(field "$facts" applications rekey appId)
    REKEY_SECRET_FILE=$(field "$facts" applications rekey passwordFiles 0)
    LOGIN_CLIENT=$(field "$facts" applications login-client appId)
    LOGIN_SECRET_FILE=$(field "$facts" applications login-client passwordFiles 0)
    OBSERVER_CLIENT=$(field "$facts" applications observer appId)
    OBSERVER_SECRET_FILE=$(field "$facts" applications observer passwordFiles 0)
    ORDERS_APPLICATION=$(field "$facts" applications orders-api appId)
    ORDERS_OBJECT=$(field "$facts" applications orders-api objectId)
    ORDERS_SECRET_FILE=$(field "$facts" applications orders-api passwordFiles 0)
}

write_configuration() {
    mkdir -p "$here/rekey"
    render "$templates/rekey.yaml.template" >"$here/rekey/rekey.yaml"
    export REKEY_CONFIG=$here/rekey/rekey.yaml
}

# The on-prem half: an .env file with a line that Rekey keeps, and a command that is told of it.
make_site() {
    mkdir -p "$here/site"
    install -m 755 "$templates/site-command.sh" "$here/site/command"
    { site_other_lines; printf 'ORDERS_CLIENT_SECRET=%s\n' "$(<"$ORDERS_SECRET_FILE")"; } \
        >"$here/site/orders.env"
    chmod 640 "$here/site/orders.env"
}

site_other_lines() { printf '# The on-prem half of the orders service.\nORDERS_PORT=8443\n'; }

launch_agent() {
    launch agent TERM "$binaries/rekey" agent --site "$SITE" \
        --broker "amqps://localhost:$RABBITMQ_TLS_PORT" --user "rekey-agent-$SITE" \
        --password "file:$secrets/rabbitmq/agent" --ca "$here/tls/ca.pem" \
        --certificate "$here/tls/site.pem" --signing-key "$secrets/site.key" \
        --signer "$here/tls/signer.pem" --directory "$here/agent"
}

launch_rekey() {
    launch rekey TERM "$binaries/rekey" run --config "$here/rekey/rekey.yaml"
    wait_for 30 "the gateway is ready" rekey is_ready
}

is_ready() { curl -fsS --cacert "$here/tls/ca.pem" "https://localhost:$GATEWAY_PORT/ready"; }

# For independent clients: the secret here is an observer's own, which nobody rotates.
write_environment() {
    local observer outside
    observer=$(<"$secrets/postgres-observer")
    outside=$(<"$secrets/rabbitmq/client")
    cat >"$here/env" <<ENVIRONMENT
export AZURE_AUTHORITY_HOST='$AUTHORITY'
export AZURE_TENANT_ID='$TENANT'
export AZURE_CLIENT_ID='$OBSERVER_CLIENT'
export AZURE_CLIENT_SECRET='$(<"$OBSERVER_SECRET_FILE")'
export AZURE_SUBSCRIPTION_ID='$SUBSCRIPTION'
export REKEY_RESOURCE_GROUP='$RESOURCE_GROUP'
export REKEY_AUTOMATION_ACCOUNT='$AUTOMATION_ACCOUNT'
export REKEY_APPLICATION_ID='$ORDERS_APPLICATION'
export REKEY_VAULT_URL='$APP_VAULT'
export REKEY_STAGING_VAULT_URL='$STAGING_VAULT'
export REKEY_ARM_URL='$ARM'
export REKEY_GRAPH_URL='$GRAPH'
export REKEY_GATEWAY_URL='https://localhost:$GATEWAY_PORT'
export REKEY_CONFIG='$here/rekey/rekey.yaml'
export AMQP_URL='amqps://rekey-client:$outside@localhost:$RABBITMQ_TLS_PORT/%2Frekey'
export DATABASE_URL='postgres://observer:$observer@127.0.0.1:$POSTGRES_PORT/orders?sslmode=disable'
export REQUESTS_CA_BUNDLE='$here/ca.pem'
export SSL_CERT_FILE='$here/ca.pem'
ENVIRONMENT
}
