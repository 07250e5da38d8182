"""Counts that do not depend on what else runs: user instructions and allocations a request.

Both are of the measured part alone: callgrind is told its function, the allocation counter is asked
at its begin and end.
"""

import re
import subprocess
import tempfile

from contestants import run_json

MEASURED = "bench::measured(*"


def instructions(command, requests):
    with tempfile.NamedTemporaryFile(prefix="callgrind-") as out:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--toggle-collect={MEASURED}",
             f"--callgrind-out-file={out.name}", *map(str, command)],
            text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not counted:
        raise SystemExit(f"valgrind: {done.stderr}")
    return int(counted[1]) / requests


def allocations(build, command):
    preload = str(build / "bench" / "libcount_allocations.so")
    return run_json(command, LD_PRELOAD=preload)
