"""ReplicaKit: `rkctl up` on a spec that was written beforehand, as its users have one."""

import json
import subprocess

from machine import REPOSITORY
from sides import Setup

NAME = "rkctl"
# A release build, as users run it; `make bench` makes it.
PROGRAM = REPOSITORY / ".build" / "release" / "rkctl"


def available():
    return None if PROGRAM.exists() else f"{PROGRAM} is missing: run make release"


def prepare(run, members=3):
    spec = run.directory / "replicaset.yaml"
    _ask(
        "spec", "init", "--name", "bench", "--members", members, "--port", run.port, "--directory", "data",
        "--mongod", run.mongod, "--output", spec,
    )
    admin = json.loads(_ask("spec", "show", "--json", "--set", spec))["spec"]["security"]["admin"]
    return Setup(
        command=[PROGRAM, "up", "--set", spec, "--yes"],
        ports=[run.port + index for index in range(members)],
        user=admin["user"],
        password_file=spec.parent / admin["password"]["file"],
    )


def _ask(*arguments):
    command = [PROGRAM] + [str(argument) for argument in arguments]
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def command(setup, *arguments):
    """Another command on the set that `setup.command` has made."""
    return [PROGRAM, *arguments, "--set", setup.command[setup.command.index("--set") + 1]]


def status_command(setup):
    """What asks for the set's state, once `setup.command` has made it."""
    return command(setup, "status")


def health_command(setup):
    """What asks for the set's health; its exit code tells what it found."""
    return command(setup, "health")
