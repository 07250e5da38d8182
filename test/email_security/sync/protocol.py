#!/usr/bin/env python3
"""Checks the model of syncs at one list exhaustively, and that it fails without its rules.

usage: protocol.py MODEL

Answers that are lost and another owner's sync are not tried together: that takes a minute and some
gigabytes for each number of entries (spin -a -DMOST_LOSSES=1 MODEL).
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def check(model, **macros):
    """How many states were searched, and whether a check failed."""
    with tempfile.TemporaryDirectory() as place:
        given = [f"-D{name}={value}" for name, value in macros.items()]
        subprocess.run(["spin", "-a", *given, model], cwd=place, check=True, capture_output=True)
        subprocess.run(["cc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=1500", "-o", "pan",
                        "pan.c"], cwd=place, check=True)
        told = subprocess.run(["./pan", "-m100000"], cwd=place, check=True, capture_output=True,
                              text=True).stdout
    errors = int(re.search(r"errors: (\d+)", told).group(1))
    states = float(re.search(r"([\d.e+]+) states, stored", told).group(1))
    cut = "Search not completed" in told or "search depth too small" in told
    if cut and errors == 0:
        sys.exit(f"not searched to the end: {macros}\n{told}")
    print(f"{macros}: {states:.0f} states, {'a check fails' if errors else 'no check fails'}")
    return errors


def main():
    if not shutil.which("spin"):
        print("spin is not installed")
        return SKIPPED
    model = str(pathlib.Path(sys.argv[1]).resolve())
    failed = 0
    for before in range(3):
        failed += check(model, BEFORE=before, MOST_LOSSES=0)
        for refuses in range(2):
            failed += check(model, BEFORE=before, WITH_OTHER=0, MOST_LOSSES=2, REFUSES=refuses)
    for rule in "WITHOUT_LOOK", "WITHOUT_LAST":
        if not check(model, BEFORE=2, MOST_LOSSES=0, **{rule: 1}):
            print(f"nothing fails with {rule}")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
