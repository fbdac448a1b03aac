# shellcheck shell=bash disable=SC2034,SC2154
# No value may lie where it does not belong: files of the run, and what processes show.

launch_canary() {
    cat >"$here/canary.json" <<SETTINGS
{
  "root": "$here", "report": "$here/canary.report", "ca": "$here/ca.pem",
  "authority": "$AUTHORITY", "tenant": "$TENANT", "client": "$OBSERVER_CLIENT",
  "clientSecretFile": "$OBSERVER_SECRET_FILE", "vaults": ["$APP_VAULT", "$STAGING_VAULT"],
  "valueFiles": [
    "$secrets/*", "$secrets/rabbitmq/*",
    "$here/standin/private/passwords/*"
  ],
  "except": [
    "$secrets", "$here/standin/private", "$here/postgres", "$here/env", "$here/site/orders.env"
  ]
}
SETTINGS
    launch canary TERM python3 "$templates/canary.py" "$here/canary.json"
}

demonstrate_canary() {
    local report=$here/canary.report planted
    step "searching every value of this run in files, journal, queues, logs and process lists"
    wait_for 10 "the search runs" canary test -s "$here/canary.json"
    stop_seconds=120
    stop_named canary
    stop_seconds=20
    [ -s "$report" ] || fail "the search left no report" "see $logs/canary.log"
    planted=$(field "$report" plantedFound)
    evidence "$(field "$report" values) values in $(field "$report" forms) forms," \
        "$(field "$report" files) files of $(field "$report" megabytes) MB," \
        "$(field "$report" processTexts) texts of processes"
    evidence "found: $(field "$report" found)"
    evidence "planted: $planted of $(field "$report" plantedFiles) found," \
        "in a process: $(field "$report" decoyFound)"
    check "no value was found" [ "$(field "$report" found)" = '[]' ]
    check "all planted values were found" [ "$planted" = "$(field "$report" plantedFiles)" ]
    check "the value planted in a process was found" [ "$(field "$report" decoyFound)" = True ]
}
