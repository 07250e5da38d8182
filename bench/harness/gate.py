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
    counted = {}
    for name, connections, options in CASES:
        client = Client(name, build / "bench" / "bench_create", *options)
        command = client.command(server, connections, REQUESTS)
        counted[name] = {
            "instructions": round(counts.instructions(command, REQUESTS)),
            "allocations": round(counts.allocations(build, command)["allocations_per_request"], 2),
        }
    return counted


def check(build, server):
    limits = json.loads(LIMITS.read_text())["per request"]
    grown = 0
    for name, counted in count(build, server).items():
        for what, now in counted.items():
            limit = limits[name][what]
            change = now / limit - 1
            verdict = "GROWN" if change > TOLERANCE else "ok"
            grown += change > TOLERANCE
            print(f"{verdict:6} {name}: {now:,} {what}, recorded {limit:,} ({change:+.1%})",
                  flush=True)
    if grown:
        print("If that is worth it, record it: tools/bench --record")
    return 1 if grown else 0


def record(build, server):
    recorded = {"recorded on": machine.description(), "per request": count(build, server)}
    LIMITS.write_text(json.dumps(recorded, indent=4) + "\n")
    print(LIMITS.read_text(), end="")
