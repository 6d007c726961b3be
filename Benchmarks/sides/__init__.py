"""The tools that are measured, one file each. A side offers:

NAME            what the tables call it
available()     None, or why it cannot take part
prepare(run)    what a user has ready beforehand (a spec, say); not measured. Returns a `Setup`
"""

import dataclasses
import os
import pathlib


@dataclasses.dataclass
class Run:
    """What one run is given: an empty folder, the server's binary, and a base of free ports."""

    directory: pathlib.Path
    mongod: pathlib.Path
    port: int


@dataclasses.dataclass
class Setup:
    """What one run needs to know: the command that is measured, and how to reach the set that it makes."""

    command: list
    ports: list
    user: str
    password_file: pathlib.Path  # may appear only while the command runs


def write_secret(path, secret):
    """A file that only this user reads, so that no password shows up among a process's arguments."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(secret)
    return path
