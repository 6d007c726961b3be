"""mongorun, the `mrun` command of the mongorun package: three members with a keyfile and a user, in one command."""

import pathlib
import sys

from sides import Setup, write_secret

NAME = "mongorun"
_PROGRAM = pathlib.Path(sys.executable).parent / "mrun"


def available():
    return None if _PROGRAM.exists() else f"{_PROGRAM} is missing: run scripts/tools --bench"


def prepare(run):
    return Setup(
        command=[
            _PROGRAM, "--no-progressbar", "init", "--replicaset", "--nodes", 3, "--auth",
            "--port", run.port, "--dir", run.directory / "data", "--binarypath", run.mongod.parent,
            "--bind_ip", "127.0.0.1",
        ],
        ports=[run.port, run.port + 1, run.port + 2],
        # The tool's own defaults: what it gives a user who names none.
        user="user",
        password_file=write_secret(run.directory / "password", "password"),
    )
