"""What a client notices while something is done to a set."""

import itertools
import json
import pathlib
import subprocess
import sys
import time

SCRIPT = pathlib.Path(__file__).with_name("writer_pymongo.py")
# A stall that the work leaves behind begins after it has ended: a member waits a second before it changes its source.
AFTERWARDS = 3


class Writer:
    """Runs the independent writer around a measurement."""

    _numbers = itertools.count(1)

    def __init__(self, made):
        setup = made.setup
        self._process = subprocess.Popen(
            [sys.executable, SCRIPT, setup.user, setup.password_file, f"writer{next(self._numbers)}"]
            + [str(port) for port in setup.ports],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        if self._process.stdout.readline() != "ready\n":
            self.__exit__()
            raise RuntimeError("the writer could not begin")
        self._since = time.monotonic()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def report(self):
        """Stream -> its longest gap in seconds while the work was done and a little after, failed and lost writes."""
        time.sleep(AFTERWARDS)
        told = json.loads(self._process.communicate(timeout=120)[0])
        return {
            name: {
                "longestGap": self._longest_gap(stream["acknowledgedAt"]),
                "acknowledged": len(stream["acknowledgedAt"]),
                "failed": stream["failed"],
                "lost": stream["lost"],
            }
            for name, stream in told.items()
        }

    def _longest_gap(self, times):
        return max(later - earlier for earlier, later in itertools.pairwise(times) if later >= self._since)
