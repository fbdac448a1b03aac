# shellcheck shell=bash disable=SC2034,SC2154
# Part (a): a near-expiry event about the client secret of an Entra application.

azure() { python3 "$templates/azure.py" "$@"; }

write_azure_settings() {
    azure_settings=$here/azure.json
    cat >"$azure_settings" <<SETTINGS
{
  "control": "$CONTROL", "controlToken": "$here/standin/control-token", "ca": "$here/ca.pem",
  "authority": "$AUTHORITY", "tenant": "$TENANT", "client": "$ORDERS_APPLICATION",
  "application": "orders-api", "jobs": "$here/standin/jobs", "expiresInSeconds": 864000
}
SETTINGS
}

# A column of the newest line of `rekey history`: BEGAN SECRET STATE GAP s ROTATION.
newest() {
    "$binaries/rekey" history "$1" </dev/null |
        awk -v name="$1" "!found && \$2 == name { print $2; found = 1 }"
}

rotation_of() { newest "$1" "\$NF"; }

state_of() { newest "$1" "\$3"; }

has_rotation() { [ -n "$(rotation_of orders-client)" ]; }

is_closed() { [ "$(state_of orders-client)" = closed ]; }

is_adopted() { grep -q 'a credential was adopted .*orders-client' "$logs/rekey.log"; }

was_delivered() { [ "$(azure delivered "$azure_settings" orders-client-secret)" -gt 0 ]; }

demonstrate_application() {
    local before after rotation
    step "(a) the vault says that a client secret is near its end"
    wait_for 20 "orders-client is known" rekey is_adopted
    check "the first client secret signs in" \
        [ "$(azure sign-in "$azure_settings" "$ORDERS_SECRET_FILE")" = accepted ]
    before=$(azure latest "$azure_settings" app orders-client-secret)
    evidence "version $(azure put "$azure_settings" app orders-client-secret) ends in ten days"
    wait_for 20 "SecretNearExpiry is delivered" azure-standin was_delivered
    evidence "SecretNearExpiry went through the gateway (header checked) to RabbitMQ"
    wait_for 20 "a rotation begins" rekey has_rotation
    rotation=$(rotation_of orders-client)
    wait_for 90 "the rotation ends" rekey is_closed
    "$binaries/rekey" history "$rotation" </dev/null | sed 's/^/    /'
    evidence "rekey history $rotation"
    after=$(azure latest "$azure_settings" app orders-client-secret)
    evidence "sha256 of the vault's latest: ${before:0:12}… before, ${after:0:12}… now"
    check "the vault holds another value" [ "$after" != "$before" ]
    check "the application accepts that value and no other" \
        [ "$(azure accepted "$azure_settings" orders-api)" = "$after" ]
    check_delivery "$after"
    check "the old credential is refused by the token endpoint (AADSTS7000215)" \
        [ "$(azure sign-in "$azure_settings" "$ORDERS_SECRET_FILE")" = AADSTS7000215 ]
}

# What the hybrid worker's runbook and the site's .env received, by digest.
check_delivery() {
    local jobs
    jobs=$(azure jobs "$azure_settings")
    evidence "job: $jobs"
    check "one runbook job ran on the hybrid workers and completed, given exactly that value" \
        [ "$jobs" = "update-orders-hosts on-prem Completed $1" ]
    check "its script received exactly that value" [ "$(azure job-file "$azure_settings")" = "$1" ]
    check "the site's .env holds exactly that value" \
        [ "$(azure variable "$here/site/orders.env" ORDERS_CLIENT_SECRET)" = "$1" ]
    check "the other lines of the .env are as they were" \
        [ "$(grep -v '^ORDERS_CLIENT_SECRET=' "$here/site/orders.env")" = "$(site_other_lines)" ]
    check "the .env keeps its mode" [ "$(stat -c %a "$here/site/orders.env")" = 640 ]
    check "the site's command was told, and saw the same value on standard input" \
        [ "$(cat "$here/site/command.sha256" 2>/dev/null)" = "$1" ]
}
