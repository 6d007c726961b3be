"""Usage: status_pymongo.py [--health] USER PASSWORD-FILE PORT…

What an operator would write with pymongo to learn what `rkctl status` tells, or with --health all that `rkctl health`
asks (and not what it makes of it): every member asked at the same
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


def figures(client, told):
    """What health is judged by besides: the questions of `rkctl health`, none more."""
    admin, local = client.admin, client["local"]
    told["server"] = admin.command("serverStatus", opLatencies={"histograms": True}, tcmalloc=0, locks=0, mirroredReads=0)
    told["lock"] = admin.command("currentOp", {"$ownOps": True, "opid": -1})
    told["clients"] = list(admin.aggregate([
        {"$currentOp": {"allUsers": True, "idleConnections": True}}, {"$match": {"client": {"$exists": True}}},
        {"$group": {"_id": "$appName", "connections": {"$sum": 1}}},
    ]))
    told["operations"] = list(admin.aggregate([
        {"$currentOp": {"allUsers": True}}, {"$match": {"active": True, "secs_running": {"$gte": 60}}},
    ]))
    told["oplog"] = local.command("collStats", "oplog.rs")
    told["host"] = admin.command("hostInfo")
    told["options"] = admin.command("getCmdLineOpts")
    told["diagnostics"] = admin.command("getDiagnosticData")
    told["warnings"] = admin.command("getLog", "startupWarnings")
    told["compatibility"] = admin.command("getParameter", featureCompatibilityVersion=1)
    return told


def ask(port, user, password, wants_health):
    started = time.monotonic()
    with pymongo.MongoClient(
        "127.0.0.1", port, username=user, password=password, authSource="admin", directConnection=True,
        serverSelectionTimeoutMS=5000,
    ) as client:
        client.admin.command("ping")
        connected = time.monotonic()
        told = figures(client, answers(client)) if wants_health else answers(client)
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
    wants_health = sys.argv[1] == "--health"
    user, password_file, *ports = sys.argv[2:] if wants_health else sys.argv[1:]
    password = pathlib.Path(password_file).read_text().strip()
    ports = [int(port) for port in ports]
    with concurrent.futures.ThreadPoolExecutor(len(ports)) as pool:
        members = list(pool.map(lambda port: ask(port, user, password, wants_health), ports))
    # The clock counts for all processes from one start, so the caller can tell how long this took to come.
    print(json.dumps({"members": members, "printedAt": time.monotonic()}))


main()
