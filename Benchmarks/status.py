"""How long it takes to learn a set's state, or its health: rkctl, a pymongo script that asks the same, and the members' own answers."""

import json
import pathlib
import sys

from machine import Command
from running_set import running_set

DEADLINE = 60
SCRIPT = pathlib.Path(__file__).with_name("status_pymongo.py")
MEASURES = ("command", "pymongo", "pymongoPrinted", "slowestAnswers", "slowestConnectAndAnswers")


def run(maker, status_command, mongod, rounds, say, *script_options):
    """One set, made by `maker`; then the two programs in turn. Measure -> list of seconds.

    `status_command` turns a `Setup` into the command that is measured, or is None when only the script is.
    """
    results = {measure: [] for measure in MEASURES}
    # What health finds on this machine is not what is measured.
    accepted = (0, 1, 2) if script_options else (0,)
    with running_set(maker, mongod, say) as made:
        setup, directory = made.setup, made.directory
        log = directory / "status.log"
        script = [sys.executable, SCRIPT, *script_options, setup.user, setup.password_file] + setup.ports
        for number in range(rounds + 1):
            measured = {}
            if status_command:
                measured["command"] = Command(status_command(setup), directory, log).finish(DEADLINE, accepted)
            asked = Command(script, directory, log)
            measured["pymongo"] = asked.finish(DEADLINE)
            told = json.loads(log.read_text())
            measured["pymongoPrinted"] = told["printedAt"] - asked.started
            members = told["members"]
            measured["slowestAnswers"] = max(member["answerSeconds"] for member in members)
            measured["slowestConnectAndAnswers"] = max(m["connectSeconds"] + m["answerSeconds"] for m in members)
            if number:  # the first round only warms the file cache
                for measure, seconds in measured.items():
                    results[measure].append(seconds)
    say(f"{rounds} rounds of {' '.join(['status', *script_options])} done")
    return {measure: seconds for measure, seconds in results.items() if seconds}
