"""Entries of an oplog that are replayed by `rkctl restore --to`, beside one `applyOps` for each."""

import json
import random
import subprocess
import tempfile
import time

from bson.raw_bson import RawBSONDocument
from pymongo.operations import DeleteOne, InsertOne, ReplaceOne, UpdateOne

from running_set import running_set
from sides import rkctl

SOURCE, REPLAYED, APPLIED = "bench_source", "bench_replayed", "bench_applied"
COUNTERS = 2000


def base(client):
    """What the backup holds: some documents in two collections, one with an index."""
    for name in ("counters", "events"):
        client[SOURCE][name].insert_many([{"_id": i, "n": 0, "text": "x" * 200} for i in range(COUNTERS)])
    client[SOURCE].events.create_index("n")


def write(client, count):
    """That many entries: counters, replacements, inserts and deletes, as a service writes them."""
    source = random.Random(2)
    database = client[SOURCE]
    made = COUNTERS
    for start in range(0, count, 1000):
        counters, events = [], []
        for _ in range(min(1000, count - start)):
            kind = source.random()
            if kind < 0.5:
                counters.append(UpdateOne({"_id": source.randrange(COUNTERS)}, {"$inc": {"n": 1}}))
            elif kind < 0.9:
                events.append(InsertOne({"_id": made, "n": source.randrange(1000), "text": "y" * 200}))
                made += 1
            elif kind < 0.95:
                events.append(ReplaceOne({"_id": source.randrange(made)}, {"n": -1, "text": "z" * 200}, upsert=True))
            else:
                events.append(DeleteOne({"_id": source.randrange(made)}))
        for collection, operations in ((database.counters, counters), (database.events, events)):
            if operations:
                collection.bulk_write(operations, ordered=True)
    return client.admin.command("hello")["lastWrite"]["opTime"]["ts"]


def timed(command):
    started = time.monotonic()
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return time.monotonic() - started, done.stdout


def entries(made, after):
    """The oplog's own entries of the source since `after`."""
    with made.client(made.primary_port(), document_class=RawBSONDocument) as client:
        wanted = {"ts": {"$gt": after}, "ns": {"$in": [f"{SOURCE}.counters", f"{SOURCE}.events"]}}
        return list(client.local["oplog.rs"].find(wanted))


def apply_one_by_one(made, oplog):
    """Seconds of `applyOps` with one entry a command, on a copy of the base."""
    with made.client(made.primary_port()) as client:
        base_of = client[APPLIED]
        for name in ("counters", "events"):
            base_of[name].insert_many([{"_id": i, "n": 0, "text": "x" * 200} for i in range(COUNTERS)])
        base_of.events.create_index("n")
        fields = ("op", "ns", "o", "o2")
        operations = []
        for entry in oplog:
            operation = {field: entry[field] for field in fields if field in entry}
            operation["ns"] = APPLIED + operation["ns"].removeprefix(SOURCE)
            operations.append(operation)
        started = time.monotonic()
        for operation in operations:
            client.admin.command("applyOps", [operation])
        return time.monotonic() - started


def same(made, counted):
    """Whether what was replayed equals the source."""
    with made.client(made.primary_port()) as client:
        hashes = [client[name].command("dbHash")["collections"] for name in (SOURCE, REPLAYED)]
        count = [client[name].events.estimated_document_count() for name in (SOURCE, REPLAYED)]
    if hashes[0] != hashes[1] or count[0] != count[1]:
        raise RuntimeError(f"the replay of {counted} entries differs from the source")


def run(mongod, rounds, count, say):
    """way -> list of runs with seconds and entries."""
    results = {}
    with running_set(rkctl, mongod, say) as made:
        made.settle()
        with tempfile.TemporaryDirectory(dir=made.directory) as store:
            command = lambda *words: rkctl.command(made.setup, *words, "--directory", store)
            with made.client() as client:
                base(client)
                after = client.admin.command("hello")["lastWrite"]["opTime"]["ts"]
            timed(command("oplog", "archive", "--once"))
            _, said = timed(command("backup", "create", "--json", "--quiet"))
            backup = json.loads(said)["id"]
            with made.client() as client:
                end = write(client, count)
            timed(command("oplog", "archive", "--once"))
            made.settle()
            oplog = entries(made, after)
            say(f"replay: {len(oplog)} entries are archived")

            def restore(*options):
                with made.client() as client:
                    client.drop_database(REPLAYED)
                words = ("restore", backup, "--quiet", "--include", SOURCE, "--to-namespace", f"{SOURCE}={REPLAYED}", *options)
                return timed(command(*words))[0]

            few = oplog[: max(1, len(oplog) // 20)]
            for number in range(rounds + 1):
                without = restore()
                took = restore("--to", f"{end.time},{end.inc}") - without
                same(made, len(oplog))
                with made.client() as client:
                    client.drop_database(APPLIED)
                one_by_one = apply_one_by_one(made, few)
                if number:
                    results.setdefault("rkctl restore --to", []).append({"seconds": took, "entries": len(oplog)})
                    results.setdefault("one applyOps an entry", []).append({"seconds": one_by_one, "entries": len(few)})
                say(f"replay: round {number} of {rounds} done")
    return results
