#!/usr/bin/env bash
# Builds Rekey and runs every test; the last line is "N passed, N failed".
#
#   deploy/test.sh               all: build, format, Swift tests, official clients
#   deploy/test.sh --filter X    only the Swift tests that match X
#   deploy/test.sh --sweep       the crash sweep alone, as a part of all
#   deploy/test.sh --sweep-all   the same at every point, strategy and journal, with a table
#   deploy/test.sh --sweep-stops a worker that stands still at every point, with a table
#   deploy/test.sh --sanitize    the Swift tests under ThreadSanitizer, in .build-tsan
#
# No test may be skipped, and none found is a failure: Swift Testing counts skipped tests as passed
# and ends with 0 when a filter matches nothing.
set -euo pipefail
# Numbers are read and written with a point, and programs speak English.
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly venv=.build/conformance
readonly log_directory=.build/test-logs
readonly lines_after_failure=3
readonly failure_lines=60
passed=0
failed=0
sanitize=no
sweep=no
preparing=
filter=()
test_environment=()

say() { printf '== %s\n' "$*"; }

fail() {
    printf 'test: error: %s\n' "$1" >&2
    if [ "$#" -gt 1 ]; then printf 'test: hint: %s\n' "$2" >&2; fi
    exit 1
}

usage() {
    printf 'usage: deploy/test.sh [--sweep | --sweep-all | --sweep-stops | --sanitize]' >&2
    printf ' [--filter PATTERN]\n' >&2
    exit 64
}

while [ "$#" -gt 0 ]; do
    case $1 in
    --sanitize) sanitize=yes ;;
    --sweep) sweep=yes ;;
    --sweep-all)
        sweep=yes
        test_environment=(REKEY_CRASH_STRIDE=1 REKEY_SHARED_CRASH_STRIDE=1)
        ;;
    --sweep-stops)
        sweep=yes
        test_environment=(REKEY_STANDSTILL_STRIDE=1)
        filter=("finds out that another has ended its rotation")
        ;;
    --filter)
        [ "$#" -gt 1 ] || usage
        filter=("$2")
        shift
        ;;
    *) usage ;;
    esac
    shift
done

# shellcheck source=deploy/build.sh
. deploy/build.sh
sanitizer_options=(--sanitize=thread --scratch-path .build-tsan)
test_options=(--testing-library swift-testing)
# The house rules read files, and have no threads to watch.
if [ "$sanitize" = yes ]; then test_options+=(--skip TidyTests); fi

build() {
    if [ "$sanitize" = yes ]; then
        # Races are told by line.
        swift build --build-tests "${sanitizer_options[@]}" \
            --explicit-target-dependency-import-check error </dev/null
    else
        build_quickly --build-tests
    fi
}

binaries_folder() {
    if [ "$sanitize" = yes ]; then
        swift build --show-bin-path "${sanitizer_options[@]}"
    else
        swift build --show-bin-path
    fi
}

# ThreadSanitizer does not see Swift's `Mutex` wait; deploy/sanitizer/mutex.c tells it. In the same
# run a program whose threads count under a lock, or without, shows that it then tells them apart.
prepare_sanitizer() {
    local folder=.build-tsan/control mode status expected
    mkdir -p "$folder"
    say "controls of ThreadSanitizer"
    "$(dirname "$(readlink -f "$(command -v swiftc)")")/clang" -shared -fPIC -O1 -Wall -Werror \
        -o "$folder/libmutex.so" deploy/sanitizer/mutex.c -ldl
    swiftc -sanitize=thread -swift-version 6 -o "$folder/control" deploy/sanitizer/control.swift
    for mode in guarded unguarded half; do
        expected=66
        if [ "$mode" = guarded ]; then expected=0; fi
        status=0
        LD_PRELOAD=$PWD/$folder/libmutex.so "$folder/control" "$mode" \
            </dev/null >"$folder/$mode.log" 2>&1 || status=$?
        [ "$status" -eq "$expected" ] ||
            fail "the control '$mode' ended with $status, not $expected" "see $folder/$mode.log"
        printf '%s: exit status %d, as it must be\n' "$mode" "$status"
    done
    test_environment=(
        LD_PRELOAD="$PWD/$folder/libmutex.so"
        TSAN_OPTIONS="suppressions=$PWD/deploy/sanitizer/suppressions"
    )
}

# Prints the number before WORD in the pytest summary LINE, or 0.
summary_count() {
    local number
    number=$(sed -n "s/.*[^0-9]\{0,1\}\b\([0-9][0-9]*\) $2.*/\1/p" <<<"$1")
    printf '%s\n' "${number:-0}"
}

# Prints what NAME="..." says in the summary of the report FILE.
report_count() { sed -nE "s/.*<testsuite .*\b$1=\"([0-9]+)\".*/\1/p" "$2"; }

# Adds what the report of one group says, and refuses silence and skips.
count_swift() {
    local report=$1 log=$2 tests broken skipped
    [ -s "$report" ] || fail "the Swift tests ended without a report" "see $log for the crash"
    tests=$(report_count tests "$report")
    skipped=$(report_count skipped "$report")
    # A test that fails in several places counts once.
    broken=$(sed -n '/<testcase /{h;d};/<failure /{x;/./p;s/.*//;x}' "$report" | wc -l)
    [ "${tests:-0}" -gt 0 ] || fail "no Swift test ran" "check the filter and the test targets"
    passed=$((passed + tests - broken - skipped))
    failed=$((failed + broken))
    [ "$skipped" -eq 0 ] ||
        fail "$skipped Swift tests were skipped, which counts as not passed" "grep skipped $log"
}

