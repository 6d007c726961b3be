"""A member joins a set that has data and is written to, and a dead member is replaced."""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pymongo
import pymongo.errors

from machine import LOOPBACK, server_processes
from running_set import running_set
from sides import rkctl
from writing import Writer

DEADLINE = 3600
DOCUMENT = 16 * 1024


def fill(made, megabytes):
    """Documents that do not compress, and an index besides the one of `_id`."""
    with made.client() as client:
        collection = client["data"].get_collection("documents", write_concern=pymongo.WriteConcern(w="majority"))
        collection.create_index("number")
        for batch in range(megabytes):
            collection.insert_many(
                {"number": batch * 64 + index, "payload": os.urandom(DOCUMENT)} for index in range(64)
            )


def wait_on_primary(made, condition, what):
    """Asks the primary for config and status until `condition` holds; the moment when it did."""
    end = time.monotonic() + DEADLINE
    with made.client(made.primary_port()) as client:
        while time.monotonic() < end:
            config = client.admin.command("replSetGetConfig")["config"]
            if condition(config, client.admin.command("replSetGetStatus")):
                return time.monotonic()
            time.sleep(0.05)
    raise RuntimeError(f"{what}: not within {DEADLINE} s")


def is_secondary(status, port):
    return any(m["name"] == f"{LOOPBACK}:{port}" and m["stateStr"] == "SECONDARY" for m in status["members"])


def serves_and_votes(made, port, version):
    """Waits until a member is SECONDARY and its vote counts, by a config that is newer than `version`."""

    def condition(config, status):
        # A member that is still marked as new has a vote in the config, and is not counted in the status.
        return (
            config["version"] > version
            and status["votingMembersCount"] == sum(member["votes"] for member in config["members"])
            and any(m["host"] == f"{LOOPBACK}:{port}" and m["votes"] == 1 for m in config["members"])
            and is_secondary(status, port)
        )

    return wait_on_primary(made, condition, f"{port} serves and votes")


def wait_for_secondary(made, port):
    wait_on_primary(made, lambda _, status: is_secondary(status, port), f"{port} is SECONDARY")


def config_version(made):
    with made.client(made.primary_port()) as client:
        return client.admin.command("replSetGetConfig")["config"]["version"]


def rkctl_member(made, *arguments):
    command = made.command(rkctl.command(made.setup, "member", *arguments), "member")
    try:
        return command.finish(DEADLINE)
    finally:
        command.stop()


# The runbook's own steps, with pymongo in place of mongosh and processes in place of containers.


def reconfigure(made, edit):
    """What `rs.add` and `rs.remove` do: read the config, change it, send it with the next version."""
    with made.client(made.primary_port()) as client:
        end = time.monotonic() + 60
        while True:
            config = client.admin.command("replSetGetConfig")["config"]
            config["version"] += 1
            edit(config)
            try:
                return client.admin.command("replSetReconfig", config)
            except pymongo.errors.OperationFailure:
                # A reconfig before it is not everywhere yet: an operator would type it again.
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


def rs_add(made, port):
    def edit(config):
        number = max(member["_id"] for member in config["members"]) + 1
        config["members"].append({"_id": number, "host": f"{LOOPBACK}:{port}", "priority": 1, "votes": 1})

    reconfigure(made, edit)


def rs_remove(made, port):
    def edit(config):
        config["members"] = [member for member in config["members"] if member["host"] != f"{LOOPBACK}:{port}"]

    reconfigure(made, edit)


def server(made, port):
    """pid and arguments of the server that listens on `port`."""
    for pid, arguments in server_processes(made.directory).items():
        arguments = [argument for argument in arguments if argument]
        if f"  port: {port}\n" in pathlib.Path(arguments[-1]).read_text():
            return pid, arguments
    raise RuntimeError(f"no server of this set listens on {port}")


def kill(made, port):
    """Kills the server that listens on `port`, and tells how it was started."""
    pid, arguments = server(made, port)
    os.kill(pid, signal.SIGKILL)
    while pid in server_processes(made.directory):
        time.sleep(0.01)
    return arguments


def copy_of_first(made):
    """The folder of a fourth member, set up as the first one's; how it is started."""
    _, arguments = server(made, made.setup.ports[0])
    first = pathlib.Path(arguments[-1]).parent
    new = first.parent / "m4"
    (new / "db").mkdir(parents=True)
    shutil.copy2(first / "keyfile", new / "keyfile")
    text = (first / "mongod.conf").read_text().replace(f"{first}", f"{new}")
    (new / "mongod.conf").write_text(text.replace(f"port: {made.setup.ports[0]}", f"port: {made.spare_port}"))
    return arguments[:-1] + [str(new / "mongod.conf")]


def start(arguments):
    # The settings say `fork`: it returns when the server listens.
    subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


# What is measured. Each takes the set and the port of the member, and returns when the operator is done.


def add_with_rkctl(made, port, _):
    rkctl_member(made, "add", "m4", "--host", f"{LOOPBACK}:{port}")


def add_with_runbook(made, port, _):
    start(copy_of_first(made))
    rs_add(made, port)
    wait_for_secondary(made, port)


def replace_with_rkctl(made, port, _):
    rkctl_member(made, "replace", f"m{made.setup.ports.index(port) + 1}", "--yes")


def replace_with_runbook(made, port, arguments):
    rs_remove(made, port)
    data = pathlib.Path(arguments[-1]).parent / "db"
    shutil.rmtree(data)
    data.mkdir()
    start(arguments)
    rs_add(made, port)
    wait_for_secondary(made, port)


def forget_with_rkctl(made, port):
    rkctl_member(made, "remove", "m4", "--volumes", "--yes")


def forget_with_runbook(made, port):
    rs_remove(made, port)
    shutil.rmtree(pathlib.Path(kill(made, port)[-1]).parent)


WAYS = {
    "rkctl member add": (add_with_rkctl, forget_with_rkctl),
    "rs.add, wait for SECONDARY": (add_with_runbook, forget_with_runbook),
    "rkctl member replace": (replace_with_rkctl, None),
    "rs.remove, rs.add, wait for SECONDARY": (replace_with_runbook, None),
}


def measure(made, way):
    work, forget = WAYS[way]
    primary = made.settle()
    if forget:
        port, arguments = made.spare_port, None
    else:
        # The member that is replaced has died.
        port = next(port for port in reversed(made.setup.ports) if port != primary)
        arguments = kill(made, port)
    version = config_version(made)
    with Writer(made) as writer, concurrent.futures.ThreadPoolExecutor(1) as observer:
        started = time.monotonic()
        seen = observer.submit(serves_and_votes, made, port, version)
        work(made, port, arguments)
        returned = time.monotonic()
        measured = {"serving": seen.result() - started, "command": returned - started, "streams": writer.report()}
    if forget:
        forget(made, port)
    return measured


def run(mongod, rounds, megabytes, say):
    """Alternates the ways on one set; way -> list of runs."""
    results = {way: [] for way in WAYS}
    with running_set(rkctl, mongod, say) as made:
        say(f"writing {megabytes} MiB")
        fill(made, megabytes)
        ways = list(WAYS)
        for number in range(rounds):
            shift = number % len(ways)
            for way in ways[shift:] + ways[:shift]:
                results[way].append(measure(made, way))
                say(f"membership: round {number + 1} of {rounds}: {way} took {results[way][-1]['command']:.1f} s")
    return results
