"""Usage: status_pymongo.py USER PASSWORD-FILE PORT…

What an operator would write with pymongo to learn what `rkctl status` tells: every member asked at the same
time, each on a connection of its own. Prints JSON, with the seconds that each member took to connect (sign-in
included) and to answer.
"""

import concurrent.futures
import json
import pathlib
import sys
import time

import pymongo

UNUSED_SECTIONS = ["metrics", "wiredTiger", "tcmalloc", "locks", "opLatencies", "transactions", "globalLock", "mirroredReads"]


def answers(client):
    admin, oplog = client.admin, client["local"]["oplog.rs"]
    return {
        "hello": admin.command("hello"),
        "status": admin.command("replSetGetStatus"),
        "config": admin.command("replSetGetConfig"),
        "server": admin.command("serverStatus", **{section: 0 for section in UNUSED_SECTIONS}),
        "oplogFirst": oplog.find_one({}, {"ts": 1}, sort=[("$natural", 1)]),
        "oplogLast": oplog.find_one({}, {"ts": 1}, sort=[("$natural", -1)]),
    }


def ask(port, user, password):
    started = time.monotonic()
    with pymongo.MongoClient(
        "127.0.0.1", port, username=user, password=password, authSource="admin", directConnection=True,
        serverSelectionTimeoutMS=5000,
    ) as client:
        client.admin.command("ping")
        connected = time.monotonic()
        told = answers(client)
        answered = time.monotonic()
    window = told["oplogLast"]["ts"].time - told["oplogFirst"]["ts"].time
    return {
        "port": port,
        "state": {1: "PRIMARY", 2: "SECONDARY"}.get(told["status"]["myState"], "OTHER"),
        "term": told["status"]["term"],
        "configVersion": told["config"]["config"]["version"],
        "uptimeSeconds": told["server"]["uptime"],
        "serverVersion": told["server"]["version"],
        "oplogWindowSeconds": window,
        "connectSeconds": connected - started,
        "answerSeconds": answered - connected,
    }


def main():
    user, password = sys.argv[1], pathlib.Path(sys.argv[2]).read_text().strip()
    ports = [int(port) for port in sys.argv[3:]]
    with concurrent.futures.ThreadPoolExecutor(len(ports)) as pool:
        members = list(pool.map(lambda port: ask(port, user, password), ports))
    # The clock counts for all processes from one start, so the caller can tell how long this took to come.
    print(json.dumps({"members": members, "printedAt": time.monotonic()}))


main()
