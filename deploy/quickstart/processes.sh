# shellcheck shell=bash disable=SC2034,SC2154
# Starts and ends the processes of the quickstart. Each leads a session of its own, and is known by
# its id and its start time, so that an id given to somebody else meanwhile is left alone; what was
# started before this boot is gone. What was started in another container can be neither seen nor ended
# from here.

stop_seconds=20

# Field 22 of /proc/PID/stat, counted behind the program's name, which may hold spaces.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    cut -d ' ' -f 20 <<<"${stat##*) }"
}

# Where the process ids of now are counted: since this boot, in this namespace.
place_of_ids() {
    cat /proc/sys/kernel/random/boot_id
    readlink /proc/self/ns/pid
}

# What has ended, and is not waited for by anybody, is not alive.
is_alive() {
    [ "$(start_time "$1" || true)" = "$2" ] &&
        ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# launch NAME SIGNAL COMMAND…: its output goes to the log of that name, SIGNAL ends it in order.
launch() {
    local name=$1 signal=$2 pid
    shift 2
    setsid "$@" </dev/null >>"$logs/$name.log" 2>&1 &
    pid=$!
    disown "$pid"
    if ! [ -e "$pids" ]; then place_of_ids >"$pids.place"; fi
    printf '%s %s %s %s\n' "$name" "$pid" "$(start_time "$pid")" "$signal" >>"$pids"
}

has_processes() {
    [ -e "$pids" ] && [ "$(place_of_ids)" = "$(cat "$pids.place" 2>/dev/null)" ]
}

# Stops rather than forget processes that may run still: nobody would know of them afterwards.
refuse_strangers() {
    local boot namespace
    if ! [ -e "$pids" ] || has_processes; then return; fi
    if ! [ -s "$pids.place" ]; then
        fail "it is not known where the processes in $pids were started" \
            "end those that still run, then remove $pids"
    fi
    { read -r boot && read -r namespace; } <"$pids.place" || true
    if [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
        fail "it was started in another container, or outside of this one (${namespace:-unknown})" \
            "run deploy/quickstart.sh --down there; where that container has ended, remove $pids"
    fi
}

is_running() {
    local name pid since signal
    has_processes || return 1
    while read -r name pid since signal; do
        if [ "$name" = "$1" ] && is_alive "$pid" "$since"; then return 0; fi
    done <"$pids"
    return 1
}

# Ends what `launch` started, the last first, and then whatever is left in its session.
stop_process() {
    local pid=$1 since=$2 signal=$3 waited=0 member
    if is_alive "$pid" "$since"; then kill "-$signal" "$pid" 2>/dev/null || true; fi
    while is_alive "$pid" "$since"; do
        if [ "$waited" -ge $((stop_seconds * 10)) ]; then
            kill -KILL "$pid" 2>/dev/null || true
            break
        fi
        sleep 0.1
        waited=$((waited + 1))
    done
    # An id that leads a session of somebody else by now.
    if [ -e "/proc/$pid" ] && [ "$(start_time "$pid" || true)" != "$since" ]; then return; fi
    for member in $(ps -o pid= -s "$pid" 2>/dev/null); do
        kill -KILL "$member" 2>/dev/null || true
    done
}

# memory_of NAME: the anonymous memory of the process, RssAnon in proc(5).
memory_of() {
    local name pid since signal
    while read -r name pid since signal; do
        if [ "$name" = "$1" ]; then
            awk '/^RssAnon:/ { printf "%.1f MiB", $2 / 1024 }' "/proc/$pid/status"
        fi
    done <"$pids"
}

stop_named() {
    local name pid since signal
    while read -r name pid since signal; do
        if [ "$name" = "$1" ]; then stop_process "$pid" "$since" "$signal"; fi
    done <"$pids"
}

stop_all() {
    local name pid since signal
    refuse_strangers
    if has_processes; then
        while read -r name pid since signal; do
            stop_process "$pid" "$since" "$signal"
        done < <(tac "$pids")
    fi
    rm -f "$pids" "$pids.place"
}

# wait_for SECONDS WHAT NAME COMMAND…: polls until COMMAND succeeds; the process NAME has to live.
wait_for() {
    local limit=$1 what=$2 name=$3 began=$SECONDS
    shift 3
    until "$@" >/dev/null 2>&1; do
        [ "$name" = - ] || is_running "$name" || fail "$name ended" "see $logs/$name.log"
        [ $((SECONDS - began)) -lt "$limit" ] || fail "$what: not within $limit s" "see $logs"
        sleep 0.1
    done
}
