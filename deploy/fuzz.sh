#!/usr/bin/env bash
# Fuzzes every parser of outside bytes with libFuzzer, which looks for inputs that reach new code.
#
#   deploy/fuzz.sh --minutes 60                 all targets, an hour in all
#   deploy/fuzz.sh --minutes 10 --target times  one target
#
# The build is instrumented and apart, in .build-fuzz; what was found to reach new code stays in
# .build-fuzz/corpus. An input that breaks something lies in .build-fuzz/found, and
# `rekey-fuzz replay TARGET FILE` tries it again: put it into Tests/FuzzTests/Corpus/TARGET with its
# mending, and write a test that names it.
set -euo pipefail
# Numbers are read and written with a point, and programs speak English.
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly scratch=.build-fuzz
minutes=
only=

fail() {
    printf 'fuzz: error: %s\n' "$1" >&2
    if [ "$#" -gt 1 ]; then printf 'fuzz: hint: %s\n' "$2" >&2; fi
    exit 1
}

usage() {
    printf 'usage: deploy/fuzz.sh --minutes N [--target NAME]\n' >&2
    exit 64
}

while [ "$#" -gt 0 ]; do
    [ "$#" -gt 1 ] || usage
    case $1 in
    --minutes) minutes=$2 ;;
    --target) only=$2 ;;
    *) usage ;;
    esac
    shift 2
done
[[ $minutes =~ ^[1-9][0-9]*$ ]] || usage

# SwiftPM gives the program its own `main`, so that the library without one is linked.
driver=$(find "$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib" \
    -name "libclang_rt.fuzzer_no_main-$(uname -m).a" -print -quit)
[ -n "$driver" ] || fail "this toolchain has no libFuzzer" "use one of swift.org"

swift build --product rekey-fuzz --scratch-path "$scratch" -Xswiftc -DLIBFUZZER \
    -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer \
    -Xlinker "$driver" -Xlinker -lstdc++ -Xlinker -lm </dev/null
program=$scratch/debug/rekey-fuzz
mapfile -t targets < <("$program" list)
if [ -n "$only" ]; then targets=("$only"); fi
seconds=$((minutes * 60 / ${#targets[@]}))
if [ "$seconds" -lt 1 ]; then seconds=1; fi

status=0
for target in "${targets[@]}"; do
    mkdir -p "$scratch/corpus/$target" "$scratch/found"
    SWIFT_BACKTRACE=enable=no "$program" explore "$target" -max_total_time="$seconds" -timeout=25 \
        -rss_limit_mb=1024 -artifact_prefix="$scratch/found/$target-" -print_final_stats=1 \
        "$scratch/corpus/$target" "Tests/FuzzTests/Corpus/$target" \
        </dev/null >"$scratch/$target.log" 2>&1 || status=$?
    printf '%-20s %s inputs, %s\n' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$target.log")" \
        "$(grep -o 'cov: [0-9]*' "$scratch/$target.log" | tail -n 1)"
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$scratch/$target.log"
        fail "$target ended with $status" "the input lies in $scratch/found"
    fi
done
