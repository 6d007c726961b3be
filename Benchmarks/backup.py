"""A backup of mixed documents beside what reading them costs at least, and beside mongodump where it is on PATH; and a
restore beside mongorestore."""

import itertools
import json
import os
import pathlib
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern

from running_set import running_set
from sides import rkctl

HERE = pathlib.Path(__file__).parent
DATABASE, RESTORED = "bench_data", "bench_restored"
DEADLINE = 1800


def text(source, words, length):
    line = []
    while sum(map(len, line)) + len(line) < length:
        line.append(source.choice(words))
    return " ".join(line)[:length]


def fill(client, megabytes):
    """About that much: small documents with some random ids, medium ones, and large ones that half compress."""
    source = random.Random(1)
    words = ["".join(source.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(source.randint(3, 10))) for _ in range(2000)]
    short = [text(source, words, 180) for _ in range(5000)]
    long = [text(source, words, 1700) for _ in range(2000)]
    database = client[DATABASE]
    share = megabytes / 1024

    def many(name, count, make, step):
        for start in range(0, count, step):
            database[name].insert_many([make(i) for i in range(start, min(count, start + step))], ordered=False)

    many("customers", int(1_150_000 * share), lambda i: {
        "_id": i if i % 4 else source.getrandbits(60), "name": source.choice(words), "n": i, "x": source.random(),
        "text": source.choice(short), "z": i % 100}, 5000)
    many("orders", int(170_000 * share), lambda i: {
        "_id": i, "customer": i, "text": source.choice(long), "total": source.random()}, 2000)
    many("attachments", int(3_400 * share), lambda i: {
        "_id": i, "data": os.urandom(50_000), "text": text(source, words, 500) * 100}, 100)
    database.customers.create_index("name")
    database.orders.create_index("customer")
    return database.command("dbStats")["dataSize"]


# A child's peak begins with what the process that starts it has: a small one in between, so that it is the program's own.
LAUNCHER = """
import json, os, sys, time
started = time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
json.dump({"seconds": time.monotonic() - started, "processor": usage.ru_utime + usage.ru_stime,
           "memoryMiB": usage.ru_maxrss / 1024, "status": os.waitstatus_to_exitcode(status)}, os.fdopen(3, "w"))
"""


