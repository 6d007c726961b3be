"""From nothing to the first acknowledged majority write, for every side in turn."""

import time

from machine import Command, free_ports, scratch_directory
from probe import MOMENTS, Probe
from sides import Run

DEADLINE = 120
MEASURES = MOMENTS + ("returned",)


def measure(side, mongod):
    """One run: seconds until each moment of the probe, and until the command itself returned."""
    with scratch_directory() as directory:
        setup = side.prepare(Run(directory=directory, mongod=mongod, port=free_ports(3)))
        probe = Probe(setup)
        command = Command(setup.command, directory, directory / "output.log")
        probe.start(command.started)
        try:
            returned = command.finish(DEADLINE)
            return dict(probe.wait(DEADLINE), returned=returned)
        finally:
            command.stop()
            probe.stop()


def run(sides, mongod, rounds, say):
    """Alternates the sides, starting each round with another one; side name -> list of runs."""
    results = {side.NAME: [] for side in sides}
    for number in range(rounds):
        shift = number % len(sides)
        for side in sides[shift:] + sides[:shift]:
            before = time.monotonic()
            results[side.NAME].append(measure(side, mongod))
            say(f"round {number + 1} of {rounds}: {side.NAME} done in {time.monotonic() - before:.1f} s")
    return results