# One after the other: what computes for long, or starts servers, wants both cores, and tests that
# wait for something would wait too long beside it.
groups=(
    "^CoreTests"
    "^FuzzTests|^ModelTests|^SimulationTests"
    "^CLITests|^ConfigurationTests|^PlatformTests|^TelemetryTests|^TidyTests"
    "^AzureStandInTests"
    "^AzureTests"
    "^BorrowedSuiteTests|^JournalTests|^TargetTests"
    "^BrokerTests|^RealPartsTests"
    "^BrokerTroubleTests"
    "^GatewayTests|^HookTests|^SiteTests|^WorkerTests|^WorkloadTests"
    "^EndToEndTests"
)
# The two halves of the crash sweep take both cores for minutes, and each prints its points, runs,
# checks and violations; its looks have to come at their rate, so ThreadSanitizer does without it.
# In process it is a part of what `rekey-lab sweep --all` goes through.
sweep_groups=("^CrashTests" "^CrashProcessTests")

# Refuses a folder of tests that no group runs.
check_groups() {
    local folder
    for folder in Tests/*Tests; do
        [[ "${groups[*]} ${sweep_groups[*]}" =~ "^${folder#Tests/}"($|[ |]) ]] ||
            fail "no group runs $folder" "add it to the groups in deploy/test.sh"
    done
}

# Prints again what failed: in the log it stands before minutes of other groups' lines.
print_failures() {
    say "what failed"
    grep -E -A "$lines_after_failure" '^✘ Test .* recorded an issue' "$1" | cut -c 1-1000 |
        tail -n "$failure_lines" || true
    grep -E '^✘ (Test|Suite) .* failed after' "$1" | cut -c 1-1000 || true
}

run_swift() {
    local log=$log_directory/swift.log report=$log_directory/swift.xml status=0 group
    local binaries
    binaries=$(binaries_folder)
    : >"$log"
    check_groups
    if [ "$sweep" = yes ]; then
        groups=("${sweep_groups[@]}")
    elif [ "$sanitize" = no ]; then
        groups+=("${sweep_groups[@]}")
    fi
    if [ "${#filter[@]}" -gt 0 ]; then groups=("${filter[@]}"); fi
    for group in "${groups[@]}"; do
        rm -f "$report"
        # As `swift test` calls it, which would first look for some seconds at all there is to build.
        env NO_COLOR=1 "${test_environment[@]}" "$binaries/rekeyPackageTests.xctest" \
            "${test_options[@]}" --xunit-output "$report" --filter "$group" \
            </dev/null 2>&1 | tee -a "$log" || status=$?
        count_swift "$report" "$log"
    done
    # The table of the processes, once more at the end.
    if [ "$sweep" = yes ]; then
        grep -E '^(strategy +journal|[a-zA-Z]+ +(sqlite|postgres|standing)) ' "$log" || true
    fi
    if grep -q 'WARNING: ThreadSanitizer' "$log"; then
        fail "ThreadSanitizer found races" "see $log"
    fi
    if [ "$status" -ne 0 ]; then
        print_failures "$log"
        fail "$failed of the Swift tests failed (exit status $status)" "see $log"
    fi
}

# The pinned official clients live in an environment of their own, made again when the pins change.
prepare_python() {
    local requirements=Tests/Conformance/requirements.txt sum
    sum=$(sha256sum <"$requirements")
    if [ -x "$venv/bin/pytest" ] && [ "$(cat "$venv/pins" 2>/dev/null)" = "$sum" ]; then return; fi
    say "installing $requirements into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --requirement "$requirements" </dev/null
    printf '%s\n' "$sum" >"$venv/pins"
}

run_python() {
    local log=$log_directory/pytest.log status=0 closing word not_run=0
    prepare_python
    PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" -m pytest -ra -p no:cacheprovider \
        Tests/Conformance </dev/null 2>&1 | tee "$log" || status=$?
    closing=$(grep -E ' in [0-9.]+s( \([0-9:]+\))?[ =]*$' "$log" | tail -n 1) ||
        fail "pytest ended without a closing line" "see $log"
    passed=$((passed + $(summary_count "$closing" passed)))
    failed=$((failed + $(summary_count "$closing" failed) + $(summary_count "$closing" error)))
    [ "$(summary_count "$closing" passed)" -gt 0 ] || fail "no conformance test passed" "see $log"
    for word in skipped xfailed xpassed deselected; do
        not_run=$((not_run + $(summary_count "$closing" "$word")))
    done
    [ "$not_run" -eq 0 ] || fail "conformance tests were skipped, which counts as not passed"
    [ "$status" -eq 0 ] || fail "conformance tests failed (exit status $status)" "see $log"
}

has_conformance_tests() {
    [ -n "$(find Tests/Conformance -name 'test_*.py' -print -quit 2>/dev/null)" ]
}

# Prints the sum, once nothing is left running that was begun beside the build.
finish() {
    if [ -n "$preparing" ]; then wait "$preparing" || true; fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
}

bash deploy/setup.sh
mkdir -p "$log_directory"
trap finish EXIT

# Installing waits for the network more than for the processor.
if has_conformance_tests; then
    prepare_python >"$log_directory/pip.log" 2>&1 &
    preparing=$!
fi
say "swift build"
build
say "swift format"
swift format lint --strict --recursive --parallel Sources Tests Package.swift
if [ -n "$preparing" ]; then
    wait "$preparing" ||
        fail "the official clients cannot be installed" "see $log_directory/pip.log"
    preparing=
fi
if [ "$sanitize" = yes ]; then prepare_sanitizer; fi
say "swift test"
run_swift
if [ "$sanitize" = no ] && [ "$sweep" = no ] && [ "${#filter[@]}" -eq 0 ] &&
    has_conformance_tests; then
    say "pytest"
    run_python
fi
