"""Kills `backup create`, `oplog archive`, `restore`, and the servers that they talk to, at random moments, again and again.

A writer goes on all the time and logs what a majority acknowledged. At the end, and after each round: whatever is called
a backup restores and equals its manifest; a restore that was cut off is completed by the next; no gap of the archive goes
unnoticed; and the set as it was at random logged moments comes back exactly. `make soak` runs it; it ends with 1 otherwise.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import bson
import pymongo
import pymongo.errors

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "Benchmarks"))

from running_set import running_set  # noqa: E402
from sides import rkctl  # noqa: E402

KINDS = ("backup", "restore", "archive", "server of backup", "server of restore", "server of archive")
DATABASE = "soak"
COMMAND_LIMIT = 300


def say(text):
    print(f"soak: {text}", file=sys.stderr, flush=True)


class Writer(threading.Thread):
    """Counts up, one majority write after the other, and remembers when each was."""

    def __init__(self, made):
        super().__init__(daemon=True)
        self.made, self.log, self.stopping = made, [], threading.Event()

    def run(self):
        number = 0
        with self.made.client(retryWrites=True) as client:
            database = client.get_database(DATABASE, write_concern=pymongo.WriteConcern("majority", wtimeout=20_000))
            while not self.stopping.is_set():
                number += 1
                try:
                    with client.start_session() as session:
                        # Not `$inc`: what was not acknowledged and happened all the same is not counted twice.
                        database.counter.update_one({"_id": 1}, {"$set": {"n": number}}, upsert=True, session=session)
                        self.log.append((number, session.operation_time))
                except pymongo.errors.PyMongoError:
                    continue
                time.sleep(0.005)

    def stop(self):
        self.stopping.set()
        self.join(60)


class Soak:
    def __init__(self, made, store, source):
        self.made, self.store, self.source = made, store, source
        self.archive, self.base = None, None
        self.archive_log = store.parent / "archive.log"
        self.counts = collections.Counter()
        self.verified = set()

    # Commands

    def arguments(self, *words):
        return [str(word) for word in rkctl.command(self.made.setup, *words, "--directory", self.store)]

    def run(self, *words, expect=(0,)):
        done = subprocess.run(self.arguments(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_LIMIT)
        if done.returncode not in expect:
            raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def killed(self, words, most, victim=None):
        """Runs a command, and kills it (or the victim that is given) at a random moment. Says how it ended."""
        process = subprocess.Popen(self.arguments(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        delay = self.source.uniform(0, most)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            if victim is None:
                process.kill()
            else:
                victim()
        output, error = process.communicate(timeout=COMMAND_LIMIT)
        return process.returncode, output, error

    def start_archive(self):
        with open(self.archive_log, "a") as log:
            self.archive = subprocess.Popen(self.arguments("oplog", "archive", "--interval", "1"), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def begin(self):
        """The archive first, and once it has begun, the base: what comes after the base is covered from there on."""
        self.start_archive()
        limit = time.monotonic() + COMMAND_LIMIT
        while not list((self.store / "oplog").glob("*/begin.json")):
            if self.archive.poll() is not None or time.monotonic() > limit:
                raise AssertionError(f"the archive did not begin:\n{self.archive_log.read_text()}")
            time.sleep(0.1)
        self.run("backup", "create", "--quiet")
        self.verify_new()
        first = json.loads(self.run("backup", "list", "--json").stdout)["backups"][0]["clusterTime"]["$timestamp"]
        self.base = bson.Timestamp(first["t"], first["i"])

    def kill_archive(self):
        self.archive.kill()
        self.archive.wait()

    def ensure_archive(self):
        """Begins it again when it ended; that it ended by itself must have been said."""
        if self.archive.poll() is not None:
            if self.archive.returncode > 0:
                self.counts["the archive ended with a word"] += 1
                say(f"the archive ended: {self.archive_log.read_text().strip().splitlines()[-1]}")
            self.start_archive()

    def kill_server(self, port):
        with self.made.client(port) as client:
            pid = client.admin.command("serverStatus")["pid"]
        os.kill(int(pid), signal.SIGKILL)

    def heal(self):
        command = [str(word) for word in rkctl.command(self.made.setup, "start", "--yes")]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=COMMAND_LIMIT)
        self.made.settle()

    # What must hold

    def backups(self):
        listed = json.loads(self.run("backup", "list", "--json").stdout)["backups"]
        return [backup["id"] for backup in listed]

    def verify_new(self):
        for backup in self.backups():
            if backup not in self.verified:
                self.run("backup", "verify", backup, "--restore")
                self.verified.add(backup)

    def restore_words(self, backup):
        return ("restore", backup, "--include", f"{DATABASE}.data", "--to-namespace", f"{DATABASE}={DATABASE}_side", "--mirror", "--yes", "--quiet")

    def check_restored(self):
        with self.made.client(self.made.primary_port()) as client:
            hashes = [client[name].command("dbHash", collections=["data"])["collections"] for name in (DATABASE, f"{DATABASE}_side")]
        if hashes[0] != hashes[1] or not hashes[0]:
            raise AssertionError(f"the restore differs: {hashes}")

    # Rounds

    def round(self, number):
        kind = KINDS[number % len(KINDS)]
        victim = None
        if kind.startswith("server"):
            # Restores talk to the primary, the others to a secondary: those most of the time, but all in turn.
            primary = self.made.primary_port()
            others = [port for port in self.made.setup.ports if port != primary]
            port = primary if kind.endswith("restore") and self.source.random() < 0.7 else self.source.choice(others)
            victim = lambda: self.kill_server(port)
        if kind.endswith("backup"):
            status, output, error = self.killed(("backup", "create", "--rate", "8", "--json", "--quiet"), 4, victim)
            self.counts[f"{kind}: {'done all the same' if status == 0 else 'cut off'}"] += 1
            if victim and status not in (0, 1) and status < 64:
                raise AssertionError(f"backup create ended with {status}:\n{output}{error}")
        elif kind.endswith("restore"):
            words = self.restore_words(sorted(self.verified)[-1])
            status, _, _ = self.killed(words, 3, victim)
            self.counts[f"{kind}: {'done all the same' if status == 0 else 'cut off'}"] += 1
            if victim:
                self.heal()
            self.run(*words)
            self.check_restored()
        else:
            time.sleep(self.source.uniform(0, 3))
            victim() if victim else self.kill_archive()
            self.counts[kind] += 1
        if victim:
            self.heal()
        self.ensure_archive()
        self.verify_new()

    def check_moments(self, log, count):
        """The counter at random logged moments of what the archive and the backups cover."""
        timelines = json.loads(self.run("oplog", "status", "--verify", "--json").stdout)["timelines"]
        # Where the archive told of no gap, everything since the first base is covered.
        is_whole = len(timelines) == 1 and not timelines[0]["endReason"] and len(timelines[0]["windows"]) == 1
        self.counts["the archive is one, without a gap"] = is_whole
        exact = 0
        for number, moment in self.source.sample(log, min(count * 4, len(log))):
            words = ("restore", "--to", f"{moment.time},{moment.inc}", "--include", f"{DATABASE}.counter",
                     "--to-namespace", f"{DATABASE}={DATABASE}_then", "--mirror", "--yes", "--quiet", "--json")
            is_covered = is_whole and moment >= self.base
            done = self.run(*words, expect=(0,) if is_covered else (0, 2))
            if done.returncode:
                code = json.loads(done.stdout.strip().splitlines()[-1])["error"]["code"]
                if code != "backup.momentNotCovered":
                    raise AssertionError(f"restore to {moment} was refused: {code}\n{done.stdout}")
                self.counts["moments that are not covered, and refused"] += 1
                continue
            with self.made.client(self.made.primary_port()) as client:
                found = client[f"{DATABASE}_then"].counter.find_one({"_id": 1})
            if found is None or found["n"] != number:
                raise AssertionError(f"at {moment} the counter was {number}, and {found} was restored")
            exact += 1
            if exact == count:
                break
        self.counts["moments that came back exactly"] = exact


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mongod", type=pathlib.Path, default=REPOSITORY / ".servers/6.0.5/bin/mongod")
    parser.add_argument("--rkctl", type=pathlib.Path, default=rkctl.PROGRAM, help="the program (default: the release build)")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--moments", type=int, default=20, help="logged moments that are restored at the end (default %(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    rkctl.PROGRAM = options.rkctl.resolve()
    say(f"seed {options.seed}")
    started = time.monotonic()
    with running_set(rkctl, options.mongod.resolve(), say) as made:
        made.settle()
        with made.client() as client:
            data = client[DATABASE].data
            data.insert_many([{"_id": i, "text": os.urandom(500).hex()} for i in range(20_000)])
            data.create_index("text")
        with tempfile.TemporaryDirectory(dir=made.directory) as directory:
            soak = Soak(made, pathlib.Path(directory) / "store", random.Random(options.seed))
            writer = Writer(made)
            writer.start()
            try:
                soak.begin()
                for number in range(options.rounds):
                    soak.round(number)
                    say(f"round {number + 1} of {options.rounds}: {len(soak.verified)} backups, {len(writer.log)} writes")
                time.sleep(3)
            finally:
                writer.stop()
                soak.kill_archive()
            soak.run("oplog", "archive", "--once")
            soak.check_moments(writer.log, options.moments)
            for what, count in sorted(soak.counts.items()):
                print(f"{count:5} {what}")
            print(f"{len(soak.verified):5} backups, each restored and compared; {len(writer.log)} writes; {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
