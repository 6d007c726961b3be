# Shared by the scripts beside this folder; sourced, never run.
# shellcheck shell=bash

set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034  # read by the scripts that source this file
readonly ROOT

# Progress goes to stderr, so that stdout stays free for results.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# Puts Swift on PATH when it sits in a usual place; says nothing when it cannot be found.
find_swift() {
    local directory
    if ! command -v swift >/dev/null; then
        for directory in /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/share/swift/usr/bin \
            "${HOME:-/root}/.local/share/swiftly/bin"; do
            if [[ -x $directory/swift ]]; then
                PATH=$directory:$PATH
                export PATH
                break
            fi
        done
    fi
    command -v swift >/dev/null
}

# make_directory DIRECTORY: makes it when it is missing, and prints its physical path (it may be a
# link to another checkout's folder, and what is built inside must carry the real path).
make_directory() {
    [[ -d $1 ]] || mkdir -p "$1"
    (cd "$1" && pwd -P)
}

# with_lock FILE: holds an exclusive lock on FILE until this script ends, so that two runs in one
# checkout wait for each other instead of unpacking over each other.
with_lock() {
    exec {LOCK_DESCRIPTOR}>"$1"
    if ! flock --nonblock "$LOCK_DESCRIPTOR"; then
        say "waiting for another run to finish ($1)"
        flock "$LOCK_DESCRIPTOR"
    fi
}

require_pip() {
    command -v python3 >/dev/null || die "python3 is missing: run scripts/bootstrap first"
    python3 -m pip --version >/dev/null 2>&1 || die "pip is missing for $(command -v python3): run scripts/bootstrap first"
}

# fetch_distribution DIRECTORY REQUIREMENT SHA256 [PIP OPTION…]: downloads one pinned file from PyPI;
# pip itself refuses it when the checksum differs.
fetch_distribution() {
    local directory=$1 requirement=$2 checksum=$3
    shift 3
    require_pip
    printf '%s --hash=sha256:%s\n' "$requirement" "$checksum" >"$directory/requirements.txt"
    python3 -m pip --disable-pip-version-check --no-input download --quiet --no-deps --no-cache-dir \
        --require-hashes "$@" --dest "$directory" --requirement "$directory/requirements.txt" >&2 ||
        die "cannot download $requirement from PyPI (pip's own words are above)"
    rm -f "$directory/requirements.txt"
}

# apt_get ARGUMENT…: as root; what it prints is shown only when it fails.
apt_get() {
    local log status=0 command=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "this is neither root nor a user with sudo: apt-get $*"
        command=(sudo "${command[@]}")
    fi
    log=$(mktemp)
    "${command[@]}" "$@" >"$log" 2>&1 </dev/null || status=$?
    ((status == 0)) || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

update_package_lists() {
    apt_get update || say "apt-get update reported errors; going on with the package lists there are"
}

# install_packages PACKAGE…: from Debian.
install_packages() {
    command -v apt-get >/dev/null || die "$* is missing, and this script installs it on Debian only"
    say "installing $*"
    update_package_lists
    apt_get install --yes --no-install-recommends "$@" || die "apt-get could not install: $*"
}
