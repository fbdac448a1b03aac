# shellcheck shell=bash disable=SC2034,SC2154
# Part (b): a PostgreSQL connection string, while two clients sign in all the time.

readonly logins_per_second=50
readonly cache_seconds=3

launch_client() {
    local name=$1 secret=$2 cache=$3
    cat >"$here/clients/$name.json" <<SETTINGS
{
  "name": "$name", "secret": "$secret", "cacheSeconds": $cache, "vault": "$APP_VAULT",
  "authority": "$AUTHORITY", "tenant": "$TENANT", "client": "$LOGIN_CLIENT",
  "clientSecretFile": "$LOGIN_SECRET_FILE", "ca": "$here/ca.pem",
  "report": "$here/clients/$name.report"
}
SETTINGS
    launch "$name" TERM python3 "$templates/login_client.py" "$here/clients/$name.json"
}

fatal_count() { grep -c 'FATAL:' "$logs/postgres.log" || true; }

# rotate_under_load SECRET LABEL: rotates while two clients sign in; leaves their reports.
rotate_under_load() {
    local secret=$1 label=$2 status=0
    launch_client "$label-reader" "$secret" 0
    launch_client "$label-cache" "$secret" "$cache_seconds"
    sleep 2
    "$binaries/rekey" rotate "$secret" --wait </dev/null >"$here/clients/$label.rotate" 2>&1 ||
        status=$?
    sleep "$((cache_seconds + 1))"
    stop_named "$label-reader"
    stop_named "$label-cache"
    sed 's/^/    /' "$here/clients/$label.rotate"
    [ "$status" -eq 0 ] || fail "rekey rotate $secret ended with $status" "see $logs/rekey.log"
    rotation=$(sed -n 's/^rotation \([^ ]*\) of .*/\1/p' "$here/clients/$label.rotate" | head -n 1)
    evidence "rekey history $rotation"
}

show_report() {
    local file=$here/clients/$1.report
    [ -s "$file" ] || fail "$1 left no report" "see $logs/$1.log"
    evidence "$1: $(field "$file" attempts) logins in $(field "$file" seconds) s" \
        "($(field "$file" perSecond)/s, slowest second $(field "$file" slowestSecond))," \
        "$(field "$file" failures) failed $(field "$file" reasons)," \
        "acted as $(field "$file" actedAs)"
}

reported() { field "$here/clients/$1.report" "$2"; }

check_rate() {
    check "$1 signed in at least $logins_per_second times a second" \
        float "$(reported "$1" perSecond)" '>=' "$logins_per_second"
}

demonstrate_alternate() {
    local before after
    step "(b) rekey rotate orders-database: two roles take turns under load"
    before=$(fatal_count)
    rotate_under_load orders-database alternate
    after=$(fatal_count)
    show_report alternate-reader
    show_report alternate-cache
    evidence "PostgreSQL logged $((after - before)) FATAL lines meanwhile"
    check_rate alternate-reader
    check_rate alternate-cache
    check "no login failed, reading each time" [ "$(reported alternate-reader failures)" -eq 0 ]
    check "no login failed, caching for $cache_seconds s" \
        [ "$(reported alternate-cache failures)" -eq 0 ]
    check "PostgreSQL refused nobody" [ "$after" -eq "$before" ]
}

demonstrate_replace() {
    local gap before
    step "(b) the same clients under replace: one role, one password, hence a gap"
    before=$(fatal_count)
    rotate_under_load reports-database replace
    show_report replace-reader
    show_report replace-cache
    gap=$("$binaries/rekey" history reports-database </dev/null |
        sed -n "s/.* \([0-9.]*\) s  *$rotation.*/\1/p")
    evidence "completion says gapSeconds $gap; the reader was cut off for" \
        "$(reported replace-reader windowSeconds) s, the cache for" \
        "$(reported replace-cache windowSeconds) s; FATAL lines $(($(fatal_count) - before))"
    check "replace shows failed logins" \
        [ $(($(reported replace-reader failures) + $(reported replace-cache failures))) -gt 0 ]
    # Between the new password and the new version only; a login in flight adds its own time.
    check "the reader's gap is within gapSeconds and a login's time" \
        float "$(reported replace-reader windowSeconds)" '<=' "$gap + 0.5"
    check "the cache's gap is within gapSeconds and its cache" \
        float "$(reported replace-cache windowSeconds)" '<=' "$gap + $cache_seconds + 0.5"
}
