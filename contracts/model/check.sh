#!/usr/bin/env bash
# Checks the models with Spin, and prints a table: what was run, its states, what came of it.
#
#   contracts/model/check.sh             every run
#   contracts/model/check.sh PATTERN     only the runs whose line matches, as bash compares
#
# A model has to hold, and every mutant of it has to fail by an assertion; anything else ends with
# 1. It needs spin and gcc (Debian packages of these names), two cores and half a minute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly jobs=2
readonly run_seconds=120
readonly depth_limit=1000000

# Model, whether it has to hold, its name in the table, and what it is compiled with.
readonly every_run=(
    "saga|holds|six faults|-DFAULTS=6"
    "saga|holds|one parking, two faults|-DFAULTS=2 -DPARKS=1"
    "saga|holds|two parkings, one fault|-DFAULTS=1 -DPARKS=2"
    "saga|fails|acknowledged before the inbox has it|-DACK_EARLY"
    "saga|fails|marked sent before the confirm|-DMARK_EARLY"
    "saga|fails|no inbox|-DNO_INBOX"
    "saga|fails|published before the commit|-DPUBLISH_EARLY"
    "saga|fails|no sweep of the outbox|-DNO_SWEEP"
    "saga|fails|no sweep of the inbox|-DNO_INBOX_SWEEP"
    "saga|fails|no sweep of the rotations|-DNO_ROTATION_SWEEP"
    "saga|fails|an event runs its step by itself|-DNO_STATE"
    "saga|fails|retention shorter than parking|-DFAULTS=0 -DPARKS=1 -DSHORT_RETENTION"
    "saga|fails|an answer counts after the timer|-DLATE_ANSWER"
    "saga|fails|undoes what was not done|-DUNDO_ALL"
    "saga|fails|undoing is not recorded|-DUNDO_TWICE"
    "saga|fails|it is never complete|-DNEVER_COMPLETE"
    "saga|fails|it never goes back after a replay|-DFAULTS=0 -DPARKS=1 -DNEVER_BACK"
    "claims|holds|one lapse, one death, one loss|-DLAPSES=1 -DDEATHS=1 -DLOSSES=1"
    "claims|fails|no fencing|-DNO_FENCING"
    "claims|fails|absence is believed at once|-DNO_WAIT"
    "claims|fails|repeats without a look|-DNO_LOOK"
    "claims|fails|intent after the effect|-DINTENT_AFTER"
    "claims|fails|evidence counts after the timer|-DLATE_EVENT"
    "claims|fails|revokes with the promotion|-DEARLY_REVOKE"
    "claims|fails|nobody takes a dead worker's place|-DNO_LAPSE_SWEEP"
    "claims|fails|it never closes after a death|-DNEVER_CLOSED"
    "claims|fails|it never goes back in spite of evidence|-DNEVER_BACK"
)

runs=()
for line in "${every_run[@]}"; do
    if [[ $line =~ ${1-} ]]; then runs+=("$line"); fi
done
readonly runs

fail() {
    printf 'check: error: %s\n' "$1" >&2
    printf 'check: hint: %s\n' "$2" >&2
    exit 69
}

[ "${#runs[@]}" -gt 0 ] || fail "no run matches $1" "see the table in contracts/model/check.sh"
for program in spin gcc; do
    command -v "$program" >/dev/null ||
        fail "$program is not on PATH" "bash deploy/setup.sh installs it with apt"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs the line NUMBER of the table, and leaves its row in a file of that number.
run() {
    local model expected name options folder=$work/$1 optimisation=-O2 result=error states=0 why=
    IFS='|' read -r model expected name options <<<"${runs[$1]}"
    # A mutant fails soon, so that compiling is most of it.
    if [ "$expected" = fails ]; then optimisation=-O0; fi
    mkdir "$folder"
    cp "$model.pml" "$folder/"
    # shellcheck disable=SC2086 # The options are words.
    if (cd "$folder" && spin -a $options "$model.pml" && gcc "$optimisation" -DSAFETY -w -o pan pan.c &&
        timeout "$run_seconds" ./pan "-m$depth_limit") >"$folder/log" 2>&1; then
        states=$(sed -nE 's/^ *([0-9]+) states, stored.*/\1/p' "$folder/log" | head -n 1)
        why=$(sed -nE 's/^pan:[0-9]+: (.*) \(at depth [0-9]+\)$/\1/p' "$folder/log" | head -n 1)
        # A search that was cut off shows nothing, and other errors are none of the model's rules.
        if grep -qE 'max search depth too small|Search not completed|out of memory' "$folder/log" &&
            [ -z "$why" ]; then
            result=error
        elif grep -q 'errors: 0$' "$folder/log"; then
            result=holds
        elif [[ $why == 'assertion violated'* ]]; then
            result=fails
        fi
    fi
    printf '%s|%s|%s|%s|%s|%s\n' "$model" "$name" "${states:-0}" "$result" "$expected" "$why" \
        >"$work/row-$1"
}

for index in "${!runs[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
    run "$index" &
done
wait

wrong=0
printf '%-8s %-40s %10s  %-6s %s\n' model run states result 'broken rule'
for index in "${!runs[@]}"; do
    IFS='|' read -r model name states result expected why <"$work/row-$index"
    if [ "$result" != "$expected" ]; then
        wrong=$((wrong + 1))
        result="$result, where it $expected"
    fi
    printf '%-8s %-40s %10s  %-6s %s\n' "$model" "$name" "$states" "$result" "${why#assertion violated }"
done
printf '%d runs, %d not as expected\n' "${#runs[@]}" "$wrong"
[ "$wrong" -eq 0 ]
