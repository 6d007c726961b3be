"""Measures ReplicaKit beside the tools people use today. See README.md here; `make bench` runs it.

Progress goes to stderr, the tables to stdout, and every figure to a JSON file in .bench/.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

import first_write
import report
import status
from machine import REPOSITORY
from sides import mlaunch, mongorun, rkctl

SIDES = {side.NAME: side for side in (rkctl, mlaunch, mongorun)}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mongod", type=pathlib.Path, default=REPOSITORY / ".servers/6.0.5/bin/mongod")
    parser.add_argument("--rounds", type=int, default=5, help="sets made by each side (default %(default)s)")
    parser.add_argument("--status-rounds", type=int, default=30, help="times the state is asked (default %(default)s)")
    parser.add_argument("--sides", default=",".join(SIDES), help="comma-separated (default %(default)s)")
    parser.add_argument("--only", choices=["first-write", "status"], help="leave out the other part")
    parser.add_argument("--output", type=pathlib.Path, help="JSON file (default .bench/DATE.json)")
    options = parser.parse_args()
    unknown = set(options.sides.split(",")) - set(SIDES)
    if unknown:
        parser.error(f"no such side: {', '.join(sorted(unknown))}")
    if min(options.rounds, options.status_rounds) < 1:
        parser.error("at least one round")
    options.sides = [SIDES[name] for name in options.sides.split(",")]
    for side in options.sides:
        if reason := side.available():
            parser.error(f"{side.NAME} cannot take part: {reason}")
    if not os.access(options.mongod, os.X_OK):
        parser.error(f"{options.mongod} is missing: run scripts/servers")
    options.mongod = options.mongod.resolve()
    return options


def server_version(mongod):
    return subprocess.run([mongod, "--version"], capture_output=True, text=True, check=True).stdout.split()[2]


def first_write_table(results):
    titles = ["first w: majority", "first w: 3", "three voters", "default settings", "command returned"]
    rows = [
        [name] + [report.cell([run[measure] for run in runs], "s") for measure in first_write.MEASURES]
        for name, runs in results.items()
    ]
    lines = ["From nothing to …, 3 members with authentication; seconds: median (least–most)", ""]
    lines.append(report.table(["tool"] + titles, rows))
    if rkctl.NAME in results:
        medians = {
            name: report.summary([run["everyMember"] for run in runs])["median"] for name, runs in results.items()
        }
        lines.append("")
        for name, median in medians.items():
            if name != rkctl.NAME:
                lines.append(f"first w: 3: rkctl took {medians[rkctl.NAME] / median:.2f} of {name}'s time")
    return "\n".join(lines)


def status_table(results):
    titles = {
        "command": "rkctl status, the whole process",
        "pymongo": "the pymongo script, the whole process",
        "pymongoPrinted": "the same, until it printed the state",
        "slowestAnswers": "the slowest member's own answers",
        "slowestConnectAndAnswers": "that member, with connecting and signing in",
    }
    rows = [[titles[measure], report.cell(seconds, "ms")] for measure, seconds in results.items()]
    lines = ["The state of a 3-member set; milliseconds: median (least–most)", "", report.table(["what", "took"], rows)]
    if "command" in results:
        medians = {measure: report.summary(seconds)["median"] for measure, seconds in results.items()}
        more = (medians["command"] - medians["slowestAnswers"]) * 1000
        lines += ["", f"rkctl status took {more:.1f} ms more than the slowest member's own answers"]
    return "\n".join(lines)


def main():
    # Ended by a signal, it must still stop its servers: let the clean-up blocks run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    document = {
        "takenAt": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "serverVersion": server_version(options.mongod),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "loadBefore": os.getloadavg()[0],
    }
    tables = []
    if options.only != "status":
        results = first_write.run(options.sides, options.mongod, options.rounds, say)
        document["firstWriteSeconds"] = results
        tables.append(first_write_table(results))
    if options.only != "first-write":
        with_rkctl = rkctl in options.sides
        maker = rkctl if with_rkctl else options.sides[0]
        results = status.run(
            maker, rkctl.status_command if with_rkctl else None, options.mongod, options.status_rounds, say
        )
        document["statusSeconds"] = results
        tables.append(status_table(results))
    document["loadAfter"] = os.getloadavg()[0]

    stamp = document["takenAt"].replace(":", "").replace("+0000", "Z")
    output = options.output or REPOSITORY / ".bench" / f"{stamp}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=2) + "\n")
    print("\n\n".join(tables))
    say(f"every figure is in {output}")


main()
