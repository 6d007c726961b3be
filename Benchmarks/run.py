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

import backup
import failover
import first_write
import guard
import membership
import monitoring
import replay
import report
import sizes
import status
from machine import REPOSITORY
from sides import mlaunch, mongorun, rkctl

SIDES = {side.NAME: side for side in (rkctl, mlaunch, mongorun)}
PARTS = ("first-write", "status", "health", "failover", "guard", "membership", "monitoring", "backup", "replay")
# What takes long, and some 30 GB of disk: only when it is asked for.
ON_REQUEST = ("sizes",)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mongod", type=pathlib.Path, default=REPOSITORY / ".servers/6.0.5/bin/mongod")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side or way is run (default %(default)s)")
    parser.add_argument("--status-rounds", type=int, default=30, help="times the state is asked (default %(default)s)")
    parser.add_argument("--watch-seconds", type=int, default=60,
                        help="for how long many sets are watched (default %(default)s)")
    parser.add_argument("--sides", default=",".join(SIDES), help="comma-separated (default %(default)s)")
    parser.add_argument("--data-mb", type=int, default=256, help="MiB of data that members copy, or that is backed up (default %(default)s)")
    parser.add_argument("--sizes-mb", default="1024,4096,8192", help="MiB of data of the part sizes (default %(default)s)")
    parser.add_argument("--entries", type=int, default=100_000, help="entries of the oplog that are replayed (default %(default)s)")
    parser.add_argument("--old-mongod", type=pathlib.Path, default=REPOSITORY / ".servers/4.4.2/bin/mongod",
                        help="the server of the part monitoring: Debian's exporter knows no newer (default %(default)s)")
    parser.add_argument("--only", choices=PARTS + ON_REQUEST, help="leave out the other parts")
    parser.add_argument("--output", type=pathlib.Path, help="JSON file (default .bench/DATE.json)")
    options = parser.parse_args()
    unknown = set(options.sides.split(",")) - set(SIDES)
    if unknown:
        parser.error(f"no such side: {', '.join(sorted(unknown))}")
    if min(options.rounds, options.status_rounds, options.data_mb) < 1:
        parser.error("at least one round, and one MiB")
    options.parts = [options.only] if options.only else PARTS
    options.sides = [SIDES[name] for name in options.sides.split(",")]
    # The other parts ask rkctl to do something to a set.
    needed = {rkctl} if {"health", "failover", "guard", "membership", "monitoring", "backup", "replay", "sizes"} & set(options.parts) else set()
    for side in [*options.sides, *needed.difference(options.sides)]:
        if reason := side.available():
            parser.error(f"{side.NAME} cannot take part: {reason}")
    for mongod in [options.mongod] + [options.old_mongod] * ("monitoring" in options.parts):
        if not os.access(mongod, os.X_OK):
            parser.error(f"{mongod} is missing: run scripts/servers")
    if "monitoring" in options.parts and not monitoring.exporter():
        parser.error(f"{monitoring.EXPORTER} is missing: run scripts/tools --bench")
    options.old_mongod = options.old_mongod.resolve()
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


def status_table(results, name="status"):
    titles = {
        "command": f"rkctl {name}, the whole process",
        "pymongo": "the pymongo script, the whole process",
        "pymongoPrinted": "the same, until it printed the state",
        "slowestAnswers": "the slowest member's own answers",
        "slowestConnectAndAnswers": "that member, with connecting and signing in",
    }
    rows = [[titles[measure], report.cell(seconds, "ms")] for measure, seconds in results.items()]
    lines = [f"The {'state' if name == 'status' else name} of a 3-member set; milliseconds: median (least–most)", "", report.table(["what", "took"], rows)]
    if "command" in results:
        medians = {measure: report.summary(seconds)["median"] for measure, seconds in results.items()}
        more = (medians["command"] - medians["slowestAnswers"]) * 1000
        lines += ["", f"rkctl {name} took {more:.1f} ms more than the slowest member's own answers"]
    return "\n".join(lines)


