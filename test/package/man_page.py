#!/usr/bin/env python3
"""Holds a program's manual page against its help.

usage: man_page.py PROGRAM

Each command has its place in the page, with each of its options; the page is what roff takes for
one. The page is made of the options themselves, so this finds what was lost on the way.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import tree

program = sys.argv[1]
name = Path(program).name
page = subprocess.run([program, "man"], check=True, capture_output=True, text=True).stdout
assert page.startswith(f".TH {name.upper()} 1 "), page[:80]

plain = re.sub(r"\\f[BIR]", "", page.replace("\\-", "-"))
sections = {}
for section in re.split(r"^\.S[HS] ", plain, flags=re.M)[1:]:
    heading, _, text = section.partition("\n")
    sections[heading.strip('"')] = text
assert {"NAME", "SYNOPSIS", "OPTIONS"} <= sections.keys(), sections.keys()

commands = tree.commands_of(program)
count = 0
for command, text in commands.items():
    if not command:
        where = sections["OPTIONS"]
    else:
        full = " ".join((name, *command))
        where = sections.get(full) or sections.get(" ".join(command).upper())
        assert where is not None, f"{full} is not in the page"
    for option in tree.options_in(text) - ({"--help"} if command else set()):
        assert re.search(rf"^(?:-\w, )?{option}\b", where, re.M), f"{command} {option}"
        count += 1
assert len(commands) > 1 and count > 10, (len(commands), count)

# A line that begins with a dot is a request; only these are made.
for line in page.splitlines():
    if line.startswith((".", "'")):
        assert re.match(r"\.(TH|SH|SS|TP|PP|nh|ad)\b", line), line
if shutil.which("mandoc"):
    subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=page, text=True, check=True)
if shutil.which("groff"):
    made = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, text=True, check=True,
                          capture_output=True)
    assert not made.stderr, made.stderr
print(f"{len(commands)} commands, {count} options")