def peak(command, said_to_it=""):
    """Seconds, processor seconds and peak memory (MiB) of a program."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as figures:
        told.write(said_to_it.encode())
        told.seek(0)
        pid = os.posix_spawn(
            sys.executable, [sys.executable, "-S", "-c", LAUNCHER, *map(str, command)], os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, file.fileno(), number)
                          for number, file in enumerate([told, output, output, figures])])
        os.waitpid(pid, 0)
        output.seek(0)
        figures.seek(0)
        said = output.read().decode()
        measured = json.load(figures)
    if status := measured.pop("status"):
        raise RuntimeError(f"{command[0]} ended with status {status}:\n{said}")
    return measured | {"output": said}


def build_drain(directory):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmongoc-1.0"], capture_output=True, text=True, check=True)
    program = directory / "drain"
    subprocess.run(["cc", "-O2", "-o", program, HERE / "drain.c", *flags.stdout.split()], check=True)
    return program


def drain(program, uri):
    measured = peak([program, DATABASE], uri + "\n")
    measured.pop("output")
    return measured


def run(mongod, rounds, megabytes, say):
    """way -> list of runs, and the size of the data in bytes."""
    results = {}
    with running_set(rkctl, mongod, say) as made:
        primary = made.settle()
        with made.client() as client:
            size = fill(client, megabytes)
        made.settle()
        say(f"backup: {size / 1e6:.0f} MB are in")
        with tempfile.TemporaryDirectory(dir=made.directory) as scratch:
            scratch = pathlib.Path(scratch)
            program = build_drain(scratch)
            password = made.setup.password_file.read_text().strip()
            reader = next(port for port in made.setup.ports if port != primary)
            host = f"127.0.0.1:{reader}"
            uri = f"mongodb://{made.setup.user}:{password}@{host}/?directConnection=true&readPreference=secondaryPreferred&authSource=admin"
            member = f"m{made.setup.ports.index(reader) + 1}"

            def backup(compression):
                store = scratch / "store"
                shutil.rmtree(store, ignore_errors=True)
                measured = peak(rkctl.command(made.setup, "backup", "create", "--json", "--quiet", "--from", member,
                                              "--compression", compression, "--directory", store))
                measured["outputBytes"] = json.loads(measured.pop("output"))["bytes"]
                return measured

            ways = {
                "a bare libmongoc drain": lambda: drain(program, uri),
                "rkctl backup create --compression none": lambda: backup("none"),
                "rkctl backup create --compression gzip": lambda: backup("gzip"),
                "rkctl backup create (zstd)": lambda: backup("zstd"),
            }
            if dump := shutil.which("mongodump"):
                config = scratch / "config.yaml"
                config.write_text(f"uri: {uri}\n")
                config.chmod(0o600)

                def peer(*options):
                    out = scratch / "dump"
                    shutil.rmtree(out, ignore_errors=True)
                    return peak([dump, "--config", config, "--quiet", "-j", "4", "--out", out, *options])

                ways["mongodump -j4"] = peer
                ways["mongodump -j4 --gzip"] = lambda: peer("--gzip")
            for number in range(rounds + 1):
                for way, measure in ways.items():
                    measured = measure()
                    measured.pop("output", None)
                    if number:
                        results.setdefault(way, []).append(measured)
                say(f"backup: round {number} of {rounds} done")
            results |= restores(made, scratch, rounds, backup, say)
    return results, size


def restores(made, scratch, rounds, backup, say):
    """The backup, not compressed, to the set that it came from, under another name, with its indexes."""
    backup("none")
    files = {path.stem: path for path in (scratch / "store").glob(f"backups/*/{DATABASE}/*.bson")}
    if not files:
        raise RuntimeError("the backup has no files")

    def with_rkctl():
        return peak(rkctl.command(made.setup, "restore", "--quiet", "--json", "--include", DATABASE, "--to-namespace",
                                  f"{DATABASE}={RESTORED}", "--directory", scratch / "store"))

    ways = {"rkctl restore": with_rkctl, "pymongo, 1000 documents a batch, one connection": lambda: insert(made, files)}
    if program := shutil.which("mongorestore"):
        password = made.setup.password_file.read_text().strip()
        hosts = ",".join(f"127.0.0.1:{port}" for port in made.setup.ports)
        config = scratch / "config.yaml"
        config.write_text(f"uri: mongodb://{made.setup.user}:{password}@{hosts}/?replicaSet=bench&authSource=admin&w=1\n")
        config.chmod(0o600)
        folder = next(iter(files.values())).parent
        ways["mongorestore -j4"] = lambda: peak(
            [program, "--config", config, "--quiet", "-j", "4", "--db", RESTORED, "--dir", folder])
    results = {}
    for number in range(rounds + 1):
        for way, measure in ways.items():
            with made.client() as client:
                client.drop_database(RESTORED)
            made.settle()
            measured = measure()
            measured.pop("output", None)
            if number:
                results.setdefault(way, []).append(measured)
        say(f"restore: round {number} of {rounds} done")
    return results


def insert(made, files):
    """What the simplest program does that has the same files."""
    started, before = time.monotonic(), time.process_time()
    with made.client() as client:
        database = client.get_database(RESTORED, write_concern=WriteConcern(1))
        for name, path in files.items():
            with open(path, "rb") as file:
                documents = raw_documents(file)
                while batch := list(itertools.islice(documents, 1000)):
                    database[name].insert_many(batch, bypass_document_validation=True)
        database.customers.create_index("name")
        database.orders.create_index("customer")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.monotonic() - started, "processor": time.process_time() - before, "memoryMiB": memory}


def raw_documents(file):
    while head := file.read(4):
        (length,) = struct.unpack("<i", head)
        yield RawBSONDocument(head + file.read(length - 4))
