"""The primary dies, or hangs, under its clients: how long the set alone takes, and how long with `rkctl guard` beside it."""

import contextlib
import os
import signal
import time

import pymongo.errors

from running_set import running_set
from sides import rkctl
from writing import Writer

DEADLINE = 120
FAULTS = {"killed": signal.SIGKILL, "hung": signal.SIGSTOP}
# Of a hung server without a guard nothing is measured: a client's call to it never ends. The set alone waits for its
# election timeout: a few rounds tell that.
WAYS = {
    "killed, rkctl guard": ("killed", True),
    "killed, the set alone": ("killed", False),
    "hung, rkctl guard": ("hung", True),
}
FEW = 3


@contextlib.contextmanager
def guard(made, is_wanted):
    """`rkctl guard`, from the moment that it has prepared the others, as it has nearly all the time that it watches."""
    if not is_wanted:
        yield
        return
    command = made.command(rkctl.command(made.setup, "guard"), "guard")
    try:
        end = time.monotonic() + DEADLINE
        while "replicates from" not in command.log.read_text(errors="replace"):
            if time.monotonic() > end:
                raise RuntimeError(f"rkctl guard is not ready:\n{command.log.read_text(errors='replace')}")
            time.sleep(0.02)
        yield
    finally:
        command.stop()


def restore(made, pid):
    """The server of before is ended, whatever state it is in, and started again."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    command = made.command(rkctl.command(made.setup, "start", "--yes"), "start")
    try:
        command.finish(DEADLINE)
    finally:
        command.stop()


def measure(made, way):
    fault, is_guarded = WAYS[way]
    primary = made.settle()
    with made.client(primary) as client:
        pid = client.admin.command("serverStatus")["pid"]
    with guard(made, is_guarded):
        with Writer(made) as writer:
            started = time.monotonic()
            os.kill(pid, FAULTS[fault])
            while (successor := other_primary(made, primary)) is None:
                if time.monotonic() - started > DEADLINE:
                    raise RuntimeError(f"{way}: no successor within {DEADLINE} s")
            took = time.monotonic() - started
            report = writer.report()
    restore(made, pid)
    return {"elected": took, "streams": report, "successor": successor}


def other_primary(made, primary):
    for port in made.setup.ports:
        if port == primary:
            continue
        with contextlib.suppress(pymongo.errors.PyMongoError):
            with pymongo.MongoClient(
                "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=500
            ) as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return port
    return None


def run(mongod, rounds, say):
    """One set; way -> list of runs. The first round is not counted, and of the set alone a few rounds are enough."""
    results = {way: [] for way in WAYS}
    with running_set(rkctl, mongod, say) as made:
        for number in range(rounds + 1):
            for way, (_, is_guarded) in WAYS.items():
                if not is_guarded and number > FEW:
                    continue
                measured = measure(made, way)
                if number:
                    results[way].append(measured)
            say(f"guard: round {number} of {rounds} done")
    return results
