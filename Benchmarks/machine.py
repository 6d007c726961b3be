"""What a benchmark borrows from the machine, and gives back: a folder, ports, processes."""

import contextlib
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def scratch_directory():
    """A private folder; at the end every server that was started on data inside it is killed, then it goes."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="replicakit-bench-")).resolve()
    try:
        yield directory
    finally:
        kill_servers(directory)
        shutil.rmtree(directory, ignore_errors=True)


def free_ports(count):
    """The first of `count` ports in a row that nothing listens on (mlaunch takes only the first of a range)."""
    for _ in range(200):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind((LOOPBACK, 0))
            base = first.getsockname()[1]
            # Below the range from which the kernel gives ports to clients, so that nobody takes them meanwhile.
            base = 20000 + base % 10000
            try:
                for port in range(base, base + count):
                    stack.enter_context(socket.socket()).bind((LOOPBACK, port))
            except OSError:
                continue
            return base
    raise RuntimeError(f"no {count} free ports in a row on {LOOPBACK}")


def server_processes(directory):
    """pid -> arguments of every mongod whose data lies inside `directory`."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if any(f"{directory}/" in argument for argument in arguments) and "mongod" in arguments[0]:
                found[int(entry.name)] = arguments
    return found


def kill_servers(directory, deadline=30):
    """Kills the servers of one run (its data is thrown away) and returns once they are gone."""
    end = time.monotonic() + deadline
    while pids := server_processes(directory):
        if time.monotonic() > end:
            raise RuntimeError(f"these servers would not die: {sorted(pids)}")
        for pid, arguments in pids.items():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if "--port" in arguments:
                # A killed server leaves its socket file behind.
                port = arguments[arguments.index("--port") + 1]
                pathlib.Path(f"/tmp/mongodb-{port}.sock").unlink(missing_ok=True)
        time.sleep(0.02)


class Command:
    """A program that runs beside the measurement; its output goes to a file, shown when it fails."""

    def __init__(self, arguments, directory, log):
        self.arguments = [str(argument) for argument in arguments]
        self.log = pathlib.Path(log)
        self.started = time.monotonic()
        with open(self.log, "wb") as output:
            self._process = subprocess.Popen(
                self.arguments, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def finish(self, deadline, accepted=(0,)):
        """Seconds from start to exit; raises with the program's own words unless it exits with an accepted code in time."""
        # Not wait(timeout=…): it looks again only every 50 ms, which would be most of what is measured.
        ended = os.pidfd_open(self._process.pid)
        try:
            left = max(0.1, self.started + deadline - time.monotonic())
            if not select.select([ended], [], [], left)[0]:
                self.stop()
                raise RuntimeError(f"{self.arguments[0]} did not end within {deadline} s:\n{self._tail()}")
        finally:
            os.close(ended)
        took = time.monotonic() - self.started
        code = self._process.wait()
        if code not in accepted:
            raise RuntimeError(f"{self.arguments[0]} ended with exit code {code}:\n{self._tail()}")
        return took

    def stop(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
