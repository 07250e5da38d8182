#!/usr/bin/env python3
"""Reads what a shared library of ours lets others link with.

usage: symbols.py LIBRARY

Its SONAME must have the version that may break programs: MAJOR.MINOR before 1.0. Of ours it must
show what public headers declare, and nothing of the rooms inside.
"""
import re
import subprocess
import sys


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


library = sys.argv[1]
soname = re.search(r"SONAME.*\[(.+)\]", output_of("readelf", "-d", library)).group(1)
version = re.search(r"\.so\.(\d+)\.(\d+)\.\d+$", library)
expected = f"libcloudflare_email_security.so.{version.group(1)}"
if version.group(1) == "0":
    expected += f".{version.group(2)}"
assert soname == expected, f"{soname}, not {expected}"

shown = output_of("nm", "--dynamic", "--defined-only", "--demangle", library).splitlines()
functions = [line.split(" ", 2)[2] for line in shown if re.match(r"\w+ [TW] ", line)]
ours = [name for name in functions if name.startswith("cloudflare::")]
assert len(ours) > 100, f"only {len(ours)} functions of ours can be seen"
inside = [name for name in ours
          if re.match(r"cloudflare::(?:v\d+::)?(?:http|call|quota|memory)::", name)]
assert not inside, f"what is inside can be seen: {inside[:5]}"
unversioned = [name for name in ours if not re.match(r"cloudflare::v\d+::", name)]
assert not unversioned, f"without the version's namespace: {unversioned[:5]}"
print(f"{soname}: {len(ours)} functions of ours")