def client_cells(runs):
    """What clients noticed: the longest gaps, and how many acknowledged writes were lost in all runs together."""
    streams = [run["streams"] for run in runs]
    lost = sum(stream["lost"] for run in streams for stream in run.values())
    return [report.cell([run[name]["longestGap"] for run in streams], "ms") for name in ("majority", "one")] + [str(lost)]


CLIENT_TITLES = ["longest gap, w: majority (ms)", "longest gap, w: 1 (ms)", "lost writes"]


def failover_table(results):
    rows = [
        [way, *client_cells(runs), report.cell([run["command"] for run in runs], "ms")] for way, runs in results.items()
    ]
    title = "Another primary for a set of 3 that two clients write to every 5 ms: median (least–most)"
    return "\n".join([title, "", report.table(["way"] + CLIENT_TITLES + ["command returned (ms)"], rows)])


def guard_table(results):
    rows = [
        [way, str(len(runs)), *client_cells(runs), report.cell([run["elected"] for run in runs], "ms")]
        for way, runs in results.items()
    ]
    title = "The primary of a set of 3 dies or hangs while two clients write to it every 5 ms: median (least–most)"
    header = ["what", "rounds"] + CLIENT_TITLES + ["successor accepts writes (ms)"]
    return "\n".join([title, "", report.table(header, rows)])


def membership_table(results, megabytes):
    rows = [
        [way, *(report.cell([run[measure] for run in runs], "s") for measure in ("serving", "command"))]
        + client_cells(runs)
        for way, runs in results.items()
    ]
    title = f"A member with {megabytes} MiB to copy, while two clients write every 5 ms: median (least–most)"
    header = ["way", "serves and votes (s)", "command returned (s)"] + CLIENT_TITLES
    return "\n".join([title, "", report.table(header, rows)])


def watching_row(name, cost):
    figures = [f"{cost[side] * 1000:.1f}" for side in ("ownCPU", "serverCPU")]
    return [name, report.cell(cost["seconds"], "ms"), *figures, f"{cost['memoryMiB']:.0f}", f"{cost['bytes'] / 1000:.0f}"]


def monitoring_tables(one, many):
    title = "One set of 3 on an old server, looked at: milliseconds are median (least–most), or means"
    header = ["what", "took (ms)", "its processor (ms)", "the members' processor (ms)", "its memory (MiB)", "text (kB)"]
    first = "\n".join([title, "", report.table(header, [watching_row(*row) for row in one.items()])])
    title = "Sets of 3 simulated members, each looked at every 10 s: a look at one set"
    header = ["sets", "a look took (ms)", "its processor a look (ms)", "its memory (MiB)", "a scrape of all (ms)", "text (kB)"]
    rows = [
        [str(count), report.cell(cost["seconds"], "ms"), f"{cost['ownCPU'] * 1000:.1f}", f"{cost['memoryMiB']:.0f}",
         report.cell(cost["scrapeSeconds"], "ms"), f"{cost['bytes'] / 1000:.0f}"]
        for count, cost in many.items()
    ]
    return [first, "\n".join([title, "", report.table(header, rows)])]


def backup_table(results, size):
    rows = []
    for way, runs in results.items():
        seconds = report.summary([run["seconds"] for run in runs])["median"]
        processor = report.summary([run["processor"] for run in runs])["median"]
        output = f"{runs[0]['outputBytes'] / 1e6:.0f}" if "outputBytes" in runs[0] else ""
        rows.append([way, report.cell([run["seconds"] for run in runs], "s"), f"{size / 1e6 / seconds:.0f}",
                     f"{processor:.1f}", f"{max(run['memoryMiB'] for run in runs):.0f}", output])
    title = f"{size / 1e6:.0f} MB of documents on a secondary of a set of 3: median (least–most)"
    header = ["way", "took (s)", "MB/s", "its processor (s)", "its memory at most (MiB)", "files (MB)"]
    return "\n".join([title, "", report.table(header, rows)])


