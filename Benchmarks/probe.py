"""The judge of "ready": a client that is not ReplicaKit, asking the servers themselves while a tool sets them up.

It records, in seconds since the tool was started, when the set first
  majority      acknowledged an authenticated write with `w: "majority"` (while fewer than three members
                are in the config, fewer acknowledge it)
  everyMember   acknowledged an authenticated write with `w: 3`
  threeVoters   had three voting members, all of them PRIMARY or SECONDARY
  defaults      had that, and the default election timeout and heartbeat interval
"""

import socket
import threading
import time

import pymongo
import pymongo.errors

from machine import LOOPBACK

INTERVAL = 0.02
MOMENTS = ("majority", "everyMember", "threeVoters", "defaults")


class Probe:
    def __init__(self, setup):
        self._setup = setup
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._client = None
        self.moments = {}

    def start(self, started):
        self._started = started
        self._thread.start()

    def wait(self, deadline):
        """Returns once every moment was seen; raises when one has not been by the deadline."""
        self._thread.join(max(0.0, self._started + deadline - time.monotonic()))
        self.stop()
        missing = [moment for moment in MOMENTS if moment not in self.moments]
        if missing:
            raise RuntimeError(f"not seen within {deadline} s: {', '.join(missing)} (seen: {self.moments})")
        return self.moments

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def _watch(self):
        checks = {
            "majority": lambda: self._write("majority"),
            "everyMember": lambda: self._write(3),
            "threeVoters": self._has_three_voters,
            "defaults": self._has_defaults,
        }
        while not self._stopped.is_set() and len(self.moments) < len(MOMENTS):
            try:
                if self._client is None:
                    self._client = self._connect_to_primary()
                if self._client is not None:
                    for moment in MOMENTS:
                        # In order: each asks more of the set than the one before it.
                        if moment not in self.moments:
                            if not checks[moment]():
                                break
                            self.moments[moment] = time.monotonic() - self._started
            except pymongo.errors.PyMongoError:
                # Not yet: the user is missing, the primary stepped down, the member is not up. Look again.
                self._disconnect()
            self._stopped.wait(INTERVAL)
        self._disconnect()

    def _disconnect(self):
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect_to_primary(self):
        """A fresh client, since one that was refused once waits before it tries again."""
        if not self._setup.password_file.exists():
            return None
        password = self._setup.password_file.read_text().strip()
        for port in self._setup.ports:
            try:
                socket.create_connection((LOOPBACK, port), timeout=1).close()
            except OSError:
                continue
            with pymongo.MongoClient(LOOPBACK, port, directConnection=True, serverSelectionTimeoutMS=1000) as client:
                if not client.admin.command("hello").get("isWritablePrimary"):
                    continue
            return pymongo.MongoClient(
                LOOPBACK, port, username=self._setup.user, password=password, authSource="admin",
                directConnection=True, retryWrites=False, serverSelectionTimeoutMS=1000, socketTimeoutMS=10_000,
            )
        return None

    def _write(self, concern):
        reply = self._client["replicakitBench"].command(
            {
                "insert": "probe",
                "documents": [{"at": time.time()}],
                "writeConcern": {"w": concern, "j": True, "wtimeout": 2000},
            }
        )
        return reply["n"] == 1 and "writeConcernError" not in reply

    def _config(self):
        return self._client.admin.command("replSetGetConfig")["config"]

    def _has_three_voters(self):
        members = self._config()["members"]
        states = [member["stateStr"] for member in self._client.admin.command("replSetGetStatus")["members"]]
        voters = [member for member in members if member["votes"] == 1 and not member.get("newlyAdded")]
        return len(voters) == 3 and all(state in ("PRIMARY", "SECONDARY") for state in states)

    def _has_defaults(self):
        settings = self._config()["settings"]
        return (settings["electionTimeoutMillis"], settings["heartbeatIntervalMillis"]) == (10_000, 2_000)
