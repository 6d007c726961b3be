"""ReplicaKit: `rkctl up` on a spec that was written beforehand, as its users have one."""

import re
import subprocess

from machine import REPOSITORY
from sides import Setup

NAME = "rkctl"
# A release build, as users run it; `make bench` makes it.
PROGRAM = REPOSITORY / ".build" / "release" / "rkctl"


def available():
    return None if PROGRAM.exists() else f"{PROGRAM} is missing: run make release"


def prepare(run):
    spec = run.directory / "replicaset.yaml"
    subprocess.run(
        [
            PROGRAM, "spec", "init", "--name", "bench", "--members", "3", "--directory", run.directory / "data",
            "--mongod", run.mongod, "--output", spec,
        ],
        check=True, cwd=run.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    text = spec.read_text()
    return Setup(
        command=[PROGRAM, "up", "--set", spec, "--yes"],
        ports=[int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", text)],
        user=re.search(r"user: *\"?([\w-]+)", text)[1],
        password_file=spec.parent / re.search(r"password: *\{ *file: *\"?([^\s\"}]+)", text)[1],
    )


def status_command(setup):
    """What asks for the set's state, once `setup.command` has made it."""
    return [PROGRAM, "status", "--set", setup.command[setup.command.index("--set") + 1]]
