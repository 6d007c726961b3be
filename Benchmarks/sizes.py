"""How time and memory of a backup and of its restore grow with the data.

One member, so that what servers copy from each other is not in it; the restore goes to the same member, under another name.
"""

import json
import shutil

import pymongo

import backup
from machine import LOOPBACK, Command, free_ports, scratch_directory
from sides import Run, rkctl

DEADLINE = 120


def run(mongod, sizes, say):
    """One entry a size: bytes, and what each step took."""
    with scratch_directory() as directory:
        setup = rkctl.prepare(Run(directory=directory, mongod=mongod, port=free_ports(1)), members=1)
        Command(setup.command, directory, directory / "output.log").finish(DEADLINE)
        client = pymongo.MongoClient(LOOPBACK, setup.ports[0], username=setup.user, authSource="admin",
                                     password=setup.password_file.read_text().strip(), directConnection=True)
        with client:
            return [measure(client, setup, directory / "store", megabytes, say) for megabytes in sizes]


def measure(client, setup, store, megabytes, say):
    for name in (backup.DATABASE, backup.RESTORED):
        client.drop_database(name)
    shutil.rmtree(store, ignore_errors=True)
    size = backup.fill(client, megabytes)
    # What was written a moment ago is on disk then, and not in the server's way.
    client.admin.command("fsync")
    say(f"sizes: {size / 1e6:.0f} MB are in")
    made = backup.peak(rkctl.command(setup, "backup", "create", "--json", "--quiet", "--directory", store))
    made["outputBytes"] = json.loads(made.pop("output"))["bytes"]
    restored = backup.peak(rkctl.command(
        setup, "restore", "--json", "--quiet", "--include", backup.DATABASE, "--to-namespace",
        f"{backup.DATABASE}={backup.RESTORED}", "--directory", store))
    restored.pop("output")
    check(client)
    say(f"sizes: {megabytes} MiB done: {made['seconds']:.1f} s and {restored['seconds']:.1f} s")
    return {"bytes": size, "create": made, "restore": restored}


def check(client):
    """What was measured is a restore only if all of it is there."""
    hashes = [client[name].command("dbHash")["md5"] for name in (backup.DATABASE, backup.RESTORED)]
    if hashes[0] != hashes[1]:
        raise RuntimeError("what was restored is not what was there")