def sizes_table(results):
    rows = []
    for result in results:
        row = [f"{result['bytes'] / 1e6:.0f}"]
        for step in ("create", "restore"):
            measured = result[step]
            row += [f"{measured['seconds']:.1f}", f"{result['bytes'] / 1e6 / measured['seconds']:.0f}",
                    f"{measured['processor']:.1f}", f"{measured['memoryMiB']:.0f}"]
        rows.append(row)
    header = ["data (MB)"]
    for step in ("backup", "restore"):
        header += [f"{step} took (s)", "MB/s", "its processor (s)", "its memory at most (MiB)"]
    return "\n".join(["A backup (zstd) and its restore on a set of one, by the size of the data", "",
                      report.table(header, rows)])


def replay_table(results):
    rates = {way: [run["entries"] / run["seconds"] for run in runs] for way, runs in results.items()}
    rows = [
        [way, str(results[way][0]["entries"]), report.cell([run["seconds"] for run in results[way]], "s"),
         f"{report.summary(values)['median']:.0f}"]
        for way, values in rates.items()
    ]
    medians = [report.summary(values)["median"] for values in rates.values()]
    title = "Entries of an oplog replayed on a set of 3, without what the backup itself takes: median (least–most)"
    table = report.table(["way", "entries", "took (s)", "entries a second"], rows)
    return "\n".join([title, "", table, "", f"the replay is {medians[0] / medians[1]:.1f} times as fast"])


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
    if "first-write" in options.parts:
        results = first_write.run(options.sides, options.mongod, options.rounds, say)
        document["firstWriteSeconds"] = results
        tables.append(first_write_table(results))
    if "status" in options.parts:
        with_rkctl = rkctl in options.sides
        maker = rkctl if with_rkctl else options.sides[0]
        results = status.run(
            maker, rkctl.status_command if with_rkctl else None, options.mongod, options.status_rounds, say
        )
        document["statusSeconds"] = results
        tables.append(status_table(results))
    if "health" in options.parts:
        results = status.run(rkctl, rkctl.health_command, options.mongod, options.status_rounds, say, "--health")
        document["healthSeconds"] = results
        tables.append(status_table(results, "health"))
    if "failover" in options.parts:
        results = failover.run(options.mongod, options.rounds, say)
        document["failoverSeconds"] = results
        tables.append(failover_table(results))
    if "guard" in options.parts:
        results = guard.run(options.mongod, options.rounds, say)
        document["guardSeconds"] = results
        tables.append(guard_table(results))
    if "membership" in options.parts:
        results = membership.run(options.mongod, options.rounds, options.data_mb, say)
        document["membershipMiB"] = options.data_mb
        document["membershipSeconds"] = results
        tables.append(membership_table(results, options.data_mb))
    if "monitoring" in options.parts:
        one = monitoring.one_set(options.old_mongod, options.status_rounds, say)
        many = monitoring.many_sets(options.mongod, options.watch_seconds, say)
        document["monitoring"] = {"oneSet": one, "manySets": many}
        tables += monitoring_tables(one, many)
    if "backup" in options.parts:
        results, size = backup.run(options.mongod, options.rounds, options.data_mb, say)
        document["backup"] = {"bytes": size, "runs": results}
        tables.append(backup_table(results, size))
    if "replay" in options.parts:
        results = replay.run(options.mongod, options.rounds, options.entries, say)
        document["replay"] = results
        tables.append(replay_table(results))
    if "sizes" in options.parts:
        results = sizes.run(options.mongod, [int(size) for size in options.sizes_mb.split(",")], say)
        document["sizes"] = results
        tables.append(sizes_table(results))
    document["loadAfter"] = os.getloadavg()[0]

    stamp = document["takenAt"].replace(":", "").replace("+0000", "Z")
    output = options.output or REPOSITORY / ".bench" / f"{stamp}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=2) + "\n")
    print("\n\n".join(tables))
    say(f"every figure is in {output}")


main()
