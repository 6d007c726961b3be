"""Usage: writer_pymongo.py USER PASSWORD-FILE NAME PORT…

An application that shares nothing with what is measured: it inserts a document every 5 ms, retryable writes on, once
with `w: "majority"` and once with `w: 1`, and logs each acknowledgement. Prints `ready` when both write. When its
standard input ends it stops, looks which acknowledged documents the set does not keep, and prints JSON.
"""

import json
import pathlib
import sys
import threading
import time

import pymongo
import pymongo.errors
from pymongo.read_concern import ReadConcern

INTERVAL = 0.005
STREAMS = {"majority": "majority", "one": 1}
stopped = threading.Event()


class Stream(threading.Thread):
    def __init__(self, client, database, name, concern):
        super().__init__(daemon=True)
        self.collection = client[database].get_collection(
            name, write_concern=pymongo.WriteConcern(w=concern, wtimeout=60_000)
        )
        self.acknowledged = {}  # number of the document -> when, on the clock that all processes share
        self.failed = 0
        self.began = threading.Event()

    def run(self):
        number = 0
        while not stopped.is_set():
            number += 1
            try:
                self.collection.insert_one({"_id": number})
                self.acknowledged[number] = time.monotonic()
            except pymongo.errors.PyMongoError:
                self.failed += 1
            if len(self.acknowledged) == 50:
                self.began.set()
            time.sleep(INTERVAL)

    def lost(self):
        """How many acknowledged documents a majority does not have; what is merely late has 30 s to come."""
        reader = self.collection.with_options(read_concern=ReadConcern("majority"))
        end = time.monotonic() + 30
        while True:
            missing = self.acknowledged.keys() - {document["_id"] for document in reader.find({}, {"_id": 1})}
            if not missing or time.monotonic() > end:
                return len(missing)
            time.sleep(0.1)


def main():
    user, password, database = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().strip(), sys.argv[3]
    client = pymongo.MongoClient(
        [f"127.0.0.1:{port}" for port in sys.argv[4:]], replicaSet="bench", username=user, password=password,
        authSource="admin", serverSelectionTimeoutMS=60_000,
    )
    streams = {name: Stream(client, database, name, concern) for name, concern in STREAMS.items()}
    for stream in streams.values():
        stream.start()
    for stream in streams.values():
        if not stream.began.wait(60):
            sys.exit("no write was acknowledged")
    print("ready", flush=True)
    sys.stdin.read()
    stopped.set()
    for stream in streams.values():
        stream.join()
    report = {
        name: {"acknowledgedAt": list(stream.acknowledged.values()), "failed": stream.failed, "lost": stream.lost()}
        for name, stream in streams.items()
    }
    client.drop_database(database)
    client.close()
    print(json.dumps(report))


main()
