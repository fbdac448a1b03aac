# shellcheck shell=bash
# How the scripts build, for others to source: what one has built no other builds again.
#
# Debug information takes an eighth of a build. A module whose files are compiled together is read
# once, and not once for each part of them, which takes a third; whoever works on it builds with
# `swift build` instead, which compiles only what a change touches.
#
# The core, and what goes through its states and its crashes, is optimised: that takes a minute of
# the build, and two off the tests.

quick_build_options=(
    --explicit-target-dependency-import-check error
    -debug-info-format none
    -Xswiftc -whole-module-optimization -Xswiftc -disable-batch-mode
    -Xswiftc -num-threads -Xswiftc 1 -Xswiftc -no-emit-module-separately-wmo
)

# Builds with further options, without the compiler's remark on each module.
#
# SwiftPM looks the tests up in the compiler's index, so Swift has one; C needs none.
build_quickly() {
    local index
    index=$(swift build --show-bin-path </dev/null)/index/store
    mkdir -p "$index"
    REKEY_OPTIMIZE_COMPUTED=yes swift build "${quick_build_options[@]}" --disable-index-store \
        -Xswiftc -index-store-path -Xswiftc "$index" "$@" </dev/null 2>&1 |
        { grep --line-buffered -vF 'remark: Incremental compilation has been disabled' || true; }
}
