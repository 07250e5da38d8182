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

# As they are mangled: in front of a name that is not, there may be the type of a result.
shown = output_of("nm", "--dynamic", "--defined-only", library).splitlines()
symbols = [found.group(1) for line in shown if (found := re.match(r"\w+ [TW] (\w+)", line))]
ours = [name for name in symbols if re.match(r"_ZNK?10cloudflare", name)]
assert len(ours) > 100, f"only {len(ours)} functions of ours can be seen"
unversioned = [name for name in ours if not re.match(r"_ZNK?10cloudflare2v\d", name)]
assert not unversioned, f"without the version's namespace: {unversioned[:5]}"
inside = [name for name in ours
          if re.match(r"_ZNK?10cloudflare2v\d(?:4http|4call|5quota|6memory)", name)]
assert not inside, f"what is inside can be seen: {inside[:5]}"
print(f"{soname}: {len(ours)} functions of ours")
