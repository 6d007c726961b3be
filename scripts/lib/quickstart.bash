# Where the quickstart keeps its set, and how it builds what it runs; sourced, never run.
# shellcheck shell=bash

QUICKSTART=$ROOT/quickstart
SPEC=$QUICKSTART/replicaset.yaml
# shellcheck disable=SC2034  # read by the scripts that source this file
readonly QUICKSTART SPEC

# build_rkctl: a debug build of rkctl alone, the shortest way to a program that runs; sets RKCTL.
build_rkctl() {
    local log
    say "building rkctl (the first time takes a few minutes)"
    log=$(mktemp)
    if ! swift build --package-path "$ROOT" --product rkctl >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        die "rkctl could not be built"
    fi
    rm -f "$log"
    # shellcheck disable=SC2034  # read by the scripts that source this file
    RKCTL=$ROOT/.build/debug/rkctl
}
