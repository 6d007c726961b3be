"""A set of three members that a side has made, for measurements of what is done to a set that runs."""

import contextlib
import dataclasses
import pathlib
import time

import pymongo
import pymongo.errors

from machine import LOOPBACK, Command, free_ports, scratch_directory
from probe import Probe
from sides import Run, Setup

DEADLINE = 120


@dataclasses.dataclass
class RunningSet:
    setup: Setup
    directory: pathlib.Path
    mongod: pathlib.Path
    spare_port: int

    def client(self, port=None, **options):
        """A client of the set, or of the one member that listens on `port`."""
        password = self.setup.password_file.read_text().strip()
        target = {"host": LOOPBACK, "port": port, "directConnection": True} if port else {
            "host": [f"{LOOPBACK}:{member}" for member in self.setup.ports], "replicaSet": "bench",
        }
        return pymongo.MongoClient(
            username=self.setup.user, password=password, authSource="admin", serverSelectionTimeoutMS=30_000,
            **target, **options,
        )

    def primary_port(self, deadline=DEADLINE):
        """The member that accepts writes, once there is one."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            for port in self.setup.ports:
                with contextlib.suppress(pymongo.errors.PyMongoError):
                    with pymongo.MongoClient(
                        LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=1000
                    ) as client:
                        if client.admin.command("hello").get("isWritablePrimary"):
                            return port
            time.sleep(0.01)
        raise RuntimeError(f"no primary within {deadline} s")

    def command(self, arguments, name="command"):
        """Starts a program in the set's folder."""
        return Command(arguments, self.directory, self.directory / f"{name}.log")

    def settle(self):
        """Brings the set to the same state before each run; returns the primary's port.

        All others replicate from the primary, are caught up, and none is barred from being the next.
        """
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            primary = self.primary_port()
            with contextlib.suppress(pymongo.errors.PyMongoError):
                if all([self._follows(port, primary) for port in self.setup.ports if port != primary]):
                    return primary
            time.sleep(0.1)
        raise RuntimeError(f"the set did not settle within {DEADLINE} s")

    def _follows(self, port, primary):
        source = f"{LOOPBACK}:{primary}"
        with self.client(port) as client:
            client.admin.command("replSetFreeze", 0)
            status = client.admin.command("replSetGetStatus")
            if status["syncSourceHost"] != source:
                client.admin.command("replSetSyncFrom", source)
                return False
        times = [member["optime"]["ts"].time for member in status["members"] if "optime" in member]
        return status["myState"] == 2 and max(times) - min(times) <= 1


@contextlib.contextmanager
def running_set(maker, mongod, say):
    """Has `maker` make a set and waits until it is complete; afterwards its servers are killed and its files removed."""
    with scratch_directory() as directory:
        ports = free_ports(4)
        setup = maker.prepare(Run(directory=directory, mongod=mongod, port=ports))
        say(f"making one set with {maker.NAME}")
        command = Command(setup.command, directory, directory / "output.log")
        probe = Probe(setup)
        probe.start(command.started)
        try:
            command.finish(DEADLINE)
            probe.wait(DEADLINE)
        finally:
            command.stop()
            probe.stop()
        yield RunningSet(setup=setup, directory=directory, mongod=mongod, spare_port=ports + 3)
