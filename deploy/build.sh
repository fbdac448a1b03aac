# shellcheck shell=bash
# How the scripts build, for others to source: what one has built no other builds again.
#
# Debug information takes an eighth of a build. A module whose files are compiled together is read
# once, and not once for each part of them, which takes a third; whoever works on it builds with
# `swift build` instead, which compiles only what a change touches.

quick_build_options=(
    --explicit-target-dependency-import-check error
    -debug-info-format none
    -Xswiftc -whole-module-optimization -Xswiftc -disable-batch-mode
    -Xswiftc -num-threads -Xswiftc 1 -Xswiftc -no-emit-module-separately-wmo
)

# Builds with further options, without the compiler's remark on each module.
build_quickly() {
    swift build "${quick_build_options[@]}" "$@" </dev/null 2>&1 |
        { grep -vF 'remark: Incremental compilation has been disabled' || true; }
}
