"""Another member becomes the primary of a healthy set that is written to: what its clients notice, and how long it takes."""

import time

from running_set import running_set
from sides import rkctl
from writing import Writer

DEADLINE = 120


def with_rkctl(made, primary):
    others = [index for index, port in enumerate(made.setup.ports, 1) if port != primary]
    command = made.command(rkctl.command(made.setup, "failover", "--to", f"m{others[0]}"))
    try:
        return command.finish(DEADLINE)
    finally:
        command.stop()


def with_step_down(made, primary):
    """The command alone: who follows, and when, is not looked at."""
    started = time.monotonic()
    with made.client(primary) as client:
        client.admin.command("replSetStepDown", 60)
        return time.monotonic() - started


def with_runbook(made, primary):
    """`rs.stepDown(60)`, and then a look at another member until it names a new primary (the runbook sleeps 15 s)."""
    started = time.monotonic()
    with made.client(primary) as client:
        client.admin.command("replSetStepDown", 60)
    other = next(port for port in made.setup.ports if port != primary)
    with made.client(other) as client:
        while time.monotonic() - started < DEADLINE:
            members = client.admin.command("replSetGetStatus")["members"]
            leaders = [member["name"] for member in members if member["stateStr"] == "PRIMARY"]
            if leaders and not leaders[0].endswith(f":{primary}"):
                return time.monotonic() - started
            time.sleep(0.05)
    raise RuntimeError(f"no new primary within {DEADLINE} s")


WAYS = {
    "rkctl failover --to": with_rkctl,
    "replSetStepDown: 60": with_step_down,
    "rs.stepDown(60), wait for a primary": with_runbook,
}


def measure(made, way):
    primary = made.settle()
    with Writer(made) as writer:
        took = WAYS[way](made, primary)
        report = writer.report()
    new = made.primary_port()
    if new == primary:
        raise RuntimeError(f"{way}: the primary is still the same")
    return {"command": took, "streams": report}


def run(mongod, rounds, say):
    """Alternates the ways on one set; way -> list of runs. A first round is not counted."""
    results = {way: [] for way in WAYS}
    with running_set(rkctl, mongod, say) as made:
        ways = list(WAYS)
        for number in range(rounds + 1):
            shift = number % len(ways)
            for way in ways[shift:] + ways[:shift]:
                measured = measure(made, way)
                if number:
                    results[way].append(measured)
            say(f"failover: round {number} of {rounds} done")
    return results
