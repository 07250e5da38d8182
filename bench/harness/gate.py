"""Holds what a create costs in instructions and allocations against recorded limits.

Both are counts, so that a change of the code shows however busy the machine is; other versions of
the compiler, OpenSSL or Boost change them too, and then the limits are to be recorded again.
"""

import json
import pathlib

import counts
import machine
from contestants import Client

LIMITS = pathlib.Path(__file__).resolve().parent.parent / "limits.json"
TOLERANCE = 0.03
REQUESTS = 2000
CASES = [
    ("create, 1 connection", 1, []),
    ("create, 64 connections", 64, []),
    ("create, 64 connections, event hook", 64, ["--event-hook"]),
]


def count(build, server):
    """The cases and their counts, one after the other."""
    for name, connections, options in CASES:
        client = Client(name, build / "bench" / "bench_create", *options)
        command = client.command(server, connections, REQUESTS)
        allocated = counts.allocations(build, command)["allocations_per_request"]
        yield name, {"instructions": round(counts.instructions(command, REQUESTS)),
                     "allocations": round(allocated, 2)}


def check(build, server):
    limits = json.loads(LIMITS.read_text())["per request"]
    verdicts = []
    for name, counted in count(build, server):
        for what, now in counted.items():
            limit = limits[name][what]
            change = now / limit - 1
            verdicts.append("GROWN" if change > TOLERANCE else
                            "less" if change < -TOLERANCE else "same")
            print(f"{verdicts[-1]:6} {name}: {now:,} {what}, recorded {limit:,} ({change:+.1%})",
                  flush=True)
    if "GROWN" in verdicts:
        print("If what it brings is worth that, record it: tools/bench --record")
    elif "less" in verdicts:
        print("Record it, so that it stays: tools/bench --record")
    return 1 if "GROWN" in verdicts else 0


def record(build, server):
    recorded = {"recorded on": machine.description(), "per request": dict(count(build, server))}
    LIMITS.write_text(json.dumps(recorded, indent=4) + "\n")
    print(LIMITS.read_text(), end="")
