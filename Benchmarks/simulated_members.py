"""Answers as the members of many replica sets: each command is asked of a real member once, and its reply, with the
names of the simulated set in it, is given again from then on. Run by monitoring.py.

    simulated_members.py SETS FIRST_PORT REAL_PORT,REAL_PORT,REAL_PORT    (the password on standard input)

Whoever signs in signs in for real (SCRAM-SHA-256): hashing the password is part of what watching costs.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import struct
import sys

import bson
import pymongo

LOOPBACK = "127.0.0.1"
ITERATIONS = 15_000
OP_QUERY, OP_REPLY, OP_MSG = 2004, 1, 2013
# What a driver adds to a command; the reply does not depend on it. A sign-in that a driver tries together with its
# first hello is left unanswered: then it signs in by itself, as with older servers.
ADDED = {"$db", "lsid", "$clusterTime", "$readPreference", "maxTimeMS", "apiVersion", "comment", "client",
         "speculativeAuthenticate"}


def hashed(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


class Login:
    """The server's side of SCRAM-SHA-256 (RFC 7677)."""

    salt = b"simulated member salt 28 byte"[:28]

    @classmethod
    def prepare(cls, password):
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), cls.salt, ITERATIONS)
        cls.stored = hashlib.sha256(hashed(salted, b"Client Key")).digest()
        cls.server = hashed(salted, b"Server Key")

    def begin(self, payload):
        self.bare = payload.decode().split(",", 2)[2]
        nonce = dict(part.split("=", 1) for part in self.bare.split(","))["r"] + base64.b64encode(os.urandom(18)).decode()
        self.first = f"r={nonce},s={base64.b64encode(self.salt).decode()},i={ITERATIONS}"
        return self.first.encode()

    def finish(self, payload):
        text, proof = payload.decode().rsplit(",p=", 1)
        message = f"{self.bare},{self.first},{text}".encode()
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), hashed(self.stored, message)))
        if hashlib.sha256(key).digest() != self.stored:
            return None
        return b"v=" + base64.b64encode(hashed(self.server, message))


class Member:
    """One simulated member: the port it listens on, and the real one whose answers it gives."""

    replies = {}

    def __init__(self, name, port, real, renamed):
        self.name, self.port, self.real, self.renamed = name, port, real, renamed

    def rename(self, value):
        if isinstance(value, str):
            return self.renamed.get(value, value)
        if isinstance(value, dict):
            return {key: self.rename(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.rename(entry) for entry in value]
        return value

    def reply(self, command):
        database = command.get("$db", "admin")
        asked = {key: value for key, value in command.items() if key not in ADDED}
        name = next(iter(asked))
        key = (self.name, self.port, database, bson.encode(asked))
        if key not in self.replies:
            try:
                found = self.real[database].command(bson.SON(asked), check=False)
            except pymongo.errors.PyMongoError as error:
                found = {"ok": 0.0, "errmsg": str(error), "code": 1}
            found = {entry: value for entry, value in found.items() if entry not in ("$clusterTime", "operationTime")}
            if name in ("hello", "isMaster", "ismaster"):
                # Nobody may wait for news on an open hello.
                found.pop("topologyVersion", None)
            self.replies[key] = bson.encode(self.rename(found))
        return self.replies[key]


async def serve(member, reader, writer):
    login, served = Login(), 0
    try:
        while True:
            length, request, _, operation = struct.unpack("<iiii", await reader.readexactly(16))
            body = await reader.readexactly(length - 16)
            if operation == OP_QUERY:
                command = bson.decode(body[body.index(b"\0", 4) + 9:])
            else:
                command = bson.decode(body[5:5 + struct.unpack_from("<i", body, 5)[0]])
            name = next(iter(command))
            if name == "saslStart":
                reply = bson.encode({"conversationId": 1, "done": False, "payload": login.begin(command["payload"]), "ok": 1.0})
            elif name == "saslContinue":
                answer = login.finish(command["payload"]) if command["payload"] else b""
                reply = bson.encode({"ok": 0.0, "code": 18, "errmsg": "Authentication failed."} if answer is None else
                                    {"conversationId": 1, "done": True, "payload": answer, "ok": 1.0})
            else:
                reply = member.reply(command)
            served += 1
            if operation == OP_QUERY:
                payload, kind = struct.pack("<iqii", 8, 0, 0, 1) + reply, OP_REPLY
            else:
                payload, kind = struct.pack("<iB", 0, 0) + reply, OP_MSG
            writer.write(struct.pack("<iiii", 16 + len(payload), served, request, kind) + payload)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    count, first = int(sys.argv[1]), int(sys.argv[2])
    real_ports = [int(port) for port in sys.argv[3].split(",")]
    password = sys.stdin.readline().rstrip("\n")
    Login.prepare(password)
    reals = [
        pymongo.MongoClient(LOOPBACK, port, directConnection=True, username="admin", password=password)
        for port in real_ports
    ]
    for number in range(count):
        name, ports = f"sim{number}", [first + number * len(reals) + index for index in range(len(reals))]
        renamed = {f"{LOOPBACK}:{old}": f"{LOOPBACK}:{new}" for old, new in zip(real_ports, ports)} | {"bench": name}
        for port, real in zip(ports, reals):
            member = Member(name, port, real, renamed)

            async def accept(reader, writer, member=member):
                await serve(member, reader, writer)

            await asyncio.start_server(accept, LOOPBACK, port, backlog=256)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
