"""What watching costs: `rkctl monitor` beside Debian's exporter on one set, and alone on many simulated sets."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

from machine import LOOPBACK, REPOSITORY, free_ports, scratch_directory, server_processes
from running_set import running_set
from sides import rkctl

EXPORTER = "prometheus-mongodb-exporter"
SIMULATOR = pathlib.Path(__file__).with_name("simulated_members.py")
COUNTS = (1, 10, 100)
DEADLINE = 120
TICK = os.sysconf("SC_CLK_TCK")


def exporter():
    """Debian's exporter: unpacked by scripts/tools, or installed."""
    unpacked = REPOSITORY / ".tools/debian/usr/bin" / EXPORTER
    return unpacked if unpacked.exists() else shutil.which(EXPORTER)


def cpu(pids):
    """The processor time that these processes have used, in seconds."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident(pids):
    """The memory that these processes hold, in MiB."""
    pages = [int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1048576


def get(url):
    """Body and seconds of one request, on a new connection."""
    started = time.monotonic()
    with urllib.request.urlopen(url, timeout=60) as answer:
        body = answer.read()
    return body, time.monotonic() - started


def wait_for(url):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            return get(url)
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer well within {DEADLINE} s")


@contextlib.contextmanager
def process(arguments, directory, name, **options):
    """A program that runs meanwhile, its output in a file."""
    with open(directory / f"{name}.log", "wb") as log:
        running = subprocess.Popen([str(word) for word in arguments], stdout=log, stderr=log, **options)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(30)


def scrapes(urls, pids, servers, rounds):
    """Scrapes all members, one round after the other: seconds a round, and what it cost each side."""
    seconds, sizes = [], []
    before, servers_before = cpu(pids), cpu(servers)
    for _ in range(rounds):
        answers = [get(url) for url in urls]
        seconds.append(sum(took for _, took in answers))
        sizes.append(sum(len(body) for body, _ in answers))
    return {
        "seconds": seconds, "bytes": sizes[-1], "ownCPU": (cpu(pids) - before) / rounds,
        "serverCPU": (cpu(servers) - servers_before) / rounds, "memoryMiB": resident(pids),
    }


def one_set(mongod, rounds, say):
    """Both ways on one real set of an old server: Debian's exporter knows no newer."""
    results = {}
    with running_set(rkctl, mongod, say) as made:
        servers = list(server_processes(made.directory))
        ports = made.setup.ports
        first = free_ports(4)
        password = made.setup.password_file.read_text().strip()
        with contextlib.ExitStack() as stack:
            pids = []
            for index, port in enumerate(ports):
                environment = os.environ | {"MONGODB_URL": f"mongodb://{made.setup.user}:{password}@{LOOPBACK}:{port}"}
                arguments = [exporter(), "-web.listen-address", f"{LOOPBACK}:{first + index}"]
                pids.append(stack.enter_context(process(arguments, made.directory, f"exporter{index}", env=environment)))
            urls = [f"http://{LOOPBACK}:{first + index}/metrics" for index in range(len(ports))]
            for url in urls:
                if b"\nmongodb_up 1" not in wait_for(url)[0]:
                    raise RuntimeError("the exporter does not reach its member")
            results["exporter, one process a member"] = scrapes(urls, pids, servers, rounds)
        say("the exporter is done")
        # So long an interval that no look falls into the scrapes; what looks cost is measured by themselves.
        for name, interval in (("rkctl monitor: a scrape", 3600), ("rkctl monitor: a look", 0.5)):
            command = rkctl.command(made.setup, "monitor", "--interval", str(interval), "--listen", f"{LOOPBACK}:{first}")
            with process(command, made.directory, "monitor") as pid:
                wait_for(f"http://{LOOPBACK}:{first}/readyz")
                url = f"http://{LOOPBACK}:{first}/metrics"
                if interval > 1:
                    results[name] = scrapes([url], [pid], servers, rounds)
                else:
                    results[name] = looks(f"http://{LOOPBACK}:{first}", [pid], servers, rounds * interval)
        say("rkctl monitor is done")
    return results


def looks(url, pids, servers, seconds):
    """What looks cost: their number comes from the monitor itself."""

    def taken():
        text = get(f"{url}/metrics")[0].decode()
        done = [line for line in text.splitlines() if line.startswith("replicakit_looks_total") and 'outcome="done"' in line]
        durations = [line for line in text.splitlines() if line.startswith("replicakit_last_look_duration_seconds{")]
        return sum(float(line.split()[-1]) for line in done), [float(line.split()[-1]) for line in durations]

    before, servers_before, (count, _) = cpu(pids), cpu(servers), taken()
    durations = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(2, seconds / 5))
        durations += taken()[1]
    own, server, (after, _) = cpu(pids) - before, cpu(servers) - servers_before, taken()
    made = max(1, after - count)
    return {
        "seconds": durations, "bytes": 0, "ownCPU": own / made, "serverCPU": server / made,
        "memoryMiB": resident(pids), "looks": made,
    }


@contextlib.contextmanager
def simulated(made, count, directory):
    """The specs of so many sets of simulated members, while these answer."""
    first = free_ports(3 * count)
    password = made.setup.password_file.read_text()
    arguments = [sys.executable, SIMULATOR, count, first, ",".join(map(str, made.setup.ports))]
    (directory / "password").write_text(password)
    (directory / "password").chmod(0o600)
    specs = []
    for number in range(count):
        spec = directory / f"sim{number}.yaml"
        members = [f"{{name: m{index + 1}, host: \"{LOOPBACK}:{first + 3 * number + index}\"}}" for index in range(3)]
        spec.write_text(
            f"name: sim{number}\nmembers: [{', '.join(members)}]\nruntime: {{external: {{}}}}\n"
            f"security: {{admin: {{user: {made.setup.user}, password: {{file: password}}}}}}\n"
        )
        specs.append(spec)
    with open(directory / "password") as given, process(arguments, directory, "members", stdin=given):
        end = time.monotonic() + DEADLINE
        while b"ready" not in (directory / "members.log").read_bytes():
            if time.monotonic() > end:
                raise RuntimeError((directory / "members.log").read_text())
            time.sleep(0.1)
        yield specs


def many_sets(mongod, seconds, say):
    """Sets of three simulated members each, looked at every 10 seconds; number of sets -> what a look cost."""
    results = {}
    with running_set(rkctl, mongod, say) as made:
        for count in COUNTS:
            with scratch_directory() as directory, simulated(made, count, directory) as specs:
                port = free_ports(1)
                command = [rkctl.PROGRAM, "monitor", *specs, "--listen", f"{LOOPBACK}:{port}", "--quiet"]
                with process(command, directory, "monitor") as pid:
                    url = f"http://{LOOPBACK}:{port}"
                    wait_for(f"{url}/readyz")
                    # Two rounds first: the members' answers are then remembered, and what the monitor keeps is there.
                    time.sleep(20)
                    results[count] = looks(url, [pid], [], seconds)
                    text = get(f"{url}/metrics")[0]
                    up = [line for line in text.splitlines() if line.startswith(b"replicakit_lag_seconds{")]
                    if len(up) != 3 * count:
                        raise RuntimeError(f"only {len(up)} of {3 * count} simulated members are seen whole")
                    results[count]["bytes"] = len(text)
                    results[count]["scrapeSeconds"] = [get(f"{url}/metrics")[1] for _ in range(10)]
            say(f"{count} sets: {results[count]['ownCPU'] * 1000:.1f} ms of processor a look")
    return results
